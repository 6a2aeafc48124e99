/** Half-written forms: kept sealed while they are typed, given back after an interruption, and answered with what deserves a second look. */
import kinds from '../../sync/kinds.json' with {type: 'json'};
import * as rules from '../../sync/rules.js';
import {byKind, piece, text} from './page.js';
import {colleagues} from './colleagues.js';
import {door_of, home_of} from './home.js';
import {readersOfLiaison} from './liaison_words.js';
import {loadWords} from './load_words.js';
import {aloud, cover} from './nameless.js';
import {overlap} from './overlaps.js';
import {readersOfDiscussion} from './participants.js';
import {preview} from './previews.js';
import {readBack} from './reading_back.js';
import {readersOf, readersOfContact, readersOfPlan, readersOfSafety} from './readers.js';
import {TOPICS, counts, warnings} from './second_look.js';
import {pointsHere, readersFor} from './steering_forms.js';
import {wordsOf} from './signing.js';

// A draft would give these back to whoever opens the form next.
const VEILED = Object.entries(kinds.kinds).flatMap(([kind, {veiled = []}]) => veiled.map((name) => `${kind}_${name}`));

/** POST /drafts: keeps what is in a form; the answer says so and fills the counts and questions beside its fields. */
export async function keepDraft(request, env) {
  const values = await request.formData();
  const name = values.get('draft_of');
  if (!name || env.spent.has(values.get('op'))) return piece(env, 'draft.html', {text: '', parts: []});
  const fits = await roomFor(() => env.phone.drafts.keep(name, [...values].filter(([key]) => !VEILED.includes(key))).then(() => true));
  const told = env.fleeting() ? '' : env.say(fits ? 'draft.kept' : 'draft.full');
  return piece(env, 'draft.html', {text: told, ...await beside(env, name, values)});
}

/** The draft of this form as it was typed, null when there is none. */
export async function kept(env, name) {
  const pairs = await env.phone.drafts.find(name);
  if (!pairs) return null;
  const values = new FormData();
  for (const [key, value] of pairs) values.append(key, value);
  return values;
}

/** Keeps what a form made: its changes as numbered, or null when this phone is full and nothing was kept. A late draft of it is not kept any more. */
export async function keepForm(env, changes, values) {
  const op = values.get('op');
  const done = await roomFor(() => env.phone.add(changes, {op, draft: values.get('draft_of')}));
  if (!done) return null;
  env.spent.add(op);
  env.wake();
  return done.changes;
}

/** The question beside a text that names nobody but seems to point at somebody; '' when it does not. */
export function pointsAt(env, values, name) {
  if (values.get('resident')) return '';
  const found = rules.identifiers(text(values, name) ?? '');
  return found.length ? env.say('contact.points', {what: found.map((one) => env.say(`identifier.${one}`)).join(', ')}) : '';
}

async function roomFor(work) {
  try {
    return await work();
  } catch (error) {
    if (error.name !== 'Full') throw error;
    return null;
  }
}

async function beside(env, name, values) {
  const known = byKind(await env.phone.first());
  const people = colleagues(env, known.colleague);
  if (name.startsWith('visit-new')) return {parts: [...besideVisit(env, values), ...await readersHere(env, known, people, name, values)]};
  if (name.startsWith('consent-')) return {parts: besideConsent(env, {people, residents: known.resident}, values)};
  if (name.startsWith('task-new')) return {parts: await besideTask(env, await door_of(env, houseOf(name)), values)};
  if (name.startsWith('steering-')) return {parts: await besideSteering(env, name, values)};
  if (name.startsWith('liaison-')) return {parts: await besideLiaison(env, await door_of(env, houseOf(name)), values)};
  if (name.startsWith('discussion-')) return {parts: await besideDiscussion(env, await home_of(env, houseOf(name)), values)};
  if (name.startsWith('safety-')) return {parts: await besideSafety(env, await door_of(env, houseOf(name)), values)};
  if (name.startsWith('load-')) return {parts: loadWords(env, values)};
  if (name.startsWith('share-')) return {parts: [], preview: await besideShare(env, name, values)};
  return {parts: values.has('place_name') ? [...besideWords(env, values), {id: 'readers', text: await readersOfContact(env, known, people, values.get('resident'))}] : []};
}

/** Of a household with more people, who reads depends on whom it is about. */
async function readersHere(env, known, people, name, values) {
  const id = houseOf(name);
  const residents = known.resident.filter(({fields}) => fields.household === id);
  if (residents.length < 2) return [];
  const asked = TOPICS.filter((topic) => values.has(`text_${topic}`));
  return [{id: 'readers', text: await readersOf(env, {known, people, id, residents}, asked, values.get('resident') || null)}];
}

async function besideShare(env, name, values) {
  const home = await home_of(env, houseOf(name));
  return home && preview(env, home.known, home.people, values, home.id);
}

async function besideSteering(env, name, values) {
  const home = await door_of(env, houseOf(name));
  const [, kind] = /^steering-(\w+)/.exec(name);
  if (!home) return [];
  const warned = kind === 'obstacle' ? [{id: 'warn-text', text: pointsHere(env, home, values)}] : [];
  return [...warned, {id: 'readers', text: await readersFor(env, home, kind, values)}];
}

async function besideTask(env, home, values) {
  return home ? [{id: 'overlap', text: overlap(env, home, values)}, {id: 'readers', text: await readersOfPlan(env, home, values.get('task_volunteer'))}] : [];
}

async function besideLiaison(env, home, values) {
  return home ? [{id: 'readers', text: await readersOfLiaison(env, home, values)}] : [];
}

async function besideDiscussion(env, home, values) {
  if (!home) return [];
  return [{id: 'cover', text: await cover(env, home, values)}, {id: 'aloud', text: aloud(env, home, values)}, {id: 'readers', text: await readersOfDiscussion(env, home, values)}];
}

async function besideSafety(env, home, values) {
  return home ? [{id: 'readers', text: await readersOfSafety(env, home, values.get('resident'))}] : [];
}

function besideConsent(env, home, values) {
  const said = {...readBack(env, home.people, values), 'signed-words': wordsOf(env, home, values)};
  return Object.entries(said).map(([id, words]) => ({id, text: words}));
}

function houseOf(name) {
  return /household:(\S+)/.exec(name)?.[1] ?? '';
}

function besideVisit(env, values) {
  const filled = Object.entries(counts(values)).map(([id, count]) => ({id: `count-${id}`, text: count}));
  return [...filled, ...warnings(env, values)];
}

function besideWords(env, values) {
  return ['text', 'signal'].map((name) => ({id: `warn-${name}`, text: pointsAt(env, values, name)}));
}

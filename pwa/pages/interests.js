/** What somebody likes to do with another, whom the office found for that, still without a name, and what they say to it. */
import {go, missing, savedLine, show, stated, writer} from './page.js';
import {alsoWritten, begun, factsPage, fieldsOf, keepFacts, mended, written} from './facts.js';
import {keepForm} from './drafts.js';
import {NEAR, agreedWords} from './helper_rows.js';
import {door_of} from './home.js';
import {dayName} from './plans.js';
import {readersOf} from './readers.js';
import {listed} from './sentences.js';

const GROUPS = [['likes', ['likes', 'text', 'weekdays', 'when', 'near']], ['agreed', ['agreed', 'agreed_on']]];
// As far as the office takes these words: server/reckoning.py, REACH.
const REACH = {street: 300, neighbourhood: 1500};
// What a helper likes to do, by what two like to do together.
const CAN = {walks: 'walks', garden: 'garden', cooking: 'meals'};
const AT_ONCE = 'company';

/** GET /households/{id}/interests?saved= what was just written here. */
export async function interests(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  await env.phone.reads.note(home.house.subject, 'household');
  const record = new URL(request.url).searchParams.get('saved');
  const saved = await savedLine(env, record, home.known.interest.some((one) => one.id === record) ? 'interest.saved' : 'interest.answered');
  return show(env, 'interests.html', {household: id, saved, people: home.residents.map((one) => person(env, home, one))},
    {tab: 'households', page: 'interests', live: true, spoken: saved, back: {href: `/households/${id}/network`, text: env.say('network.name')}});
}

/** The way there from the network, with how many were found with whom nothing was done yet. */
export function togetherOf(env, home) {
  const n = home.known.match.filter((one) => stage(one) === 'proposed' || (stage(one) === 'met' && !inNetwork(home, one.fields))).length;
  return {href: `/households/${home.id}/interests`, found: n ? env.say('interest.proposals', {n}) : ''};
}

/** GET /households/{id}/interests/new?resident=. */
export async function newInterest(request, env, {id}) {
  const {home, resident} = await whose(request, env, id);
  if (!resident) return missing(env);
  const {values, outcome} = await begun(env, `interest-new household:${id} ${resident.id}`);
  return newForm(env, home, resident, values, outcome);
}

/** POST /households/{id}/interests?resident=. */
export async function addInterest(request, env, {id}) {
  const {home, resident} = await whose(request, env, id);
  if (!resident) return missing(env);
  const values = await request.formData();
  const change = env.phone.change('interest', {subject: resident.subject, topic: 'social', by: writer(env).id, fields: written('interest', values)});
  return keepFacts(env, values, [change], {again: (outcome) => newForm(env, home, resident, values, outcome), then: ([made]) => go(placeOf(home, made.record))});
}

/** GET /interests/{id}/edit?in= household. */
export async function editInterest(request, env, {id}) {
  const found = await find(request, env, 'interest', id);
  if (!found) return missing(env);
  const {values, outcome} = await begun(env, `interest-edit household:${found.home.id} ${id}`, 'interest', found.one);
  return editForm(env, found, values, outcome);
}

/** POST /interests/{id}?in= household: what changed, and nothing else. */
export async function mendInterest(request, env, {id}) {
  const found = await find(request, env, 'interest', id);
  if (!found) return missing(env);
  const values = await request.formData();
  const changes = mended(env, 'interest', found.one, values, writer(env).id);
  return keepFacts(env, values, changes, {again: (outcome) => editForm(env, found, values, outcome), then: ([made]) => go(placeOf(found.home, made?.record))});
}

/** POST /matches/{id}/answer?in= household: yes or no, by the word of whom it is about. */
export function answerMatch(request, env, {id}) {
  return change(request, env, id, (values) => ({resident_says: values.get('answer') === 'yes' ? 'yes' : 'no'}));
}

/** POST /matches/{id}/ending?in= household: they met, and it came to nothing. */
export function endMatch(request, env, {id}) {
  return change(request, env, id, () => ({ended: true}));
}

/** POST /matches/{id}/helper?in= household: whoever was found is part of the network from now on. */
export async function keepMatch(request, env, {id}) {
  const found = await find(request, env, 'match', id);
  if (!found?.one.fields.name) return missing(env);
  const {home, one: {fields}} = found;
  const near = NEAR.find((where) => fields.metres <= REACH[where]) ?? 'further';
  const can = [...new Set(fields.likes.map((like) => CAN[like] ?? AT_ONCE))];
  const told = {name: fields.name, relation: 'volunteer', volunteer: fields.volunteer, near, can, agreed: 'yes', agreed_on: env.today(), ...(fields.weekdays?.length && {weekdays: fields.weekdays})};
  if (inNetwork(home, fields)) return go(placeOf(home));
  const made = await keepForm(env, [env.phone.change('helper', {subject: home.house.subject, topic: 'practical', by: writer(env).id, fields: told})], await request.formData());
  return go(made ? `/households/${home.id}/network?saved=${made[0].record}` : placeOf(home));
}

/** What somebody likes, on which days and how far, in words: {likes, when}. */
export function wishWords(env, {likes = [], weekdays = [], when, near}) {
  const days = weekdays.length ? env.say('interest.days', {days: listed(env, weekdays.map((day) => dayName(env, day)))}) : env.say('interest.any_day');
  return {likes: likes.map((like) => env.say(`likes.${like}`)), when: [days, when, near && env.say(`interest.near.${near}`)].filter(Boolean).join(' · ')};
}

async function change(request, env, id, fieldsOf_) {
  const found = await find(request, env, 'match', id);
  if (!found) return missing(env);
  const values = await request.formData();
  const made = await keepForm(env, [env.phone.change('match', {record: found.one.record, by: writer(env).id, fields: fieldsOf_(values)})], values);
  return go(placeOf(found.home, made?.[0].record));
}

async function whose(request, env, id) {
  const home = await door_of(env, id);
  const asked = new URL(request.url).searchParams.get('resident');
  return {home, resident: home?.residents.find((one) => one.id === asked) ?? null};
}

async function find(request, env, kind, id) {
  const home = await door_of(env, new URL(request.url).searchParams.get('in') ?? '');
  const one = home?.known[kind].find((each) => each.id === id);
  const resident = one && home.residents.find(({subject}) => subject === one.subject);
  return resident ? {home, one, resident} : null;
}

function placeOf({id}, saved = null) {
  return `/households/${id}/interests${saved ? `?saved=${saved}` : ''}`;
}

function person(env, home, resident) {
  const name = resident.fields.given ?? resident.fields.name;
  const all = home.known.interest.filter(({subject}) => subject === resident.subject);
  return {id: resident.id, name, add: `/households/${home.id}/interests/new?resident=${resident.id}`, ask: env.say('interest.title', {name}), interests: all.map((one) => card(env, home, name, one))};
}

function card(env, home, name, one) {
  const {agreed, text, placed} = one.fields;
  const all = home.known.match.filter(({fields}) => fields.interest === one.id).sort((a, b) => a.fields.metres - b.fields.metres || a.id.localeCompare(b.id));
  const matches = all.filter((each) => stage(each) !== 'over').map((each) => match(env, home, name, each));
  const looking = agreed === 'yes' && !matches.some(({is}) => is !== 'no');
  return {
    ...wishWords(env, one.fields), text: text ?? '', agreed: agreedWords(env, one.fields), agreed_tone: {yes: 'moss', no: 'plain'}[agreed] ?? 'ochre', also: alsoWritten(env, home.people, one),
    unplaced: agreed === 'yes' && placed === false ? env.say('interest.unplaced') : '', asleep: agreed === 'yes' ? '' : env.say('interest.asleep', {name}),
    none: looking && placed !== false ? env.say(all.some(fellThrough) ? 'interest.fell_through' : 'interest.none') : '',
    matches, edit: `/interests/${one.id}/edit?in=${home.id}`, ...stated(env, one.state),
  };
}

function match(env, home, name, one) {
  const {fields} = one;
  const days = fields.weekdays?.length ? env.say('interest.can', {days: listed(env, fields.weekdays.map((day) => dayName(env, day)))}) : '';
  const is = stage(one);
  return {
    is, likes: env.say('interest.also_likes', {likes: listed(env, fields.likes.map((like) => env.say(`likes.${like}`).toLowerCase()))}), where: env.say('interest.where', {metres: fields.metres}), days,
    title: is === 'met' ? fields.name : env.say(`interest.is.${is}`), ask: env.say('interest.ask', {name}), said: is === 'met' || is === 'proposed' ? '' : env.say(`interest.said.${is}`, {name}),
    kept: is === 'met' && inNetwork(home, fields), answer: `/matches/${one.id}/answer?in=${home.id}`, keep: `/matches/${one.id}/helper?in=${home.id}`, end: `/matches/${one.id}/ending?in=${home.id}`,
    op: env.phone.id(), end_op: env.phone.id(), ...stated(env, one.state),
  };
}

/** How far it is: over, met, no, yes (now the other is asked), or proposed. */
function stage({fields}) {
  if (fields.ended) return 'over';
  return fields.name ? 'met' : fields.resident_says ?? 'proposed';
}

/** Whether it ended after a yes; why is nobody's business. */
function fellThrough({fields}) {
  return Boolean(fields.ended) && fields.resident_says === 'yes';
}

function inNetwork({known}, {volunteer}) {
  return known.helper.some(({fields}) => fields.volunteer === volunteer);
}

function newForm(env, home, resident, values, outcome) {
  return form(env, home, resident, values, outcome, {action: `/households/${home.id}/interests?resident=${resident.id}`, save: env.say('interest.save')});
}

function editForm(env, {home, one, resident}, values, outcome) {
  return form(env, home, resident, values, outcome, {action: `/interests/${one.id}?in=${home.id}`, save: env.say('facts.save')}, one);
}

async function form(env, home, resident, values, outcome, page, one = null) {
  const groups = GROUPS.map(([id, names]) => fieldsOf(env, 'interest', values, {id, legend: env.say(`interest.group.${id}`), one, people: home.people, names}));
  const readers = await readersOf(env, home, ['social'], resident.id);
  return factsPage(env, values, {...page, title: env.say('interest.title', {name: resident.fields.given ?? resident.fields.name}), lead: env.say('interest.lead'), back: placeOf(home), groups, readers}, outcome);
}

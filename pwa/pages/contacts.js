/** Buurtcontacten: where somebody was met and how, with or without a name, and what stands out in the neighbourhood. */
import {local} from '../i18n.js';
import {faults} from './faults.js';
import {FULL, byKind, go, hat, line, options, savedLine, show, text, writer} from './page.js';
import {colleagues} from './colleagues.js';
import {keepForm, kept, pointsAt} from './drafts.js';
import {contactRows} from './contact_rows.js';
import {readersOfContact} from './readers.js';

const PLACES = ['street', 'square', 'park', 'doorstep', 'shop', 'centre', 'school', 'elsewhere'];
const WAYS = ['greeting', 'talk', 'listening', 'question', 'group', 'phone'];
const LENSES = ['none', 'health', 'community'];
const FORM = 'contact-new';
const PAGE = 50;

/** GET /contacts: of every team of mine, newest day first; ?shown= how many, ?saved= a contact just written. */
export async function contacts(request, env) {
  const {searchParams} = new URL(request.url);
  const known = await known_of(env);
  const rows = contactRows(env, known, colleagues(env, known.colleague));
  const most = Number(searchParams.get('shown')) || PAGE;
  const saved = await savedLine(env, searchParams.get('saved'), 'saved.contact');
  return show(env, 'contacts.html', {
    groups: grouped(env, rows.slice(0, most)), saved, count: rows.length ? env.say('contacts.count', {n: rows.length}) : '', empty: rows.length ? '' : env.say('contacts.empty'),
    older: rows.length > most ? {href: `/contacts?shown=${most + PAGE}`, text: env.say('contacts.older', {n: rows.length - most})} : null,
  }, {tab: 'today', page: 'contacts', live: true, spoken: saved, back: {href: '/today', text: env.say('tab.today')}});
}

/** GET /contacts/new; a half-written contact comes back. */
export async function newContact(request, env) {
  const draft = await kept(env, FORM);
  const values = draft ?? new FormData();
  if (!draft) for (const [key, value] of [['op', env.phone.id()], ['draft_of', FORM], ['at', env.now()]]) values.set(key, value);
  return form(env, byKind(await env.phone.first()), values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /contacts: the contact, and the signal that came of it, in one transaction. */
export async function addContact(request, env) {
  const known = byKind(await env.phone.first());
  const values = await request.formData();
  const {changes, errors} = judged(env, known, values);
  if (errors.length) return form(env, known, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, changes, values);
  if (!made) return form(env, known, values, {trouble: env.say('full.form'), status: FULL});
  return go(`/contacts?saved=${made[0].record}`);
}

async function known_of(env) {
  const teams = [...new Set(env.phone.me().hats.map(({team}) => `team:${team}`))];
  await Promise.all(teams.map((team) => env.phone.reads.note(team, 'contacts')));
  const lists = await Promise.all([env.phone.first(), ...teams.map((team) => env.phone.records(team))]);
  return byKind([...new Map(lists.flat().map((record) => [record.id, record])).values()]);
}

function grouped(env, rows) {
  const groups = [];
  for (const one of rows) {
    const day = env.speaker().near(one.on, env.today());
    const on = day.charAt(0).toUpperCase() + day.slice(1);
    if (groups.at(-1)?.on !== on) groups.push({on, contacts: []});
    groups.at(-1).contacts.push(one);
  }
  return groups;
}

function judged(env, known, values) {
  const resident = values.get('resident');
  if (resident && !known.resident.some(({id}) => id === resident)) return {changes: [], errors: [{field: 'resident', message: env.say('contact.gone')}]};
  const changes = contactChanges(env, values);
  const unsaid = changes.length === 1 && !['none', '', null].includes(values.get('lens'));
  if (unsaid) return {changes, errors: [{field: 'signal', message: env.say('contact.signal_empty')}]};
  const said = changes.length > 1 || ['place', 'way', 'text', 'place_name'].some((name) => changes[0].fields[name]);
  if (!said) return {changes, errors: [{field: 'place', message: env.say('contact.empty')}]};
  const found = new Map(faults(env, changes).map((fault) => named(env, values, fault)).map((error) => [error.field, error]));
  return {changes, errors: [...found.values()]};
}

function named(env, values, {field, why, kind, message}) {
  const name = kind === 'signal' && field === 'text' && text(values, 'signal') ? 'signal' : field;
  return {field: name, message: (why === 'names_somebody' && pointsAt(env, values, name)) || message};
}

function contactChanges(env, values) {
  const resident = values.get('resident');
  const worn = resident ? writer(env) : hat(env);
  const at = Number(values.get('at')) || env.now();
  const about = {subject: resident ? `resident:${resident}` : `team:${worn.team}`, topic: 'social', by: worn.id};
  const where = {place_name: line(values, 'place_name'), at, day: local(at).date};
  const made = env.phone.change('contact', {...about, fields: filled({place: values.get('place'), way: values.get('way'), text: text(values, 'text'), ...where})});
  const lens = values.get('lens') === 'none' ? null : values.get('lens');
  const signal = text(values, 'signal') ?? (lens && text(values, 'text'));
  if (!signal) return [made];
  return [made, env.phone.change('signal', {...about, fields: filled({lens, text: signal, contact: made.record, ...where})})];
}

function filled(fields) {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value));
}

async function form(env, known, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  const warned = (name) => (errors.some(({field}) => field === name) ? '' : pointsAt(env, values, name));
  return show(env, 'contact_new.html', {
    op: of('op'), form: of('draft_of'), at: of('at'), draft, trouble, errors, people: people_of(env, known, of('resident')),
    places: options(env, PLACES, 'place', of('place')), ways: options(env, WAYS, 'way', of('way')), lenses: options(env, LENSES, 'lens', of('lens') || 'none'), signal_open: Boolean(of('signal')) || !['', 'none'].includes(of('lens')),
    values: Object.fromEntries(['text', 'resident', 'place_name', 'lens', 'signal'].map((name) => [name, of(name)])),
    warning: warned('text'), signal_warning: warned('signal'), readers: await readersOfContact(env, known, colleagues(env, known.colleague), of('resident')),
  }, {status, page: 'contact-new', back: {href: '/today', text: env.say('page.back')}, spoken: trouble || draft});
}

function people_of(env, known, chosen) {
  const houses = new Map(known.household.map(({subject, fields}) => [subject, fields.street]));
  const people = known.resident.map(({id, fields}) => ({value: id, text: [fields.name, houses.get(`household:${fields.household}`)].filter(Boolean).join(', '), chosen: id === chosen}));
  return [{value: '', text: env.say('contact.nobody'), chosen: !chosen}, ...people.sort((a, b) => a.text.localeCompare(b.text, 'nl'))];
}

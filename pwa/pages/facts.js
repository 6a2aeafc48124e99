/** What is known of a household and of who lives there, as fields of a form: asked at the door, mended later, beside what somebody else wrote at the same time. */
import kinds from '../../sync/kinds.json' with {type: 'json'};
import {faults} from './faults.js';
import {FULL, line, show, text} from './page.js';
import {keepForm, kept} from './drafts.js';
import {dayName} from './plans.js';
import {codesOf} from './veil.js';

const ASKED = {
  household: ['name', 'street', 'city', 'phone', 'entry', 'key_safe'], resident: ['name', 'given', 'born', 'phone'],
  interest: ['likes', 'text', 'weekdays', 'when', 'near', 'agreed', 'agreed_on'], offer: ['likes', 'weekdays', 'when', 'near', 'street', 'city'],
  helper: ['name', 'relation', 'near', 'phone', 'reach', 'can', 'does', 'weekdays', 'when', 'limits', 'agreed', 'agreed_on', 'volunteer'],
  involved: ['organisation', 'name', 'does', 'phone', 'since', 'until', 'confirmed'],
};
const TYPES = {date: 'date', line: 'text', text: 'lines', choice: 'radio', choices: 'checkbox', weekdays: 'checkbox', id: 'select'};
const LISTS = ['choices', 'weekdays'];
const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6];
// The first word of the messages for a choice, where it is not the field's own name.
const CHOICES = {agreed: 'agreement'};
const DIALLED = /^[-\d\s+()/.]*\d[-\d\s+()/.]*$/;
const HINTS = ['household_name', 'household_entry', 'resident_given', 'helper_limits', 'helper_name', 'helper_volunteer', 'interest_text', 'involved_does', 'offer_street'];

/** A form as it was left, or anew: {values, outcome}; of a shown record with what it says now. */
export async function begun(env, form, kind = null, one = null) {
  const draft = await kept(env, form);
  if (draft) return {values: draft, outcome: {draft: env.say('draft.back')}};
  const values = new FormData();
  for (const [key, value] of [['op', env.phone.id()], ['draft_of', form], ['seen', one?.version ?? '']]) values.set(key, value);
  for (const field of one ? ASKED[kind] : []) {
    for (const name of [`${kind}_${field}`, `was_${kind}_${field}`]) values.set(name, one.fields[field] ?? '');
  }
  return {values, outcome: {}};
}

/** Fields of a first change: all that was typed, and the name in any case. */
export function written(kind, values) {
  const all = ASKED[kind].map((field) => [field, typed(values, kind, field)]);
  return Object.fromEntries(all.filter(([field, value]) => value !== null || field === 'name'));
}

/** The edit in a form as changes, none when it says nothing new: what differs from what was shown, and what was settled between two who wrote at the same time. */
export function mended(env, kind, one, values, by) {
  const all = ASKED[kind].map((field) => [field, typed(values, kind, field)]);
  const fields = Object.fromEntries(all.filter(([field, value]) => String(value) !== String(typed(values, kind, field, 'was_')) || values.get(`settle_${kind}_${field}`)));
  return Object.keys(fields).length ? [env.phone.change(kind, {record: one.record, seen: Number(values.get('seen')) || 0, by, fields})] : [];
}

/** Fields of one kind as the form shows them, all or those named, under a heading when there is more than one group; `known`: choices of ids by field. */
export function fieldsOf(env, kind, values, {id = kind, legend = '', one = null, people = null, names = ASKED[kind], known = {}} = {}) {
  const fields = names.map((field) => asked(env, kind, field, values, also(env, people, one, field), known[field]));
  return {id, legend, fields: fields.map((field) => (field.name === 'household_key_safe' ? withheld(env, field, one ? codesOf(one) : []) : field))};
}

/** A field that never says what stands there: it is filled in to change it, and ticked to empty it. */
function withheld(env, field, codes) {
  const hint = env.say(`key_safe.hint.${['none', 'one'][codes.length] ?? 'more'}`);
  return {...field, hint, told: `hint-${field.name}`, settle: codes.length ? env.say('key_safe.gone') : ''};
}

/** The page of a form of facts; `outcome` = {errors, trouble, draft, status} of the try before. */
export function factsPage(env, values, {title, lead, action, save, back, groups, readers, latest = env.today()}, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  return show(env, 'facts.html', {
    title, lead, action, save, groups, op: of('op'), form: of('draft_of'), seen: of('seen'), today: latest, draft, trouble, errors, readers,
  }, {status, page: 'facts-form', back: {href: back, text: env.say('page.back')}, spoken: trouble || draft});
}

/** Keeps what a form made and goes on by then(changes), or shows it again by again(outcome). */
export async function keepFacts(env, values, changes, {again, then}) {
  const errors = [...unborn(env, values), ...misdialled(env, values), ...faults(env, changes).map(({kind, field, message}) => ({field: `${kind}_${field}`, message}))];
  if (errors.length) return again({errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, changes, values);
  return made ? then(made) : again({trouble: env.say('full.form'), status: FULL});
}

/** What somebody else wrote at the same time, a sentence for each: both stay until somebody who saw both writes again. */
export function alsoWritten(env, people, one) {
  return (ASKED[one.kind] ?? Object.keys(one.also)).flatMap((field) => also(env, people, one, field).map((said) => env.say('facts.also_of', {field: env.say(`field.${field}`), ...said})));
}

function also(env, people, one, field) {
  return (one?.also[field] ?? []).map(({value, by}) => ({who: people.get(by)?.name ?? env.say('hand.unknown'), value: read(env, people, one.kind, field, value)}));
}

function read(env, people, kind, field, value) {
  const {type} = kinds.kinds[kind].fields[field];
  if (value === null || value.length === 0) return env.say('facts.emptied');
  if (type === 'id') return people.get(value)?.name ?? env.say('hand.unknown');
  if (type === 'choice' || LISTS.includes(type)) return [value].flat().map((one) => said(env, field, one)).join(', ');
  return type.startsWith('date') ? [value].flat().map((day) => env.speaker().date(day)).join(', ') : value;
}

function typed(values, kind, field, before = '') {
  const name = `${before}${kind}_${field}`;
  const {type} = kinds.kinds[kind].fields[field];
  if (LISTS.includes(type)) return listed(values, name, type);
  return type === 'text' ? text(values, name) : line(values, name);
}

/** What is chosen of a list, which a hidden field holds as one text with commas. */
function listed(values, name, type) {
  const chosen = values.getAll(name).flatMap((one) => one.split(',')).filter(Boolean);
  return chosen.length ? chosen.map((one) => (type === 'weekdays' ? Number(one) : one)) : null;
}

/** The choices of a field: [{value, text, chosen}]; null when it is typed. */
function picks(env, kind, field, values, known) {
  const {type, of} = kinds.kinds[kind].fields[field];
  const all = known ?? (type === 'weekdays' ? WEEKDAYS : of)?.map((one) => ({value: String(one), text: said(env, field, one)})) ?? null;
  const chosen = [typed(values, kind, field) ?? []].flat().map(String);
  return all?.map((one) => ({...one, chosen: chosen.includes(one.value)})) ?? null;
}

function said(env, field, value) {
  return field === 'weekdays' ? dayName(env, value) : env.say(`${CHOICES[field] ?? field}.${value}`);
}

function asked(env, kind, field, values, others, known) {
  const name = `${kind}_${field}`;
  const {type, max} = kinds.kinds[kind].fields[field];
  const hint = HINTS.includes(name) ? env.say(`facts.hint.${name}`) : '';
  return {
    name, label: env.say(`facts.${kind}.${field}`), type: field === 'phone' ? 'tel' : TYPES[type], max: max ?? 0, picks: picks(env, kind, field, values, known), value: values.get(name) ?? '', was: values.get(`was_${name}`),
    hint, told: [hint && `hint-${name}`, others.length && `also-${name}`].filter(Boolean).join(' '), also: others.map((said) => env.say('facts.also', said)),
    settle: others.length ? env.say('facts.settle', {field: env.say(`field.${field}`)}) : '', settled: values.has(`settle_${name}`),
  };
}

function misdialled(env, values) {
  const wrong = ['household_phone', 'resident_phone', 'helper_phone', 'involved_phone'].filter((field) => line(values, field) && !DIALLED.test(line(values, field)));
  return wrong.map((field) => ({field, message: env.say('wrong.phone')}));
}

function unborn(env, values) {
  const born = line(values, 'resident_born');
  return born && born > env.today() ? [{field: 'resident_born', message: env.say('wrong.born')}] : [];
}

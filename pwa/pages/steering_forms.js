/** The forms by which help is steered: what each asks, with which numbers to call beside it, and the changes it makes. */
import kinds from '../../sync/kinds.json' with {type: 'json'};
import * as rules from '../../sync/rules.js';
import {traces} from '../../sync/traces.js';
import {faults} from './faults.js';
import {line, text, writer} from './page.js';
import {dialled, numbersOf} from './numbers.js';
import {planWords} from './plan_words.js';
import {AHEAD_DAYS, rule} from './plans.js';
import {readersOf, readersOfPlan} from './readers.js';

/** What is asked of each kind, in this order. */
export const ASKED = {
  agenda: ['question'], escalation: ['reasons', 'recipient', 'with', 'question', 'respond_by'], step_down: ['plan', 'how', 'end', 'why', 'takes_over', 'with', 'check_on'],
  evaluation: ['day'], deviation: ['rule', 'why', 'alternatives', 'informed'], obstacle: ['sort', 'text'], opinion: ['party', 'name', 'text'],
};
const TYPES = {date: 'date', line: 'text', text: 'lines', choice: 'radio', choices: 'checkbox', id: 'select'};
const HINTS = ['agenda.question', 'escalation.reasons', 'escalation.respond_by', 'step_down.check_on', 'deviation.why', 'deviation.informed', 'obstacle.text', 'topic'];
const OPTIONAL = ['escalation.with', 'step_down.with', 'deviation.alternatives', 'opinion.name'];
const AHEAD = ['respond_by', 'check_on'];
const NUMBERS = ['urgent', 'safe_home', 'suicide'];

/** The fields of a form about a household or somebody who lives there. */
export async function fieldsFor(env, home, kind, values) {
  const whom = about(kind) === 'resident' && home.residents.length > 1 ? [field(env, kind, 'resident', values, home.residents.map(({id, fields}) => ({value: id, text: fields.name})))] : [];
  const topics = await topicsFor(env, home, kind, values);
  const topic = topics.length > 1 ? [field(env, kind, 'topic', values, topics.map((value) => ({value, text: env.say(`topic.${value}`)})))] : [];
  const own = ASKED[kind].map((name) => field(env, kind, name, values, {plan: () => plans(env, home), end: () => [{value: 'yes', text: env.say('steering.end')}]}[name]?.()));
  const warn = kind === 'obstacle' ? pointsHere(env, home, values) : null;
  return [...whom, ...own.map((one) => (warn !== null && one.name === 'text' ? {...one, warn, warned: true} : one)), ...topic];
}

/** One field as a form shows it: {name, label, type, max, picks, value, hint, warn, warned}. */
export function field(env, kind, name, values, given = null) {
  const {type, max, of} = kinds.kinds[kind].fields[name] ?? {type: name === 'topic' ? 'choice' : name === 'end' ? 'choices' : 'id'};
  const key = ['resident', 'topic'].includes(name) ? name : `${kind}.${name}`;
  const chosen = new Set(values.getAll(name));
  const picks = (given ?? of?.map((value) => ({value, text: env.say(`steering.${name}.${value}`)})))?.map((one) => ({...one, chosen: chosen.has(one.value)})) ?? null;
  return {name, label: env.say(`steering.${key}`), type: TYPES[type], max: max ?? 0, picks, value: values.get(name) ?? '', hint: HINTS.includes(key) ? env.say(`steering.hint.${key}`) : OPTIONAL.includes(key) ? env.say('steering.optional') : '', warn: '', warned: false};
}

/** What was typed or chosen of a kind, as fields of a change. */
export function written(kind, values, names = ASKED[kind]) {
  const all = names.filter((name) => name in kinds.kinds[kind].fields).map((name) => [name, typed(kind, name, values)]);
  return Object.fromEntries(all.filter(([, value]) => value !== null && value.length));
}

/** {changes, errors} of a form: the record, and with a step-down the end of the plan that it is about. */
export function made(env, home, kind, values, more = {}) {
  const subject = subjectOf(home, kind, values);
  if (!subject) return {changes: [], errors: [{field: ASKED[kind][0], message: env.say('steering.nobody')}]};
  const known = kinds.kinds[kind].fields;
  const stamped = {...(known.at && {at: env.now(), ...(!ASKED[kind].includes('day') && {day: env.today()})}), ...more};
  const change = env.phone.change(kind, {subject, topic: topicOf(kind, values), by: writer(env).id, fields: {...written(kind, values), ...stamped}});
  const past = AHEAD.filter((name) => change.fields[name] < env.today()).map((name) => ({field: name, message: env.say('steering.later')}));
  return {changes: [change, ...ending(env, home, kind, values)], errors: [...needed(env, [change]), ...past]};
}

/** What is wrong with changes, in words that fit beside a question. */
export function needed(env, changes) {
  return faults(env, changes).map(({field: name, why, message}) => ({field: name, message: why === 'required' ? env.say('steering.needed') : message}));
}

/** Who reads what a form makes. */
export function readersFor(env, home, kind, values) {
  const subject = subjectOf(home, kind, values);
  return about(kind) === 'household' || !subject ? readersOfPlan(env, home) : readersOf(env, home, [topicOf(kind, values)], subject.slice('resident:'.length));
}

/** What in the line of an obstacle points at this household, as a quiet question; '' when nothing does. */
export function pointsHere(env, {house, residents}, values) {
  const names = [house.fields.name, ...residents.flatMap(({fields}) => [fields.name, fields.given ?? ''])];
  const found = traces(text(values, 'text') ?? '', names, [house.fields.street ?? '']);
  return found.length ? env.say('steering.points', {what: found.map((one) => env.say(`steering.trace.${one}`)).join(', ')}) : '';
}

/** Whom to call, also without signal: numbers of the whole country, and of who is involved here. */
export function numbers(env, {known}) {
  const here = known.involved.filter(({fields}) => fields.phone && !(fields.until && fields.until < env.today()));
  return [...numbersOf(env, NUMBERS), ...here.map(({fields}) => dialled([fields.name, fields.organisation].filter(Boolean).join(', '), fields.phone))];
}

function about(kind) {
  return kinds.kinds[kind].subjects[0];
}

function subjectOf({house, residents}, kind, values) {
  if (about(kind) === 'household') return house.subject;
  return (residents.find(({id}) => id === values.get('resident')) ?? residents[0])?.subject ?? null;
}

function topicOf(kind, values) {
  const {topics} = kinds.kinds[kind];
  return topics.find((one) => one === values.get('topic')) ?? topics[0];
}

/** Of the topics of a kind those that I may read about this person. */
async function topicsFor(env, home, kind, values) {
  const subject = subjectOf(home, kind, values);
  const {pairs = []} = await env.phone.scope() ?? {};
  return kinds.kinds[kind].topics.filter((topic) => pairs.some(([whom, what]) => whom === subject && what === topic));
}

function typed(kind, name, values) {
  const {type} = kinds.kinds[kind].fields[name];
  if (type === 'choices') return values.getAll(name);
  return type === 'text' ? text(values, name) : line(values, name);
}

function plans(env, {known}) {
  const now = known.schedule.filter(({fields}) => rules.next_occurrence(fields, env.today(), AHEAD_DAYS));
  return [{value: '', text: env.say('steering.no_plan')}, ...now.map(({id, fields}) => ({value: id, text: `${planWords(env, fields.what)} (${rule(env, fields)})`}))];
}

/** No more of the plan from today, when that was asked for. */
function ending(env, {known}, kind, values) {
  const plan = kind === 'step_down' && values.get('how') === 'stop' && values.get('end') ? known.schedule.find(({id}) => id === values.get('plan')) : null;
  return plan ? [env.phone.change('schedule', {record: plan.record, by: writer(env).id, fields: {until: rules.day_add(env.today(), -1)}})] : [];
}

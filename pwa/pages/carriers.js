/** Who carries a line of the plan: the resident, the network, the neighbourhood or care, in the order in which they are thought of; and how that is divided now. */
import * as rules from '../../sync/rules.js';
import {go, missing, options, writer} from './page.js';
import {door_of} from './home.js';
import {keepForm} from './drafts.js';
import {isOpen} from './helper_rows.js';
import {AHEAD_DAYS} from './plans.js';

const CARRIERS = ['self', 'network', 'neighbourhood', 'formal'];
const SIGNS = {self: 'circle-user', network: 'users', neighbourhood: 'house', formal: 'heart-pulse'};
// How wide the bar is in which each carrier has its part.
const WIDTH = 300;

/** Rows of plans and tasks with who carries each. */
export function withCarriers(env, {known}, rows) {
  const all = new Map([...known.schedule, ...known.task].map((one) => [one.id, one]));
  return rows.map((row) => ({...row, carrier: mark(env, carrierOf(all.get(row.id)))}));
}

/** How the lines of now are divided: {parts (of the bar, in order), words (the same as a sentence)}; null when there are none. */
export function carriersOf(env, {known}) {
  const plans = known.schedule.filter(({fields}) => rules.next_occurrence(fields, env.today(), AHEAD_DAYS));
  const lines = [...plans, ...known.task.filter((task) => isOpen(env, known, task))].map(carrierOf);
  if (!lines.length) return null;
  const counts = CARRIERS.map((name) => lines.filter((one) => one === name).length);
  const edges = counts.map((_, i) => Math.round(counts.slice(0, i).reduce((sum, n) => sum + n, 0) * WIDTH / lines.length));
  const parts = CARRIERS.map((name, i) => ({...mark(env, name), x: edges[i], width: (edges[i + 1] ?? WIDTH) - edges[i], said: env.say('carriers.part', {count: counts[i], all: lines.length})}));
  return {parts, words: [env.say('carriers.words', {n: lines.length}), ...parts.map(({text, said}) => `${text}: ${said}.`)].join(' ')};
}

/** The choice of one tap on the page of a plan or task. */
export function carrierChoice(env, home, one) {
  const now = carrierOf(one);
  return {act: `/carriers/${one.id}?in=${home.id}`, op: env.phone.id(), choices: CARRIERS.map((value) => ({...mark(env, value), value, chosen: value === now}))};
}

/** The same in a form: what follows from it so far is chosen already. */
export function carrierFields(env, values) {
  const guess = guessed(values);
  return {carrier_guess: guess, carriers: options(env, CARRIERS, 'carrier', touched(values) ?? guess)};
}

/** Its field, when somebody chose something else than what follows from who does it: that stays reckoned when they change. */
export function carrierGiven(values) {
  const chosen = touched(values);
  return chosen && chosen !== guessed(values) ? {carrier: chosen} : {};
}

/** POST /carriers/{id}?in= household: this plan or task is carried by somebody else from now on. */
export async function carry(request, env, {id}) {
  const home = await door_of(env, new URL(request.url).searchParams.get('in') ?? '');
  const one = home && [...home.known.schedule, ...home.known.task].find((known) => known.id === id);
  if (!one) return missing(env);
  const values = await request.formData();
  const carrier = CARRIERS.find((name) => name === values.get('carrier'));
  if (!carrier) return missing(env);
  const fields = {carrier: carrier === carrierOf({fields: {...one.fields, carrier: null}}) ? null : carrier};
  if (carrier !== carrierOf(one)) await keepForm(env, [env.phone.change(one.kind, {record: one.record, by: writer(env).id, fields})], values);
  return go(one.kind === 'schedule' ? `/schedules/${id}?in=${home.id}&saved=${id}` : `/tasks/${id}?saved=${id}`);
}

/** By what was said; otherwise what a helper or volunteer does is the network's, and the rest is care: the rule of server/carriers.py. */
function carrierOf({fields: {carrier, helper, volunteer}}) {
  return carrier ?? (helper || volunteer ? 'network' : 'formal');
}

function mark(env, name) {
  return {name, sign: SIGNS[name], text: env.say(`carrier.${name}`)};
}

function guessed(values) {
  return values.get('task_volunteer') ? 'network' : 'formal';
}

function touched(values) {
  const chosen = values.get('carrier');
  return CARRIERS.includes(chosen) && chosen !== values.get('carrier_guess') ? chosen : null;
}

/** What every page shares: the frame round its template, the way on after a form, and records sorted by kind. */
import kinds from '../../sync/kinds.json' with {type: 'json'};
import * as merge from '../../sync/merge.js';
import * as rules from '../../sync/rules.js';
import {connection} from './connection.js';

const ERRANDS = ['errands', '/errands', 'list-checks'];
const TABS = [['today', '/today', 'sun'], ['households', '/households', 'house'], ['tasks', '/tasks', 'list-checks'], ['profile', '/profile', 'circle-user']];
export const FULL = 507;
const HTML = {'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store'};
const STATE_TONES = {phone: 'ochre', held: 'alarm', returned: 'alarm', received: 'moss'};
const WORST = ['returned', 'held', 'phone'];

/** A page in its frame; options {status, tab, back: {href, text}, page, live, spoken}: live pages are repainted when news comes in. */
export function show(env, template, context, {status = 200, tab = null, back = null, page = '', live = false, spoken = ''} = {}) {
  const frame = {tabs: tab ? tabs(env, tab) : null, back, page, live, spoken, connection: connection(env), errors: [], values: {}};
  return new Response(env.render(template, {...frame, ...context}), {status, headers: {...HTML, ...(status >= 400 ? {'HX-Push-Url': 'false'} : {})}});
}

/** A piece of a page. */
export function piece(env, template, context) {
  return new Response(env.render(template, context), {headers: HTML});
}

/** On to another page after a form. */
export function go(path) {
  return new Response('', {status: 303, headers: {location: path}});
}

/** Not there, or not yours: the same answer. */
export function missing(env) {
  return show(env, 'missing.html', {title: env.say('missing.title'), text: env.say('missing.text')}, {status: 404, tab: 'today'});
}

const seen = new WeakMap();

/** Records as the page reads them, by kind: {household: [shown …], visit: [shown …], …}; shown also has state and record. */
export function byKind(records) {
  const found = Object.fromEntries(Object.keys(kinds.kinds).map((kind) => [kind, []]));
  // What a later app kept here stays out of sight.
  for (const record of records) found[record.kind]?.push(shown(record));
  return found;
}

/** One record as the page reads it, made once for as long as the phone holds it open, so nobody may change it; what is veiled is read by pages/veil.js alone. */
export function shown(record) {
  if (!seen.has(record)) seen.set(record, laidOut(record));
  return seen.get(record);
}

function laidOut(record) {
  const one = merge.shown(record);
  for (const name of kinds.kinds[record.kind].veiled ?? []) {
    delete one.fields[name];
    delete one.also[name];
  }
  Object.freeze(one.fields);
  return Object.freeze({...one, state: record.state ?? null, record});
}

/** The worst state among these things, or null when the office has them all. */
export function worst(things) {
  return WORST.find((state) => things.some((thing) => thing.state === state)) ?? null;
}

/** A state in words with its tone: {state, state_tone}. */
export function stated(env, state) {
  return {state: state ? env.say(`state.${state}`) : '', state_tone: STATE_TONES[state] ?? ''};
}

/** What is of the body falls under medical secrecy: only a resident's own word, or a share with its ground, lifts it. '' for the rest. */
export function secrecy(env, topic) {
  return topic === 'body' ? env.say('secrecy.medical') : '';
}

/** What was just saved, in one sentence with its true state; '' when nothing was. */
export async function savedLine(env, record, key) {
  if (!record) return '';
  const states = await env.phone.states();
  const state = states.get(record)?.state;
  return state ? `${env.say(key)} ${env.say(`saved.${state}`)}` : '';
}

/** The hat worn now: one of me.hats. */
export function hat(env) {
  const me = env.phone.me();
  return me.hats.find(({id}) => id === me.wearing) ?? me.hats[0];
}

/** The hat under which I write about a household: the one worn when its team comes to people's homes, otherwise the first of mine that does. */
export function writer(env) {
  const worn = hat(env);
  return goes(worn) ? worn : env.phone.me().hats.find(goes) ?? worn;
}

/** Whether my worn hat's team is among these teams; what names no team is of every team. */
export function ofTeam(env, teams) {
  return !teams.length || teams.includes(hat(env).team);
}

/** Whether nobody was chosen for this plan or task, and one of my teams is to see to it. */
export function forAnybody(env, team, chosen) {
  return !chosen && (!team || env.phone.me().hats.some((one) => one.team === team));
}

/** Options of a choice: [{value, text, chosen}]. */
export function options(env, values, key, chosen) {
  const marked = new Set([chosen].flat());
  return values.map((value) => ({value, text: env.say(`${key}.${value}`, {resident: ''}), chosen: marked.has(value)}));
}

/** Single-line text of a form's field, null when empty. */
export function line(form, name) {
  return (form.get(name) ?? '').replace(/\s+/g, ' ').trim() || null;
}

/** Text of a form's field with line ends as \n, null when empty. */
export function text(form, name) {
  return (form.get(name) ?? '').replace(/\r\n?/g, '\n').trim() || null;
}

/** Whether I am here as a volunteer only: then there is one page, with what I was asked to do. */
export function volunteering(env) {
  return env.phone.me().hats.every(({role}) => role === 'volunteer');
}

/** Whether a hat's team comes to people's homes; a lead reads what their team reads: of volunteers that is nothing about a household. */
export function goes({role, kind}) {
  return role === 'nurse' || role === 'outreach' || (role === 'lead' && kind !== 'volunteers');
}

function tabs(env, here) {
  return (volunteering(env) ? [ERRANDS, TABS.at(-1)] : TABS).map(([name, href, icon]) => ({href, icon, text: env.say(`tab.${name}`), here: name === here}));
}

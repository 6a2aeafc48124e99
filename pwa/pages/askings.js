/** Could somebody nearby do this? Who is suggested for a plan or task, who was asked, and what came of it; skipping is one tap and every no is a good answer. */
import * as rules from '../../sync/rules.js';
import {go, missing, savedLine, stated, writer} from './page.js';
import {keepForm} from './drafts.js';
import {askable, carriesMuch, helpersOf, names, nearness} from './helper_rows.js';
import {door_of} from './home.js';
import {leftOut} from './pauses.js';
import {repeats} from './task_rows.js';

const DAY_MS = 24 * 60 * 60 * 1000;
const COUNTED_DAYS = 90;
const NEW_DAYS = 7;
const WEEK_DAYS = 6;
// So long an answer can be turned, as a task can be undone.
const RECENT_DAYS = 2;
const MOST = 5;
const OUTCOMES = ['nobody', 'resident_refused', 'doctor_refused', 'skipped'];
// What the words of a plan hint at: by the beginning of a word, in both languages.
const HINTS = {
  groceries: /\b(boodschap|winkel|supermarkt|grocer|shopp)/i, meals: /\b(eten|kook|koken|maaltijd|soep|meal|cook|dinner)/i, walks: /\b(wandel|ommetje|walk)/i,
  transport: /\b(rijd|ophalen|brengen|vervoer|auto|ziekenhuis|drive|hospital|transport|lift)/i, medication: /\b(medicij|medicat|pil|insulin|oogdrup|medicin|tablet)/i,
  household: /\b(schoonma|stofzuig|opruim|poets|wassen|was\b|clean|laundry|tidy)/i, garden: /\b(tuin|gras|klus|lamp|garden|lawn|repair)/i,
  paperwork: /\b(post|papier|formulier|brief|rekening|paper|form|letter|bill)/i, company: /\b(koffie|praat|gezelschap|kaart|coffee|chat|company|visit)/i,
};

/** Whether nobody is to be asked here: the network is left out on purpose, or the household is new. */
export function silent(env, home) {
  return leftOut(home) || home.house.at > env.now() - NEW_DAYS * DAY_MS;
}

/** What the page of a plan or a task shows of it: {open: to be asked now, suggestions, …, asked: what came of it}; `closed`: nothing to ask any more. */
export async function askingOf(request, env, home, plan, {closed = false} = {}) {
  const record = new URL(request.url).searchParams.get('saved');
  const all = home.known.asking.filter(({fields}) => fields.plan === plan.id).sort((a, b) => b.at - a.at);
  const asks = !closed && !silent(env, home);
  return {
    asks, fresh: asks && !all.length, saved: all.some(({id}) => id === record) ? await savedLine(env, record, 'asking.saved') : '',
    household: home.id, plan: plan.id, op: env.phone.id(), suggestions: asks ? suggestions(env, home, plan).slice(0, MOST).map((one) => suggestion(env, home, plan, one)) : [],
    outcomes: OUTCOMES.filter((outcome) => outcome !== 'skipped').map((value) => ({value, text: env.say(`asking.${value}`)})), asked: all.map((one) => line(env, home, one)),
  };
}

/** Where a task just made is shown: on its own page when somebody nearby may be asked, else with its household. */
export function afterTask(env, home, {record, fields}) {
  return silent(env, home) || fields.volunteer ? `/households/${home.id}?saved=${record}` : `/tasks/${record}?saved=${record}`;
}

/** POST /households/{id}/askings: a helper was asked, or why nobody was. */
export async function addAsking(request, env, {id}) {
  const home = await door_of(env, id);
  const values = await request.formData();
  const plan = home && planOf(home, values.get('plan'));
  if (!plan) return missing(env);
  const helper = home.known.helper.find((one) => one.id === values.get('helper') && askable(one));
  const outcome = helper ? 'asked' : OUTCOMES.find((one) => one === values.get('outcome'));
  if (!outcome) return go(placeOf(home, plan));
  const made = await keepForm(env, [helper && inApp(plan, helper) ? handed(env, home, plan, helper) : spoken(env, home, plan, {outcome, helper})], values);
  return go(placeOf(home, plan, made?.[0].record));
}

/** Whether a helper can be asked on their own phone: a task with a day, of somebody with an account. */
function inApp({kind, fields}, helper) {
  return kind === 'task' && Boolean(helper.fields.volunteer) && (Boolean(fields.due) || repeats(fields));
}

/** The task in the hands of a volunteer: the office asks them, and writes down what they answer. */
function handed(env, home, {record}, {fields: {volunteer}}) {
  const by = writer(env).id;
  const phone = home.people.get(by)?.phone;
  return env.phone.change('task', {record, by, fields: {volunteer, call: env.phone.me().name, ...(phone && {call_phone: phone})}});
}

function spoken(env, home, plan, {outcome, helper}) {
  const fields = {plan: plan.id, outcome, at: env.now(), ...(helper && {helper: helper.id, way: 'spoken'})};
  return env.phone.change('asking', {subject: home.house.subject, topic: 'practical', by: writer(env).id, fields});
}

/** POST /askings/{id}/answer?in= household: yes or no; a yes to a task makes it theirs. */
export async function answerAsking(request, env, {id}) {
  const home = await door_of(env, new URL(request.url).searchParams.get('in') ?? '');
  const one = home?.known.asking.find((asking) => asking.id === id);
  const plan = one && planOf(home, one.fields.plan);
  if (!plan) return missing(env);
  const values = await request.formData();
  const answer = values.get('answer') === 'yes' ? 'yes' : 'no';
  const by = writer(env).id;
  const changes = [env.phone.change('asking', {record: one.record, by, fields: {answer, answered_at: env.now()}})];
  const theirs = plan.kind === 'task' && (answer === 'yes' || plan.fields.helper === one.fields.helper);
  if (theirs) changes.push(env.phone.change('task', {record: plan.record, by, fields: {helper: answer === 'yes' ? one.fields.helper : null}}));
  await keepForm(env, changes, values);
  return go(placeOf(home, plan, id));
}

/** Who may be asked, best first: whose day it is, who is near, who likes this, who was asked least. */
function suggestions(env, home, plan) {
  const days = daysOf(env, plan);
  const hinted = Object.keys(HINTS).filter((can) => HINTS[can].test(plan.fields.what ?? ''));
  const ranked = helpersOf(env, home.known).here.filter(askable).map((one) => ({
    one, order: [dayFits(one, days), nearness(one), hinted.some((can) => one.fields.can?.includes(can)) ? 0 : 1, timesAsked(env, home, one)],
  }));
  return ranked.sort((a, b) => a.order.map((value, i) => value - b.order[i]).find(Boolean) ?? 0).map(({one}) => one);
}

/** The weekdays on which a plan or task falls in its first week. */
function daysOf(env, {fields}) {
  const from = fields.start ?? fields.due;
  if (fields.weekdays?.length || !from) return fields.weekdays ?? [];
  const first = from < env.today() && fields.every_days ? env.today() : from;
  return rules.occurrences({...fields, start: from, skipped: []}, first, rules.day_add(first, WEEK_DAYS)).map(rules.weekday);
}

/** 0 when it is one of their days, 1 when nobody said which days are theirs or the plan has none, 2 when it is not. */
function dayFits({fields: {weekdays}}, days) {
  if (!weekdays?.length || !days.length) return 1;
  return days.some((day) => weekdays.includes(day)) ? 0 : 2;
}

function timesAsked(env, {known}, helper) {
  return known.asking.filter((one) => names(one, helper) && (one.fields.at ?? one.at) > env.now() - COUNTED_DAYS * DAY_MS).length;
}

function suggestion(env, home, plan, one) {
  const n = timesAsked(env, home, one);
  const fits = dayFits(one, daysOf(env, plan)) === 0 ? env.say('asking.fits') : '';
  const {fields} = one;
  return {
    id: one.id, name: fields.name, label: env.say('asking.ask', {name: fields.name}), unasked: fields.agreed === 'yes' ? '' : env.say('asking.unasked'),
    meta: [inApp(plan, one) ? env.say('asking.in_app') : '', fits, fields.near && env.say(`near.${fields.near}`).toLowerCase(), n ? env.say('asking.times', {n}) : env.say('asking.never')].filter(Boolean).join(' · '),
    much: carriesMuch(env, home.known, one) ? env.say('helper.much') : '',
  };
}

function line(env, home, one) {
  const {fields: {outcome, answer, answered_at: answeredAt, at, volunteer, way}, id} = one;
  const name = home.known.helper.find((helper) => names(one, helper))?.fields.name ?? home.people.get(volunteer)?.name ?? env.say('hand.unknown');
  const text = outcome === 'asked' ? env.say(`asking.line.${answer ?? 'open'}`, {name}) : env.say(`asking.line.${outcome}`);
  // Who answers on their own phone is not answered for.
  const ours = outcome === 'asked' && way !== 'app';
  const open = ours && !answer;
  const turned = ours && answeredAt > env.now() - RECENT_DAYS * DAY_MS ? {yes: 'no', no: 'yes'}[answer] : '';
  return {text, on: env.speaker().when(at ?? one.at, env.now()), open, turned, turned_text: turned ? env.say(`asking.after_all.${turned}`) : '', act: `/askings/${id}/answer?in=${home.id}`, op: env.phone.id(), name, ...stated(env, one.state)};
}

function planOf({known}, id) {
  return [...known.schedule, ...known.task].find((one) => one.id === id) ?? null;
}

function placeOf(home, {kind, id}, saved = null) {
  const query = [...(kind === 'schedule' ? [`in=${home.id}`] : []), ...(saved ? [`saved=${saved}`] : [])].join('&');
  return `/${kind === 'schedule' ? 'schedules' : 'tasks'}/${id}${query ? `?${query}` : ''}`;
}

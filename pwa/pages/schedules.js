/** Planned visits: once or repeating, who goes, and the days on which nobody needs to come. */
import * as rules from '../../sync/rules.js';
import {askingOf} from './askings.js';
import {carrierChoice, carrierFields, carrierGiven} from './carriers.js';
import {faults} from './faults.js';
import {FULL, go, line, missing, options, savedLine, show, stated, writer} from './page.js';
import {door_of, home_of} from './home.js';
import {signature, teammates} from './colleagues.js';
import {keepForm, kept} from './drafts.js';
import {alsoWritten} from './facts.js';
import {readersOfPlan} from './readers.js';
import {planWords} from './plan_words.js';
import {AHEAD_DAYS, WEEK, rule} from './plans.js';

const REPEATS = ['once', 'weekdays', 'every'];
const TURNS = 4;

/** GET /households/{id}/schedules/new. */
export async function newSchedule(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const name = `schedule-new household:${id}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  const usual = {op: env.phone.id(), draft_of: name, start: env.today(), repeat: 'once', every_days: '2', resident: home.residents[0]?.id ?? ''};
  if (!draft) for (const [key, value] of Object.entries(usual)) values.set(key, value);
  return form(env, home, values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /households/{id}/schedules. */
export async function addSchedule(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  const fields = planned(env, values);
  const change = env.phone.change('schedule', {subject: home.house.subject, topic: 'practical', by: writer(env).id, fields});
  const errors = [...unclear(env, values, fields), ...faults(env, [change])];
  if (errors.length) return form(env, home, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, [change], values);
  if (!made) return form(env, home, values, {trouble: env.say('full.form'), status: FULL});
  return go(`/schedules/${made[0].record}?in=${id}&saved=${made[0].record}`);
}

/** GET /schedules/{id}?in= household. */
export async function schedule(request, env, {id}) {
  const {home, plan} = await find(request, env, id);
  if (!plan) return missing(env);
  const {fields} = plan;
  const ended = Boolean(fields.until) && fields.until < env.today();
  const record = new URL(request.url).searchParams.get('saved');
  const saved = await savedLine(env, record === id ? id : null, 'saved.schedule');
  const asking = await askingOf(request, env, home, plan, {closed: ended});
  const names = (fields.who ?? []).map((one) => home.people.get(one)?.name).filter(Boolean);
  return show(env, 'schedule.html', {
    title: planWords(env, fields.what), rule: rule(env, fields), who: names.length ? env.say('schedule.goes', {who: names.join(env.say('today.and'))}) : env.say('schedule.nobody'),
    hand: signature(env, home.people, plan), ...stated(env, plan.state), saved, ended, asking, carrier: ended ? null : carrierChoice(env, home, plan), also: alsoWritten(env, home.people, plan), op: env.phone.id(), turns: turns(env, fields),
    skips: `/schedules/${id}/skips?in=${home.id}`, ending: `/schedules/${id}/ending?in=${home.id}`,
  }, {tab: 'households', page: 'schedule', live: true, spoken: saved || asking.saved, back: {href: `/households/${home.id}`, text: home.house.fields.name}});
}

/** POST /schedules/{id}/skips: one day left out, or taken in again. */
export async function skip(request, env, {id}) {
  const {home, plan} = await find(request, env, id);
  if (!plan) return missing(env);
  const values = await request.formData();
  // A day that a colleague left out at the same time stays left out.
  const together = [plan.fields.skipped, ...(plan.also.skipped ?? []).map(({value}) => value)].flatMap((days) => days ?? []);
  const others = [...new Set(together)].filter((day) => day !== values.get('day') && day >= env.today());
  const skipped = values.get('skip') === 'yes' ? [...others, values.get('day')].sort() : others;
  return edit(env, home, plan, {skipped}, values.get('op'));
}

/** POST /schedules/{id}/ending: no more from today, or on again. */
export async function end(request, env, {id}) {
  const {home, plan} = await find(request, env, id);
  if (!plan) return missing(env);
  const values = await request.formData();
  return edit(env, home, plan, {until: values.get('end') === 'yes' ? rules.day_add(env.today(), -1) : null}, values.get('op'));
}

async function edit(env, home, plan, fields, op) {
  await env.phone.add([env.phone.change('schedule', {record: plan.record, by: writer(env).id, fields})], {op});
  env.wake();
  return go(`/schedules/${plan.id}?in=${home.id}&saved=${plan.id}`);
}

async function find(request, env, id) {
  const home = await home_of(env, new URL(request.url).searchParams.get('in') ?? '');
  return {home, plan: home?.known.schedule.find((one) => one.id === id) ?? null};
}

function planned(env, values) {
  const repeat = values.get('repeat');
  const weekdays = values.getAll('weekdays').map(Number);
  const who = values.getAll('who');
  const until = line(values, 'until');
  const every = Number(line(values, 'every_days'));
  return {
    what: line(values, 'what') ?? env.say('today.plain_visit'), start: line(values, 'start') ?? env.today(), team: writer(env).team,
    ...(line(values, 'time') && {time: line(values, 'time')}), ...(values.get('resident') && {resident: values.get('resident')}), ...(who.length && {who}),
    ...(repeat === 'weekdays' && weekdays.length && {weekdays}), ...(repeat === 'every' && Number.isInteger(every) && {every_days: every}),
    ...(repeat !== 'once' && until && {until}), ...carrierGiven(values),
  };
}

function unclear(env, values, {start, until}) {
  const found = [];
  const repeat = values.get('repeat');
  if (repeat !== 'once' && until && until < start) found.push({field: 'until', message: env.say('wrong.until')});
  if (repeat === 'weekdays' && !values.getAll('weekdays').length) found.push({field: 'weekdays', message: env.say('wrong.weekdays')});
  if (repeat === 'every' && !/^\d{1,3}$/.test(line(values, 'every_days') ?? '')) found.push({field: 'every_days', message: env.say('wrong.every_days')});
  return found;
}

async function form(env, home, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  const chosen = new Set(values.getAll('who'));
  const days = new Set(values.getAll('weekdays'));
  return show(env, 'schedule_new.html', {
    household: home.id, title: env.say('schedule.new'), where: home.house.fields.name, op: of('op'), form: of('draft_of'), draft, trouble, errors,
    values: Object.fromEntries(['what', 'start', 'time', 'every_days', 'until'].map((name) => [name, of(name)])),
    ...carrierFields(env, values), resident: of('resident'), residents: home.residents.length > 1 ? home.residents.map((one) => ({value: one.id, text: one.fields.given ?? one.fields.name, chosen: one.id === of('resident')})) : null,
    repeats: options(env, REPEATS, 'repeat', of('repeat') || 'once'),
    weekdays: WEEK.map((day, i) => ({value: String(i), text: env.speaker().day_short(day).split(' ')[0], chosen: days.has(String(i))})),
    who: teammates(env, home.people, writer(env)).map(({hat: value, name}) => ({value, text: name, chosen: chosen.has(value)})), readers: await readersOfPlan(env, home),
  }, {status, page: 'schedule-new', back: {href: `/households/${home.id}`, text: env.say('page.back')}, spoken: trouble || draft});
}

function turns(env, fields) {
  const last = rules.day_add(env.today(), AHEAD_DAYS);
  const days = rules.occurrences({...fields, skipped: []}, env.today(), last).slice(0, TURNS);
  return days.map((date) => {
    const skipped = (fields.skipped ?? []).includes(date);
    const text = [env.speaker().near(date, env.today()), fields.time].filter(Boolean).join(' ');
    return {date, text, skipped, op: env.phone.id(), label: `${env.say(skipped ? 'schedule.unskip' : 'schedule.skip')}: ${text}`};
  });
}

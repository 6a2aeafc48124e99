/** Taken: follow-ups that are due, later or done, and what was answered to them. */
import * as rules from '../../sync/rules.js';
import {afterTask, askingOf} from './askings.js';
import {carrierChoice, carrierFields, carrierGiven} from './carriers.js';
import {faults} from './faults.js';
import {FULL, byKind, go, hat, line, missing, ofTeam, options, savedLine, show, text, writer} from './page.js';
import {door_of} from './home.js';
import {colleagues, signature, teammates} from './colleagues.js';
import {keepForm, kept} from './drafts.js';
import {entrustFields, entrusted, unclearTask} from './entrusting.js';
import {handsOf} from './hands.js';
import {handedByLink} from './links.js';
import {overlap} from './overlaps.js';
import {rule} from './plans.js';
import {readersOfPlan} from './readers.js';
import {calledFields} from './callers.js';
import {answer, answers, byDue, repeats, row, turn} from './task_rows.js';

const LATEST = 5;
const TYPED = ['task_what', 'task_due', 'task_instructions', 'task_time', 'every_days', 'until'];
const SOON = ['none', 'today', 'tomorrow', 'week'];

/** GET /tasks: mine and what is anybody's in my teams, or with ?whose=team all of the team whose hat I wear; ?saved= a task just answered. */
export async function tasks(request, env) {
  const {searchParams} = new URL(request.url);
  const known = byKind(await env.phone.first());
  const people = colleagues(env, known.colleague, known.helper);
  const all = known.task.map((task) => row(env, known, people, task, '/tasks'));
  const mine = all.filter((task) => task.mine);
  const team = searchParams.get('whose') === 'team';
  const ours = all.filter(({teams}) => ofTeam(env, teams));
  const groups = grouped(env, team ? ours : mine);
  const saved = await savedLine(env, searchParams.get('saved'), savedKey(known, searchParams.get('saved')));
  const open = (team ? ours : mine).filter(({done}) => !done).length;
  const differs = ours.some((one) => !one.mine) || mine.some((one) => !ours.includes(one)) || env.phone.me().hats.length > 1;
  const loading = !env.phone.status().needed && !all.length;
  return show(env, 'tasks.html', {
    groups, saved, count: open ? env.say('tasks.open', {n: open}) : '', loading: loading ? env.say('today.loading') : '', empty: open || loading ? '' : env.say('tasks.empty'),
    whose: differs ? [{href: '/tasks', text: env.say('tasks.mine'), here: !team}, {href: '/tasks?whose=team', text: hat(env).team_name || env.say('tasks.all'), here: team}] : null,
  }, {tab: 'tasks', page: 'tasks', live: true, spoken: saved});
}

/** GET /tasks/{id}: what, why and by whom; or the answer that was given. */
export async function task(request, env, {id}, {errors = [], status = 200, values = {}} = {}) {
  const found = await find(env, id);
  if (!found) return missing(env);
  const {known, people, one} = found;
  const shownRow = row(env, known, people, one, cameFrom(request));
  const often = repeats(one.fields);
  const told = often ? answers(known, id).sort((a, b) => (b.fields.day ?? '').localeCompare(a.fields.day ?? '')).slice(0, LATEST) : [];
  const done = often ? null : answer(known, id);
  const answered = done && answerCard(env, people, one, done, known.helper);
  const home = await door_of(env, one.subject.slice('household:'.length));
  const house = home && {href: `/households/${home.id}`, text: home.house.fields.name};
  const asking = home && await askingOf(request, env, home, one, {closed: Boolean(done ?? one.fields.volunteer)});
  const saved = await savedLine(env, new URL(request.url).searchParams.get('saved') === id ? id : null, 'saved.task');
  return show(env, 'task_page.html', {
    task: shownRow, house, saved, carrier: home && !done ? carrierChoice(env, home, one) : null, asking, hand: signature(env, people, one), hands: handsOf(env, found), answered, errors, values: {text: values.text ?? '', call_name: values.call_name ?? '', call_text: values.call_text ?? ''}, rule: often ? rule(env, {...one.fields, start: one.fields.due}) : '',
    link: home && !done && handedByLink(one) ? `/tasks/${id}/links` : '', instructions: one.fields.instructions ?? '', told: told.map((given) => answerCard(env, people, one, given, known.helper)), called: done ? null : calledFields(env, found),
  },
    {status, tab: 'tasks', live: status === 200, spoken: saved || (asking?.saved ?? ''), page: 'task', back: {href: '/tasks', text: env.say('tab.tasks')}});
}

function answerCard(env, people, one, given, helpers) {
  const {fields, at} = given;
  const when = [fields.late && env.say('link.late'), fields.day && repeats(one.fields) && env.speaker().near(fields.day, env.today()), env.speaker().when(fields.at ?? at, env.now())];
  return {text: env.say(`completion.${fields.outcome}`, {what: one.fields.what}), note: fields.text ?? '', hand: [...when, signature(env, people, given, helpers)].filter(Boolean).join(' · ')};
}

/** GET /households/{id}/tasks/new. */
export async function newTask(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const name = `task-new household:${id}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  if (!draft) for (const [key, value] of [['op', env.phone.id()], ['draft_of', name]]) values.set(key, value);
  return form(env, home, values, {draft: draft ? env.say('draft.back') : ''});
}

/** POST /households/{id}/tasks. */
export async function addTask(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  const changes = taskChanges(env, home, values, {by: writer(env).id, resident: home.residents.length === 1 ? home.residents[0].id : null});
  const errors = changes.length ? [...unclearTask(env, values, dueDay(env, values)), ...faults(env, changes)] : [{field: 'what', message: env.say('wrong.task')}];
  if (errors.length) return form(env, home, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, changes, values);
  if (!made) return form(env, home, values, {trouble: env.say('full.form'), status: FULL});
  return go(afterTask(env, home, made[0]));
}

/** POST /tasks/{id}/completion: done, or it could not be done. */
export async function complete(request, env, {id}) {
  const found = await find(env, id);
  if (!found) return missing(env);
  const values = await request.formData();
  const outcome = values.get('outcome') === 'could_not' ? 'could_not' : 'done';
  const words = text(values, 'text');
  const day = dayOf(request, env, found);
  const change = env.phone.change('completion', {
    subject: found.one.subject, topic: 'practical', by: writer(env).id, fields: {task: id, outcome, at: env.now(), ...(day && {day}), ...(words && {text: words})},
  });
  const errors = faults(env, [change]);
  if (errors.length) return task(request, env, {id}, {errors, status: 422, values: {text: words}});
  const {changes: [made]} = await env.phone.add([change], {op: values.get('op')});
  env.wake();
  const from = cameFrom(request);
  return go(from.startsWith('/tasks') ? `/tasks?saved=${made.record}` : from);
}

/** DELETE /tasks/{id}/completion: it was not done after all. */
export async function reopen(request, env, {id}) {
  const found = await find(env, id);
  if (!found) return missing(env);
  const day = dayOf(request, env, found);
  const done = answers(found.known, id).filter(({fields}) => !day || fields.day === day);
  await env.phone.add(done.map(({record}) => env.phone.change('completion', {record, by: writer(env).id, fields: {undone: true}})), {});
  env.wake();
  return go(cameFrom(request));
}

/** The fields of a follow-up as the form shows them. */
export function taskFields(env, home, values) {
  const worn = writer(env);
  const owners = teammates(env, home.people, worn).map(({hat: value, name}) => ({value, text: value === worn.id ? env.say('task.me') : name, chosen: value === values.get('task_owner')}));
  return {
    soon: options(env, SOON, 'soon', values.get('task_soon') || 'none'),
    owners: [{value: '', text: env.say('task.anybody'), chosen: !values.get('task_owner')}, ...owners],
  };
}

/** The follow-up in a form as changes: none when it says nothing. */
export function taskChanges(env, home, values, {by, resident = null, visit = null}) {
  const what = line(values, 'task_what');
  if (!what) return [];
  const due = dueDay(env, values);
  const owner = values.get('task_owner');
  const fields = {what, team: writer(env).team, ...(due && {due}), ...entrusted(env, values, due), ...(owner && {owner}), ...(resident && {resident}), ...(visit && {visit}), ...carrierGiven(values)};
  return [env.phone.change('task', {subject: home.house.subject, topic: 'practical', by, fields})];
}

/** The day that an answer is about, of a task that is done more than once; null of the others. */
export function dayOf(request, env, {known, one}) {
  return repeats(one.fields) ? new URL(request.url).searchParams.get('day') ?? turn(env, known, one) : null;
}

function savedKey(known, id) {
  return known.completion.find((one) => one.id === id)?.fields.outcome === 'done' ? 'saved.task_done' : 'saved.completion';
}

function cameFrom(request) {
  const from = new URL(request.url).searchParams.get('from') ?? '';
  return /^\/(?!\/)/.test(from) ? from : '/tasks';
}

function dueDay(env, values) {
  const date = line(values, 'task_due');
  const days = {today: 0, tomorrow: 1, week: 7}[values.get('task_soon')];
  return date ?? (days === undefined ? null : rules.day_add(env.today(), days));
}

async function form(env, home, values, {errors = [], trouble = '', draft = '', status = 200}) {
  const of = (name) => values.get(name) ?? '';
  return show(env, 'task_new.html', {
    household: home.id, title: env.say('task.new'), where: home.house.fields.name, op: of('op'), form: of('draft_of'), draft, trouble, errors,
    values: Object.fromEntries(TYPED.map((name) => [name, of(name)])), ...carrierFields(env, values), ...entrustFields(env, home, values), ...taskFields(env, home, values), readers: await readersOfPlan(env, home, of('task_volunteer')), overlap: overlap(env, home, values),
  }, {status, page: 'task-new', back: {href: `/households/${home.id}`, text: env.say('page.back')}, spoken: trouble || draft});
}

/** A task with all that is known, and who is who; null when it is not here. */
export async function find(env, id) {
  const known = byKind(await env.phone.first());
  const one = known.task.find((task_) => task_.id === id);
  return one ? {known, people: colleagues(env, known.colleague, known.helper), one} : null;
}

function grouped(env, rows) {
  const day = env.today();
  const open = rows.filter(({done}) => !done).sort(byDue);
  const groups = [
    ['late', open.filter(({due}) => due && due < day)], ['today', open.filter(({due}) => due === day)],
    ['later', open.filter(({due}) => !due || due > day)], ['done', rows.filter(({done, fresh}) => done && fresh).sort((a, b) => b.at - a.at)],
  ];
  return groups.filter(([, list]) => list.length).map(([id, list]) => ({id, title: env.say(`tasks.${id}`), tasks: list}));
}

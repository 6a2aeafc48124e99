/** Tasks as lines: what, when, whose, and what was answered. */
import * as rules from '../../sync/rules.js';
import {local} from '../i18n.js';
import {forAnybody, stated, worst} from './page.js';

const RECENT_DAYS = 2;
// From these hours on, whoever asked a volunteer sees that nobody said yes, or a word: those of server/reminders.py.
const EVENING = 18, LATE_EVENING = 20;
// Of a task that repeats, the days that are still asked about and those that are looked ahead.
const BACK_DAYS = 7, AHEAD_DAYS = 60;

/** Open tasks for Vandaag: mine and nobody's, due today or before, and what was answered today; and what a volunteer did not confirm. */
export function dueTasks(env, known, people, from) {
  const day = env.today();
  const near = known.task.filter(({fields}) => fields.due && fields.due <= rules.day_add(day, 1)).map((one) => [one, standing(env, known, people, one)]);
  // Only those that are shown are put into words: of a year's tasks that is a handful.
  const wanted = near.filter(([, {missed, mine, done, due}]) => missed || (mine && !done && due <= day));
  return wanted.map(([one, stands]) => row(env, known, people, one, from, stands)).sort(byDue);
}

/** Open tasks of a home, and what was answered lately; of one visit when given. */
export function openTasks(env, home, from, visit = null) {
  const rows = home.known.task.filter(({fields}) => !visit || fields.visit === visit).map((one) => row(env, home.known, home.people, one, from));
  return rows.filter((one) => visit || !one.done || one.fresh).sort(byDue);
}

/** The answer that counts, of a task that repeats for one of its days: that it was done, or else the first that was given; null while it is open. */
export function answer(known, id, day = null) {
  const given = answers(known, id).filter(({fields}) => !day || fields.day === day);
  return given.find(({fields}) => fields.outcome === 'done') ?? given[0] ?? null;
}

/** All answers to a task that stand. */
export function answers(known, id) {
  return known.completion.filter(({fields}) => fields.task === id && !fields.undone);
}

/** The day of a task that counts now, '' without one; of one that repeats the first of the last week that was not answered, or the next to come. */
export function turn(env, known, {id, fields}) {
  if (!repeats(fields)) return fields.due ?? '';
  const given = new Set(answers(known, id).map((one) => one.fields.day));
  const days = rules.occurrences({...fields, start: fields.due}, rules.day_add(env.today(), -BACK_DAYS), rules.day_add(env.today(), AHEAD_DAYS));
  return days.find((day) => !given.has(day)) ?? days.at(-1) ?? fields.due;
}

/** Whether a task is to be done more than once. */
export function repeats({weekdays, every_days: every}) {
  return Boolean(weekdays?.length || every);
}

/** Who does it: a helper or volunteer who was asked, and whether they said yes; or whose it is; or anybody. */
function doer(env, known, people, {id, fields}) {
  const name = people.get(fields.volunteer)?.name ?? known.helper.find((one) => one.id === fields.helper)?.fields.name;
  if (!name) return people.get(fields.owner)?.name ?? env.say('task.anybody');
  return env.say(fields.helper || agreed(known, {id, fields}) ? 'task.given_yes' : 'task.given_asked', {name});
}

/** Whether a volunteer said yes to it. */
function agreed(known, {id, fields}) {
  return known.asking.some((one) => one.fields.plan === id && one.fields.volunteer === fields.volunteer && one.fields.answer === 'yes');
}

/** What a volunteer did not confirm in time, when that is for me or my team to know: 'no_yes', 'no_word' or ''. */
function unheard(env, known, {id, fields}, {due, done, ours}) {
  if (!fields.volunteer || !due || done || !ours) return '';
  const {date, hour} = local(env.now()), eve = rules.day_add(due, -1);
  const past = (day, from) => date > day || (date === day && hour >= from);
  if (!agreed(known, {id, fields})) return past(eve, EVENING) ? 'no_yes' : '';
  return past(due, LATE_EVENING) ? 'no_word' : '';
}

/** How a task stands: when it is due, and of one that repeats for which day; its state and the answer that counts; whether it is mine; what was not confirmed. */
function standing(env, known, people, {id, fields}) {
  const me = env.phone.me();
  const due = turn(env, known, {id, fields});
  const day = repeats(fields) ? due : null;
  const state = rules.task_state(id, known.completion.map((one) => one.fields).filter((one) => one.task === id && (!day || one.day === day)));
  const done = state === 'open' ? null : answer(known, id, day);
  const own = me.hats.some((one) => one.id === fields.owner) || people.get(fields.owner)?.person === me.person;
  const mine = own || (!fields.volunteer && !fields.helper && forAnybody(env, fields.team, fields.owner));
  const missed = unheard(env, known, {id, fields}, {due, done, ours: own || forAnybody(env, fields.team, null)});
  return {due, day, state, done, mine, missed};
}

/** A task as a line; `from` is the page that it is shown on. */
export function row(env, known, people, {id, subject, fields, ...rest}, from, stands = standing(env, known, people, {id, fields})) {
  const {due, day, state, done, mine, missed} = stands;
  const owner = people.get(fields.owner);
  const house = known.household.find((one) => one.subject === subject)?.fields.name;
  const at = done ? done.fields.at ?? done.at : 0;
  const path = `/tasks/${id}/completion?from=${from}${day ? `&day=${day}` : ''}`;
  const late = !done && due && due < env.today();
  return {
    id, what: fields.what, due, done: Boolean(done), mine, unheard: Boolean(missed),
    teams: [fields.team, owner?.team].filter(Boolean),
    fresh: at > env.now() - RECENT_DAYS * 24 * 3600 * 1000, at, op: env.phone.id(), href: `/tasks/${id}?from=${from}`,
    meta: [from.startsWith('/households') ? '' : house, dueText(env, {due, time: fields.time}), doer(env, known, people, {id, fields})].filter(Boolean).join(' · '),
    ...stated(env, worst([{...rest}, ...(done ? [done] : [])])), mark: done ? env.say(`outcome.task.${state}`) : missed ? env.say(`task.given_${missed}`) : late ? env.say('task.late') : '', tone: {done: 'moss', could_not: 'ochre'}[state] ?? 'alarm', sign: state === 'done' ? 'check' : '',
    act: path, undo: done && done.record && at > env.now() - RECENT_DAYS * 24 * 3600 * 1000 ? path : '',
    done_label: env.say('task.do_this', {what: fields.what}), undo_label: env.say('task.undo_this', {what: fields.what}),
  };
}

function dueText(env, {due, time}) {
  return due ? [env.speaker().near(due, env.today()), time].filter(Boolean).join(' ') : env.say('task.whenever');
}

/** Open ones first, then the soonest. */
export function byDue(a, b) {
  return a.done - b.done || (a.due || '9999').localeCompare(b.due || '9999') || a.what.localeCompare(b.what, 'nl');
}

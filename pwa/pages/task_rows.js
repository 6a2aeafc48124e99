/** Tasks as lines: what, when, whose, and what was answered. */
import * as rules from '../../sync/rules.js';
import {forAnybody, stated, worst} from './page.js';

const RECENT_DAYS = 2;

/** Open tasks for Vandaag: mine and nobody's, due today or before, and what was answered today. */
export function dueTasks(env, known, people, from) {
  const day = env.today();
  const due = known.task.filter(({fields}) => fields.due && fields.due <= day);
  return due.map((one) => row(env, known, people, one, from)).filter((one) => one.mine && !one.done).sort(byDue);
}

/** Open tasks of a home, and what was answered lately; of one visit when given. */
export function openTasks(env, home, from, visit = null) {
  const rows = home.known.task.filter(({fields}) => !visit || fields.visit === visit).map((one) => row(env, home.known, home.people, one, from));
  return rows.filter((one) => visit || !one.done || one.fresh).sort(byDue);
}

/** The answer that counts: that it was done, or else the first that was given; null while it is open. */
export function answer(known, id) {
  const given = known.completion.filter(({fields}) => fields.task === id && !fields.undone);
  return given.find(({fields}) => fields.outcome === 'done') ?? given[0] ?? null;
}

/** A task as a line; `from` is the page that it is shown on. */
export function row(env, known, people, {id, subject, fields, ...rest}, from) {
  const me = env.phone.me();
  const state = rules.task_state(id, known.completion.map((one) => one.fields));
  const done = state === 'open' ? null : answer(known, id);
  const owner = people.get(fields.owner);
  const house = known.household.find((one) => one.subject === subject)?.fields.name;
  const at = done ? done.fields.at ?? done.at : 0;
  const path = `/tasks/${id}/completion?from=${from}`;
  const late = !done && fields.due && fields.due < env.today();
  return {
    id, what: fields.what, due: fields.due ?? '', done: Boolean(done), mine: forAnybody(env, fields.team, fields.owner) || me.hats.some((one) => one.id === fields.owner) || owner?.person === me.person,
    teams: [fields.team, owner?.team].filter(Boolean),
    fresh: at > env.now() - RECENT_DAYS * 24 * 3600 * 1000, at, op: env.phone.id(), href: `/tasks/${id}?from=${from}`,
    meta: [from.startsWith('/households') ? '' : house, dueText(env, fields), owner?.name ?? env.say('task.anybody')].filter(Boolean).join(' · '),
    ...stated(env, worst([{...rest}, ...(done ? [done] : [])])), mark: done ? env.say(`outcome.task.${state}`) : late ? env.say('task.late') : '', tone: {done: 'moss', could_not: 'ochre'}[state] ?? 'alarm', sign: state === 'done' ? 'check' : '',
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

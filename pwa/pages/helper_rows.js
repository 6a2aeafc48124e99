/** The people round a household: who is there now and who was, what they do, and what of it hangs on them. */
import {stated} from './page.js';
import {dayName} from './plans.js';
import {listed} from './sentences.js';
import {answer, repeats} from './task_rows.js';

export const NEAR = ['home', 'street', 'neighbourhood', 'further'];
// From so many days and tasks together somebody carries much.
const MUCH = 4;
const WEEK = 7;

/** {here, past}: helpers in order of how near they are and of name; of who left the last day was given. */
export function helpersOf(env, known) {
  const sorted = [...known.helper].sort((a, b) => nearness(a) - nearness(b) || a.fields.name.localeCompare(b.fields.name, 'nl'));
  const left = ({fields}) => Boolean(fields.until) && fields.until < env.today();
  return {here: sorted.filter((one) => !left(one)), past: sorted.filter(left)};
}

/** How near a helper lives, 0 is in the house; of whom it was not said, somewhere in the neighbourhood. */
export function nearness({fields}) {
  return NEAR.indexOf(fields.near ?? 'neighbourhood');
}

/** Whether a helper may be asked for something: only a no stands in the way. */
export function askable({fields}) {
  return fields.agreed !== 'no';
}

/** Whether a task or an asking names this helper, or the volunteer whose account is theirs. */
export function names({fields}, {id, fields: {volunteer}}) {
  return fields.helper === id || Boolean(volunteer && fields.volunteer === volunteer);
}

/** Tasks that a helper took on and that are still to be done. */
export function carried(env, known, helper) {
  return known.task.filter((task) => names(task, helper) && isOpen(env, known, task));
}

/** Whether much hangs on this helper already. */
export function carriesMuch(env, known, helper) {
  return (helper.fields.weekdays ?? []).length + carried(env, known, helper).length >= MUCH;
}

/** A helper as a card of the network and as the head of their own page. */
export function helperCard(env, home, one) {
  const {id, fields} = one;
  const tasks = carried(env, home.known, one);
  return {
    id, name: fields.name, relation: fields.relation, kin: [env.say(`relation.${fields.relation}`), fields.near && env.say(`near.${fields.near}`)].filter(Boolean).join(' · '),
    can: (fields.can ?? []).map((what) => env.say(`can.${what}`)), does: fields.does ?? '', days: [daysOf(env, fields.weekdays ?? []), fields.when].filter(Boolean).join(' · '),
    tasks: tasks.length ? env.say('helper.tasks', {n: tasks.length, what: tasks.map((task) => task.fields.what).join(', ')}) : '',
    much: askable(one) && carriesMuch(env, home.known, one) ? env.say('helper.much') : '', limits: fields.limits ? env.say('helper.not_ask', {what: fields.limits}) : '',
    phone: fields.phone ?? '', tel: (fields.phone ?? '').replace(/[^+\d]/g, ''), call: env.say('helper.call', {name: fields.name}), reach: fields.reach ? env.say('helper.reach', {how: env.say(`reach.${fields.reach}`).toLowerCase()}) : '',
    agreed: agreedWords(env, fields), agreed_tone: {yes: 'moss', no: 'plain'}[fields.agreed] ?? 'ochre', href: `/helpers/${id}?in=${home.id}`, ...stated(env, one.state),
  };
}

/** Of somebody who left: until when. */
export function pastRow(env, home, {id, fields}) {
  return {name: fields.name, note: env.say('helper.until', {date: env.speaker().date(fields.until)}), href: `/helpers/${id}?in=${home.id}`};
}

/** Whether a task is still to be done. */
export function isOpen(env, known, {id, fields}) {
  return repeats(fields) ? !fields.until || fields.until >= env.today() : !answer(known, id);
}

function daysOf(env, weekdays) {
  if (weekdays.length === WEEK) return env.say('helper.every_day');
  return weekdays.length ? env.say('helper.days', {days: listed(env, weekdays.map((day) => dayName(env, day)))}) : '';
}

/** Whether somebody agreed, and since when. */
export function agreedWords(env, {agreed, agreed_on: since}) {
  if (agreed === 'yes') return since ? env.say('helper.agreed_since', {date: env.speaker().date(since)}) : env.say('agreement.yes').toLowerCase();
  return env.say(`agreement.${agreed ?? 'unasked'}`).toLowerCase();
}

/** What a task needs that somebody else does: who is asked, when and how often, how it is done, and whom to call. */
import {line, options, text, writer} from './page.js';
import {WEEK} from './plans.js';

const REPEATS = ['once', 'weekdays', 'every'];

/** The part of the form of a task for who will do it; closed while nothing of it is filled in. */
export function entrustFields(env, home, values) {
  const of = (name) => values.get(name) ?? '';
  const days = new Set(values.getAll('weekdays'));
  const mine = home.people.get(writer(env).id);
  return {
    volunteers: volunteers(env, home).map(([value, {name, organisation_name: at}]) => ({value, text: at ? `${name} · ${at}` : name, chosen: value === of('task_volunteer')})),
    entrusted: ['task_volunteer', 'task_time', 'task_instructions'].some(of) || (of('repeat') && of('repeat') !== 'once'),
    repeats: options(env, REPEATS, 'repeat', of('repeat') || 'once'),
    weekdays: WEEK.map((day, i) => ({value: String(i), text: env.speaker().day_short(day).split(' ')[0], chosen: days.has(String(i))})),
    call: {name: of('task_call') || env.phone.me().name, phone: of('task_call_phone') || (mine?.phone ?? '')},
  };
}

/** Its fields of the task: none when nobody is asked and it is done once. */
export function entrusted(env, values, due) {
  const repeat = values.get('repeat'), asked = values.get('task_volunteer'), days = values.getAll('weekdays').map(Number), every = Number(line(values, 'every_days')), until = line(values, 'until');
  return {
    ...given('volunteer', asked), ...given('time', line(values, 'task_time')), ...given('instructions', text(values, 'task_instructions')),
    ...(asked && {...given('call', line(values, 'task_call')), ...given('call_phone', line(values, 'task_call_phone'))}),
    ...(repeat === 'weekdays' && days.length && {weekdays: days}), ...(repeat === 'every' && Number.isInteger(every) && every > 0 && {every_days: every}),
    ...((repeat === 'weekdays' || repeat === 'every') && {due: due ?? env.today(), ...given('until', until)}),
  };
}

/** What is not clear yet: [{field, message}]. */
export function unclearTask(env, values, due) {
  const repeat = values.get('repeat'), until = line(values, 'until');
  const found = [];
  if (values.get('task_volunteer') && !due && (repeat || 'once') === 'once') found.push({field: 'due', message: env.say('entrust.when')});
  if (repeat && repeat !== 'once' && until && until < (due ?? env.today())) found.push({field: 'until', message: env.say('wrong.until')});
  if (repeat === 'weekdays' && !values.getAll('weekdays').length) found.push({field: 'weekdays', message: env.say('wrong.weekdays')});
  if (repeat === 'every' && !/^[1-9]\d{0,2}$/.test(line(values, 'every_days') ?? '')) found.push({field: 'every_days', message: env.say('wrong.every_days')});
  return found;
}

/** Volunteers of the neighbourhood who may be asked: [[hat, colleague], …] by name. */
export function volunteers(env, {people}) {
  const found = [...people].filter(([, {role, until}]) => role === 'volunteer' && !(until && until < env.today()));
  return found.sort(([, a], [, b]) => a.name.localeCompare(b.name, 'nl'));
}

function given(name, value) {
  return value ? {[name]: value} : {};
}

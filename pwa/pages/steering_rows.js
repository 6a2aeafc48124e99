/** What steers the help for somebody and waits for a day, as lines: a talk that is on the agenda, an answer to an escalation, a look back at a step-down, an evaluation. */
import {stated} from './page.js';

// What is on the agenda waits for no day, but for being discussed.
const DAYS = {agenda: '', escalation: 'respond_by', step_down: 'check_on', evaluation: 'day'};
const LONGEST = 60;

/** What is open in these records, to be looked at now first, then in the order of its days. */
export function openRows(env, known) {
  return opened(known).map((one) => row(env, known, one)).sort((a, b) => b.due - a.due || a.day.localeCompare(b.day));
}

/** What I wrote myself and is to be looked at now, with whose household it is. */
export function dueRows(env, known) {
  const mine = new Set(env.phone.me().hats.map(({id}) => id));
  const due = opened(known).filter((one) => mine.has(one.by) && isDue(env, one)).map((one) => row(env, known, one, houseOf(known, one)?.fields.name));
  return due.sort((a, b) => a.day.localeCompare(b.day));
}

/** Whether it waits for something: an escalation until it is closed, a step-down until somebody looked again on the day that was chosen for it. */
export function isOpen({kind, fields}) {
  return kind in DAYS && !fields.closed && !fields.checked_on && (['agenda', 'escalation'].includes(kind) || Boolean(fields[DAYS[kind]]));
}

/** Whether its day has come, or for an escalation is over without an answer. */
export function isDue(env, one) {
  const {kind, fields} = one;
  const day = fields[DAYS[kind]];
  if (!day || !isOpen(one) || fields.answered_on) return false;
  return kind === 'escalation' ? day < env.today() : day <= env.today();
}

/** The beginning of a text, for a line. */
export function short(text) {
  return text.length > LONGEST ? `${text.slice(0, text.lastIndexOf(' ', LONGEST) + 1 || LONGEST).trim()} …` : text;
}

function opened(known) {
  return Object.keys(DAYS).flatMap((kind) => known[kind]).filter(isOpen);
}

function houseOf(known, {subject}) {
  const resident = known.resident.find((one) => one.subject === subject);
  return known.household.find((one) => one.subject === (resident ? `household:${resident.fields.household}` : subject));
}

function row(env, known, one, place = '') {
  const {kind, fields} = one;
  const day = fields[DAYS[kind]] ?? '';
  const due = isDue(env, one);
  const when = fields.answered_on ? env.say('due.answered', {date: env.speaker().near(fields.answered_on, env.today())}) : day && env.say(`due.${kind}_by`, {date: env.speaker().near(day, env.today())});
  return {
    href: `/steering/${one.id}?in=${houseOf(known, one)?.id ?? ''}`, text: env.say(`due.${kind}`), meta: [place, short(fields.question ?? fields.why ?? ''), when].filter(Boolean).join(' · '), day, due,
    mark: due ? env.say('due.now') : stated(env, one.state).state, tone: 'ochre',
  };
}

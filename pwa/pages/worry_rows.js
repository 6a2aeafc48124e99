/** Worries that are not settled yet, as lines: what somebody saw, who, and whether anybody took it up. */
import {stated} from './page.js';
import {signature} from './colleagues.js';

/** Those of everything this phone knows, or of one household; newest first. */
export function worryRows(env, known, people, subject = null) {
  const open = known.worry.filter((one) => (!subject || one.subject === subject) && !stepsOf(known, one).some(({fields}) => fields.step === 'closed'));
  return open.sort((a, b) => instant(b) - instant(a)).map((one) => worryRow(env, known, people, one));
}

/** What was done about a worry, oldest first. */
export function stepsOf(known, {id}) {
  return known.acknowledgement.filter(({fields}) => fields.worry === id).sort((a, b) => instant(a) - instant(b));
}

export function instant({fields, at}) {
  return fields.at ?? at;
}

/** One worry as a line. */
export function worryRow(env, known, people, one) {
  const house = known.household.find(({subject}) => subject === one.subject)?.fields.name;
  const taken = stepsOf(known, one).length > 0;
  return {
    id: one.id, href: `/worries/${one.id}`, text: one.fields.text, meta: [house, env.speaker().when(instant(one), env.now()), signature(env, people, one, known.helper)].filter(Boolean).join(' · '),
    ...(one.state ? {mark: stated(env, one.state).state, tone: 'ochre'} : {mark: env.say(taken ? 'today.worry_taken' : 'today.worry_new'), tone: taken ? 'moss' : 'alarm'}),
  };
}

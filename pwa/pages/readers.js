/** Who will read what is written now, as one sentence under each form. */
import {hat, writer} from './page.js';

const KNOWN = ['nurse', 'outreach', 'lead', 'volunteer'];

/** For a visit or a note. */
export function readersOfVisit(env) {
  const {team_name: team, role} = writer(env);
  return env.say(`readers.${KNOWN.includes(role) ? role : 'lead'}`, {team});
}

/** For the practical side of a household: a plan, a task, who lives there. */
export function readersOfPlan(env) {
  return env.say('readers.plan', {team: writer(env).team_name});
}

/** For a neighbourhood contact. */
export function readersOfContact(env) {
  return env.say('readers.contact', {team: hat(env).team_name});
}

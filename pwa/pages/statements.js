/** What residents said and what was shared on another ground, as it stands today: the phone's reading of the rule by which the office opens and closes. */
import * as rules from '../../sync/rules.js';
import {goes, writer} from './page.js';

const RANKS = {person: 3, team: 2, organisation: 1};
// A team that was not seen for this long, and has no plan, does not come any more as far as a phone can tell.
const LATE_DAYS = 90;

/** Whether a shown consent or share counts today. */
export function inForce(env, {fields: {since, until, withdrawn}}) {
  return !withdrawn && since <= env.today() && (!until || until >= env.today());
}

/** Whether it opens or closes anything: agreement with help and consent as a legal ground do not. */
export function opening({kind, fields}) {
  return kind === 'share' || fields.about === 'secrecy';
}

/** Consents and shares about these residents' subjects. */
export function statementsOf(known, subjects) {
  return [...known.consent, ...known.share].filter(({subject}) => subjects.includes(subject));
}

/** The topics of a consent or share that a no to the same recipient leaves open. */
export function leftOpen(env, statements, one) {
  const closed = statements.filter((other) => other.fields.answer === 'no' && opening(other) && inForce(env, other) && sameTo(other, one));
  return one.fields.topics.filter((topic) => !closed.some(({fields: {topics}}) => topics.includes(topic)));
}

/** Whether two statements are about one resident and one recipient. */
export function sameTo(one, other) {
  return one.subject === other.subject && one.fields.to_kind === other.fields.to_kind && one.fields.to === other.fields.to;
}

/** What was said about a topic to somebody who is all of these {person, team, organisation}: true, false, or null when nothing was. */
export function decided(env, statements, to, topic) {
  const mine = statements.filter((one) => opening(one) && inForce(env, one) && to[one.fields.to_kind] === one.fields.to && one.fields.topics.includes(topic));
  const rank = Math.max(0, ...mine.map(({fields}) => RANKS[fields.to_kind]));
  const strongest = mine.filter(({fields}) => RANKS[fields.to_kind] === rank);
  return strongest.length ? strongest.every(({fields}) => fields.answer !== 'no') : null;
}

/** Teams that this phone saw coming to a household of late: in its plans that go on and in its visits. */
export function teamsHere(env, known, people, house) {
  const since = rules.day_add(env.today(), -LATE_DAYS);
  const last = ({start, until, weekdays, every_days: every}) => until ?? (weekdays?.length || every ? env.today() : start);
  const here = ({subject}) => subject === `household:${house}`;
  const teamOf = (hat) => people.get(hat)?.team;
  const plans = known.schedule.filter((one) => here(one) && last(one.fields) >= since);
  const planned = plans.flatMap(({fields: {team, who}}) => [team, ...(who ?? []).map(teamOf)]);
  const came = known.visit.filter((one) => here(one) && one.fields.day >= since).map(({by}) => teamOf(by));
  return new Set([...planned, ...came].filter(Boolean));
}

/** The same, but of my own teams what the office opened to me tells it: who is here by a resident's word only does not come to the house. */
export function comesHere(env, known, people, {id, residents}, pairs) {
  const here = teamsHere(env, known, people, id);
  const mine = env.phone.me().hats.filter(goes).map(({team}) => team);
  const seen = mine.filter((team) => here.has(team));
  const subjects = [`household:${id}`, ...residents.map(({subject}) => subject)];
  const open = pairs.filter(([subject, , until]) => subjects.includes(subject) && (!until || until >= env.today()));
  for (const team of mine) here.delete(team);
  // The office has not heard of a household that was begun here: my team will come to it.
  if (open.length && !open.some(([, , , , ground]) => (ground ?? 'care') === 'care')) return here;
  for (const team of seen.length ? seen : [writer(env).team]) here.add(team);
  return here;
}

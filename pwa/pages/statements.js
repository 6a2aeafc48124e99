/** What residents said and what was shared on another ground, as it stands today: the phone's reading of the rule by which the office opens and closes. */

const RANKS = {person: 3, team: 2, organisation: 1};
// What a profession reads where its team comes; money and safety are opened by name only.
const TOPICS_OF_KIND = {care: ['practical', 'body', 'mind', 'society', 'social'], welfare: ['practical', 'mind', 'society', 'social']};

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

/** Teams that this phone saw coming to a household: in its plans and its visits. */
export function teamsHere(known, people, house) {
  const subject = `household:${house}`;
  const planned = known.schedule.filter((one) => one.subject === subject).flatMap(({fields: {team, who}}) => [team, ...(who ?? []).map((hat) => people.get(hat)?.team)]);
  const came = known.visit.filter((one) => one.subject === subject).map(({by}) => people.get(by)?.team);
  return new Set([...planned, ...came].filter(Boolean));
}

/** Of these topics those that a recipient reads, by what was said or because its team comes there. */
export function readable(env, statements, one, topics, here) {
  const to = {[one.noun]: one.id, ...(one.team && {team: one.team}), ...(one.organisation && {organisation: one.organisation})};
  const usual = here.has(one.team) ? TOPICS_OF_KIND[one.kind] ?? [] : [];
  return topics.filter((topic) => decided(env, statements, to, topic) ?? usual.includes(topic));
}

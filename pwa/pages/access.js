/** Who reads what is written about a resident, as far as this phone knows: the twin of server/access.py, held to the same cases. */
import {decided, inForce, opening} from './statements.js';

// What a profession reads where its team comes; money and safety are opened by name only.
const NEEDS = {nurse: ['practical', 'body', 'mind', 'society', 'social'], outreach: ['practical', 'mind', 'society', 'social']};
const LEADS_AS = {care: 'nurse', welfare: 'outreach'};
const KIND_OF_ROLE = {nurse: 'care', outreach: 'welfare'};

/** What an answer rests on: {env, hats: those in force, kinds: organisation -> kind, said: consents and shares, here: the teams that come there}. */
export function basis(env, people, said, here) {
  const hats = worn(env, people);
  return {env, hats, kinds: kindsOf(env, hats), said: said.filter((one) => opening(one) && inForce(env, one)), here};
}

/** Whether a person, team or organisation is more than volunteers: to those no word and no share opens anything. */
export function professional(env, people, noun, id) {
  return worn(env, people).some((hat) => hat[noun] === id && hat.role !== 'volunteer');
}

/** Whether a person, under any of their hats, reads a topic about a resident (`subject`). */
export function reads(on, person, subject, topic) {
  return on.hats.some((hat) => hat.person === person && (hatReads(on, hat, subject, topic) || reviews(on, hat, subject, topic)));
}

/** Whether a person reads what is practical about a household itself: with the care, whatever its residents said, or by the word of one of them. */
export function readsPlan(on, person, subjects) {
  return on.hats.some((hat) => hat.person === person && hatReadsPlan(on, hat, subjects));
}

/** Whether a hat reads a topic about a resident: what was said to it counts, and where nothing was said whether its team comes there. */
export function hatReads(on, hat, subject, topic) {
  if (hat.role === 'volunteer') return false;
  return said(on, hat, subject, topic) ?? (on.here.has(hat.team) && needs(on, hat).includes(topic));
}

/** The same of a household itself. */
export function hatReadsPlan(on, hat, subjects) {
  if (hat.role === 'volunteer') return false;
  return (on.here.has(hat.team) && needs(on, hat).length > 0) || subjects.some((subject) => said(on, hat, subject, 'practical'));
}

function worn(env, people) {
  return [...people.values()].filter(({until}) => !until || until >= env.today());
}

function said(on, hat, subject, topic) {
  return decided(on.env, on.said.filter((one) => one.subject === subject), hat, topic);
}

/** A lead of care or welfare reads what a member of the team reads; never safety, and not what was closed to the lead by name. */
function reviews(on, lead, subject, topic) {
  if (lead.role !== 'lead' || !needs(on, lead).length || topic === 'safety') return false;
  const noes = on.said.filter((one) => one.subject === subject && one.fields.to === lead.person && one.fields.answer === 'no');
  const closed = noes.some(({fields}) => fields.topics.includes(topic));
  return !closed && on.hats.some((hat) => hat.team === lead.team && hatReads(on, hat, subject, topic));
}

function needs(on, {role, organisation}) {
  return NEEDS[role === 'lead' ? LEADS_AS[on.kinds.get(organisation)] : role] ?? [];
}

/** Organisation -> kind: my own hats say it, of the others it shows from the work that most professionals do there. */
function kindsOf(env, hats) {
  const counts = new Map();
  for (const {organisation, role} of hats) {
    const kind = KIND_OF_ROLE[role];
    if (kind) counts.set(organisation, {...counts.get(organisation), [kind]: (counts.get(organisation)?.[kind] ?? 0) + 1});
  }
  const most = [...counts].map(([organisation, n]) => [organisation, (n.welfare ?? 0) > (n.care ?? 0) ? 'welfare' : 'care']);
  const own = env.phone.me().hats.filter(({kind}) => kind).map(({organisation, kind}) => [organisation, kind]);
  return new Map([...most, ...own]);
}

/** Who will be able to read what is written now, as one quiet line under each form: by whose team comes there, and by what residents said. */
import {basis, hatReads, hatReadsPlan, reads, readsPlan} from './access.js';
import {hat, writer} from './page.js';
import {recipientOf, recipients} from './recipients.js';
import {named} from './sentences.js';
import {comesHere, statementsOf} from './statements.js';

const LONGEST = 160;
const PRACTICAL = ['practical'];
const SOCIAL = ['social'];
const SAFETY = ['safety'];
// Who does not live there yet said nothing to anybody.
const NEWCOMER = {id: '', subject: ''};

/** For what is written about a resident of a home (known, people, id, residents), or about any of them, in these topics. */
export async function readersOf(env, home, topics, resident = null) {
  const whom = resident === null ? home.residents : home.residents.filter(({id}) => id === resident);
  const subjects = (whom.length ? whom : [NEWCOMER]).map(({subject}) => subject);
  const on = await basisOf(env, home);
  return line(env, told(env, home.people, on, topics, {
    hat: (one) => topics.filter((topic) => subjects.some((subject) => hatReads(on, one, subject, topic))),
    person: (id) => topics.filter((topic) => subjects.some((subject) => reads(on, id, subject, topic))),
  }));
}

/** For the practical side of a household: a plan, a task, its front door; of a household that is not there yet, the team alone. */
export async function readersOfPlan(env, home = null, volunteer = null) {
  const last = home?.people.has(volunteer) ? env.say('readers.entrusted', {name: home.people.get(volunteer).name}) : undefined;
  if (!home) return line(env, [env.say('readers.team', {team: writer(env).team_name})]);
  const subjects = home.residents.map(({subject}) => subject);
  const on = await basisOf(env, home);
  return line(env, told(env, home.people, on, PRACTICAL, {
    hat: (one) => (hatReadsPlan(on, one, subjects) ? PRACTICAL : []),
    person: (id) => (readsPlan(on, id, subjects) ? PRACTICAL : []),
  }), last);
}

/** For what is written about somebody's safety: of nobody it is open to by name, its author alone. */
export async function readersOfSafety(env, home, resident = null) {
  const {pairs = []} = await env.phone.scope() ?? {};
  const open = new Set(pairs.filter(([, topic, until]) => topic === SAFETY[0] && (!until || until >= env.today())).map(([subject]) => subject));
  const whom = home.residents.filter(({id}) => !resident || id === resident);
  return whom.length && whom.every(({subject}) => open.has(subject)) ? readersOf(env, home, SAFETY, resident) : env.say('safety_step.only_me');
}

/** For what is known of a resident, and of one who is about to live there (`resident` null). */
export function readersOfFacts(env, home, resident) {
  return readersOf(env, resident ? home : {...home, residents: []}, PRACTICAL, resident);
}

/** For a neighbourhood contact: with nobody's name it is the team's own. */
export async function readersOfContact(env, known, people, resident) {
  const one = known.resident.find(({id}) => id === resident);
  if (!one) return env.say('readers.contact', {team: hat(env).team_name});
  return readersOf(env, {known, people, id: one.fields.household, residents: [one]}, SOCIAL);
}

/** What an answer about this home rests on. */
export async function basisOf(env, {known, people, id, residents}) {
  const {pairs = []} = await env.phone.scope() ?? {};
  const here = comesHere(env, known, people, {id, residents}, pairs);
  return basis(env, people, statementsOf(known, residents.map(({subject}) => subject)), here);
}

/** My own team, then everybody beside it as a sentence each. */
function told(env, people, on, topics, who) {
  return [ownLine(env, on, topics, who), ...others(env, people, on, who).map(([name, read]) => other(env, name, read, topics))];
}

function ownLine(env, on, topics, who) {
  const {team, team_name: name} = writer(env);
  const read = ofTeam(on, team, who);
  const closed = topics.filter((topic) => !read.includes(topic));
  if (!closed.length) return env.say('readers.team', {team: name});
  return read.length ? env.say('readers.team_but', {team: name, topics: named(env, closed)}) : env.say('readers.not', {who: name});
}

/** [who, topics] beside my team: a team only where it differs from its organisation, a person only where they differ from their teams. */
function others(env, people, on, who) {
  const known = recipients(env, people);
  const all = [...known.values()];
  const {team: mine} = writer(env);
  const organisations = all.filter(({noun}) => noun === 'organisation').map((one) => [one, ofOrganisation(on, one.id, who)]);
  const usual = new Map(organisations.map(([one, read]) => [one.id, read.join()]));
  const teams = all.filter((one) => one.noun === 'team' && one.id !== mine).map((one) => [one, ofTeam(on, one.id, who)]);
  const persons = singled(env, on).map((id) => [recipientOf(env, known, {to_kind: 'person', to: id}), who.person(id), byTeams(on, id, who)]);
  return [
    ...organisations.filter(([, read]) => read.length).map(([one, read]) => [one.name, read]),
    ...teams.filter(([one, read]) => read.join() !== (usual.get(one.organisation) ?? '')).map(([one, read]) => [one.name, read]),
    ...persons.filter(([, read, team]) => read.join() !== team.join()).map(([one, read]) => [one.name, read]),
  ];
}

/** What an organisation reads as a whole: what was said to it, when more than volunteers work there. */
function ofOrganisation(on, organisation, who) {
  return workers(on.hats.filter((one) => one.organisation === organisation)).some(({role}) => role !== 'volunteer') ? who.hat({organisation}) : [];
}

/** What the people of a team read, a lead among them left out unless there is nobody else. */
function ofTeam(on, team, who) {
  const read = workers(on.hats.filter((one) => one.team === team)).map((one) => who.hat({...one, person: null}));
  return [...new Set(read.flat())];
}

function byTeams(on, person, who) {
  return [...new Set(on.hats.filter((one) => one.person === person).flatMap(({team}) => ofTeam(on, team, who)))];
}

/** One hat of each role, without the lead's where somebody else is there too. */
function workers(hats) {
  const roles = [...new Map(hats.map((one) => [one.role, one])).values()];
  const others = roles.filter(({role}) => role !== 'lead');
  return others.length ? others : roles;
}

/** Who may differ from their team, me left out: of whom something was said by name, and who leads. */
function singled(env, on) {
  const me = env.phone.me().person;
  const spoken = on.said.filter(({fields}) => fields.to_kind === 'person').map(({fields}) => fields.to);
  const leads = on.hats.filter(({role}) => role === 'lead').map(({person}) => person);
  return [...new Set([...spoken, ...leads])].filter((person) => person !== me);
}

function other(env, who, read, topics) {
  if (!read.length) return env.say('readers.not', {who});
  return read.length === topics.length ? env.say('readers.too', {who}) : env.say('readers.only', {who, topics: named(env, read)});
}

/** As much as fits in one quiet line: the volunteers are the first to go, then the others are counted. */
function line(env, [own, ...more], last = env.say('readers.volunteers')) {
  const all = [own, ...more, last].join(' ');
  if (all.length <= LONGEST || !more.length) return all;
  const known = [own, ...more].join(' ');
  return known.length <= LONGEST ? known : [own, env.say('readers.many', {n: more.length}), last].join(' ');
}

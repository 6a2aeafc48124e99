/** Who will be able to read what is written now, as one quiet line under each form: by whose team comes there, and by what residents said. */
import {hat, writer} from './page.js';
import {recipientOf, recipients} from './recipients.js';
import {named} from './sentences.js';
import {decided, inForce, opening, readable, statementsOf, teamsHere} from './statements.js';

const LONGEST = 160;
const SOCIAL = ['social'];

/** For what is written about a resident of a home (known, people, id, residents): in these topics. */
export function readersOf(env, {known, people, id, residents}, topics, resident = null) {
  const subjects = residents.filter((one) => !resident || one.id === resident).map(({subject}) => subject);
  const said = statementsOf(known, subjects);
  const here = teamsHere(known, people, id).add(writer(env).team);
  const of = (one) => topics.filter((topic) => (subjects.length ? subjects : ['']).some((whom) => readable(env, said.filter(({subject}) => subject === whom), one, [topic], here).length));
  return line(env, [ownLine(env, said, topics), ...others(env, people, said, of).map(([who, read]) => other(env, who, read, topics))]);
}

/** For the practical side of a household: a plan, a task, who lives there; of a household that is not there yet, the team alone. */
export function readersOfPlan(env, home = null) {
  return home ? readersOf(env, home, ['practical']) : line(env, [env.say('readers.team', {team: writer(env).team_name})]);
}

/** For a neighbourhood contact: with nobody's name it is the team's own. */
export function readersOfContact(env, known, people, resident) {
  const one = known.resident.find(({id}) => id === resident);
  return one ? readersOf(env, {known, people, id: one.fields.household, residents: [one]}, SOCIAL) : env.say('readers.contact', {team: hat(env).team_name});
}

function ownLine(env, said, topics) {
  const {team, organisation, team_name: name} = writer(env);
  const closed = topics.filter((topic) => decided(env, said, {team, organisation}, topic) === false);
  return closed.length ? env.say('readers.team_but', {team: name, topics: named(env, closed)}) : env.say('readers.team', {team: name});
}

/** [who, topics] of everybody beside my team: a team only where it differs from its organisation, a person only where they differ from their team. */
function others(env, people, said, of) {
  const known = recipients(env, people);
  const {team: mine} = writer(env);
  const usual = (key) => (known.has(key) ? of(known.get(key)) : []).join();
  const all = [...known.values()].filter(({kind}) => kind !== 'volunteers');
  const organisations = all.filter((one) => one.noun === 'organisation' && of(one).length);
  const teams = all.filter((one) => one.noun === 'team' && one.id !== mine && of(one).join() !== usual(`organisation:${one.organisation}`));
  const persons = namedPeople(env, known, said).filter((one) => of(one).join() !== usual(`team:${one.team}`));
  return [...organisations, ...teams, ...persons].map((one) => [one.name, of(one)]);
}

function namedPeople(env, known, said) {
  const me = env.phone.me().person;
  const found = said.filter((one) => one.fields.to_kind === 'person' && one.fields.to !== me && opening(one) && inForce(env, one));
  return [...new Map(found.map(({fields}) => [fields.to, recipientOf(env, known, fields)])).values()];
}

function other(env, who, read, topics) {
  if (!read.length) return env.say('readers.not', {who});
  return read.length === topics.length ? env.say('readers.too', {who}) : env.say('readers.only', {who, topics: named(env, read)});
}

/** As much as fits in one quiet line: the volunteers are the first to go, then the others are counted. */
function line(env, [own, ...more]) {
  const last = env.say('readers.volunteers');
  const all = [own, ...more, last].join(' ');
  if (all.length <= LONGEST || !more.length) return all;
  const known = [own, ...more].join(' ');
  return known.length <= LONGEST ? known : [own, env.say('readers.many', {n: more.length}), last].join(' ');
}

/** A world of sync/cases/entitled.json as the phone of somebody who comes there holds it, what no phone can know, and its word beside the truth. */
import * as merge from '../../sync/merge.js';
import kinds from '../../sync/kinds.json' with {type: 'json'};
import * as rules from '../../sync/rules.js';
import {basis, reads, readsPlan} from '../../pwa/pages/access.js';
import {colleagues} from '../../pwa/pages/colleagues.js';
import {byKind} from '../../pwa/pages/page.js';
import {readersOf} from '../../pwa/pages/readers.js';
import {comesHere, statementsOf} from '../../pwa/pages/statements.js';

export const TOPICS = kinds.topics;
/** A nurse of a team beside all others, who comes to everybody: nobody's set changes by it, and her phone holds all that residents said. */
export const US = 'us';
const FIT = {care: 'nurse', welfare: 'outreach', volunteers: 'volunteer'};
const WRITE = {by: 'hat 0', role: 'nurse', stamp: '1763800000000-0000-0000beef', version: 1, seen: 0, device: 'd', n: 1};

/**
 * What a phone cannot know. `of` says whom it touches: of them the phone may say more than is true ('many': it names who does not read it),
 * less ('few'), or either. Of everybody else it has to be right to the letter. Two more things are kept out by how the question is put: a phone
 * is not asked of a resident whose practical things it does not hold whole, for then it does not hold all that was said; and it hears of no care
 * relation, only of the plans and visits of those who come (`seen`), so a test of its own leaves some out and puts some in.
 */
export const UNKNOWN = [
  {it: 'who-is-who tells no first day: who begins tomorrow is told as if they had begun, and so is what their lead reads through them', may: 'many',
    of: ({world, day}, person) => {
      const led = leads(world, day, person).map(({team}) => team);
      return later(world, day).some((hat) => hat.person === person || led.includes(hat.team));
    }},
  {it: 'what an organisation is for shows only from the work of its people: without them, or with other work, a lead is guessed at', may: 'either',
    of: ({world, day}, person) => leads(world, day, person).some(({team}) => odd(world, day, world.teams[team]))},
  {it: 'a pair comes with one ground: where residents opened all of it for longer than the care lasts, my own team is not seen', may: 'few',
    of: ({world, day, owner, pairs, seen}, person, subject) => {
      const house = houseOf(world, subject);
      if (pairs.some(([whom, , , , ground]) => ground === 'care' && houseOf(world, whom) === house)) return false;
      const theirs = teamsOf(world, day, person);
      return teamsOf(world, day, owner).some((team) => theirs.includes(team) && seen.some(([at, one]) => at === house && one === team));
    }},
];

/** The world with us in it. */
export function withUs(world) {
  const care = Object.values(world.residents).map((house) => [house, US, '0001-01-01', null]);
  const organisations = {...world.organisations, [US]: 'care'};
  const hats = [...world.hats, [US, US, 'nurse', '0001-01-01', null]];
  return {...world, organisations, hats, teams: {...world.teams, [US]: US}, care: [...world.care, ...care]};
}

/** The phone of `owner` on a day; `pairs` as the office gave them, `seen` the [household, team] of which it holds a plan. */
export function aPhoneOf(world, day, owner, {pairs = everything(world), seen = comes(world, day)} = {}) {
  const faces = hatsOf(world).map((hat) => colleague(world, day, hat));
  const known = byKind([...faces, ...Object.keys(world.residents).map((id) => resident(world, id)), ...seen.map(plan(day)), ...said(world)]);
  const mine = hatsOf(world).filter(({person, since, until}) => person === owner && inForce(since, until, day));
  const told = [];
  const env = {
    today: () => day, say: (key, values) => { told.push([key, values]); return plainly(key); },
    phone: {me: () => ({person: owner, name: owner, hats: mine, wearing: mine[0]?.id}), scope: async () => ({pairs})},
  };
  const people = colleagues(env, known.colleague);
  const home = (house) => ({id: house, known, people, residents: known.resident.filter(({fields}) => fields.household === house)});
  return {env, told, world, day, owner, pairs, seen, home};
}

/** Whether the phone says that a person reads a topic of a subject, a resident's or a household's. */
export function phoneSays({env, world, pairs, home}, person, subject, topic) {
  const house = home(houseOf(world, subject));
  const subjects = house.residents.map((one) => one.subject);
  const on = basis(env, house.people, statementsOf(house.known, subjects), comesHere(env, house.known, house.people, house, pairs));
  return subject.startsWith('household:') ? topic === 'practical' && readsPlan(on, person, subjects) : reads(on, person, subject, topic);
}

/** Where phone and truth differ more than they may: [{person, subject, topic, phone, truth}]; `truth` is a set of 'subject topic'. */
export function differences(phone, person, truth, subjects, count = {}) {
  return subjects.flatMap((subject) => {
    const may = UNKNOWN.filter(({of}) => of(phone, person, subject)).map((one) => one.may);
    count[may.length ? 'loose' : 'exact'] += TOPICS.length;
    const answer = (topic) => ({phone: phoneSays(phone, person, subject, topic), truth: truth.has(`${subject} ${topic}`)});
    const found = TOPICS.map((topic) => ({person, subject, topic, ...answer(topic)}));
    return found.filter((one) => one.phone !== one.truth && !may.includes('either') && !may.includes(one.phone ? 'many' : 'few'));
  });
}

/** What the line under a form says about one resident, all topics asked: person -> set; by name, or else by team, or else by organisation. */
export async function lineSays({env, told, world, day, home}, resident) {
  told.length = 0;
  await readersOf(env, home(world.residents[resident]), TOPICS, resident);
  const spoken = told.filter(([key]) => key.startsWith('readers.'));
  const lines = new Map(spoken.map(([key, values = {}]) => [values.who ?? values.team, understood(key, values)]));
  const byTeam = (team) => [...lines.get(team) ?? lines.get(world.teams[team]) ?? []];
  return (person) => lines.get(person) ?? new Set(teamsOf(world, day, person).flatMap(byTeam));
}

/** Whether every team can be told as one: all but its leads do the same work. */
export function toldAsOne({world, day}) {
  const work = current(world, day).filter(({role}) => role !== 'lead');
  return !later(world, day).length && work.every(({team, role}) => work.every((other) => other.team !== team || other.role === role));
}

/** [household, team] of every care relation in force. */
export function comes(world, day) {
  return world.care.filter(([, , since, until]) => inForce(since, until, day)).map(([house, team]) => [house, team]);
}

/** Subjects of all residents and their households. */
export function subjectsOf(world) {
  const houses = new Set(Object.values(world.residents));
  return [...Object.keys(world.residents).map((id) => `resident:${id}`), ...[...houses].map((house) => `household:${house}`)];
}

/** The household of a resident's subject, or its own. */
export function houseOf(world, subject) {
  const [noun, id] = subject.split(':');
  return noun === 'household' ? id : world.residents[id];
}

function everything(world) {
  const topics = (subject) => (subject.startsWith('household:') ? ['practical'] : TOPICS);
  return subjectsOf(world).flatMap((subject) => topics(subject).map((topic) => [subject, topic, null, 0, 'care']));
}

/** Messages of which only the topics matter. */
function plainly(key) {
  if (key === 'today.and') return ', ';
  return key.startsWith('topic.') ? key.slice('topic.'.length) : '';
}

function understood(key, {topics = ''}) {
  const named = topics.split(', ').filter(Boolean);
  if (key === 'readers.team_but') return new Set(TOPICS.filter((topic) => !named.includes(topic)));
  if (key === 'readers.only') return new Set(named);
  return new Set(key === 'readers.not' ? [] : TOPICS);
}

function inForce(since, until, day) {
  return since <= day && !(until && until < day);
}

function hatsOf(world) {
  return world.hats.map(([person, team, role, since, until], i) => {
    const organisation = world.teams[team];
    const kind = world.organisations[organisation];
    return {id: `hat ${i}`, person, role, since, until, team, team_name: team, organisation, organisation_name: organisation, kind};
  });
}

function current(world, day) {
  return hatsOf(world).filter(({person, since, until}) => !world.left.includes(person) && inForce(since, until, day));
}

function later(world, day) {
  return hatsOf(world).filter(({person, since, until}) => !world.left.includes(person) && since > day && !(until && until < day));
}

function leads(world, day, person) {
  return [...current(world, day), ...later(world, day)].filter((hat) => hat.person === person && hat.role === 'lead');
}

/** The teams of a person where they are no volunteer. */
function teamsOf(world, day, person) {
  return current(world, day).filter((hat) => hat.person === person && hat.role !== 'volunteer').map(({team}) => team);
}

function odd(world, day, organisation) {
  const work = [...current(world, day), ...later(world, day)].filter((hat) => hat.organisation === organisation && hat.role !== 'lead');
  return !work.length || work.some(({role, kind}) => role !== FIT[kind]);
}

/** A record as the office stores it. */
function record(kind, id, subject, fields) {
  const change = {kind, record: id, subject, topic: 'practical', fields, by: WRITE.by, seen: 0, n: 1, id: `change ${id}`};
  return merge.apply(null, change, WRITE, kinds.kinds[kind]);
}

/** What who-is-who says of a hat: its last day, which is yesterday for who left. */
function colleague(world, day, {id, person, role, team, organisation, until}) {
  const last = world.left.includes(person) ? rules.day_add(day, -1) : until;
  const fields = {person, name: person, role, team, team_name: team, organisation_name: organisation, ...(last && {until: last})};
  return record('colleague', id, `organisation:${organisation}`, fields);
}

function resident(world, id) {
  return record('resident', id, `resident:${id}`, {household: world.residents[id], name: id});
}

function plan(day) {
  return ([house, team], i) => record('schedule', `plan ${i}`, `household:${house}`, {what: 'langs', start: day, every_days: 7, team});
}

/** What residents said, as records; a share that was decided against was never one. */
function said(world) {
  return world.statements.filter(({kind, answer}) => kind !== 'share' || answer === 'yes').map((one) => {
    const [to_kind, to] = one.to.split(':');
    const {topics, since, until, before, withdrawn} = one;
    const scope = {to_kind, to, topics, since, ...(until && {until}), before, ...(withdrawn && {withdrawn})};
    const more = one.kind === 'share' ? {} : {about: one.kind, answer: one.answer, how: 'spoken'};
    return record(one.kind === 'share' ? 'share' : 'consent', `said ${one.n}`, `resident:${one.resident}`, {...more, ...scope});
  });
}

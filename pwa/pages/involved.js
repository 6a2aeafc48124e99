/** Wie is betrokken: who else is there for a resident, never what it is about, as the resident confirmed it; and beside it what this phone knows by itself. */
import * as rules from '../../sync/rules.js';
import {go, missing, savedLine, show, stated, writer} from './page.js';
import {signature} from './colleagues.js';
import {keepForm} from './drafts.js';
import {alsoWritten, begun, factsPage, fieldsOf, keepFacts, mended, written} from './facts.js';
import {door_of} from './home.js';
import {tel} from './household.js';
import {inSentence} from './names.js';
import {readersOfFacts} from './readers.js';
import {recipientOf, recipients} from './recipients.js';
import {comesHere, inForce, leftOpen, opening, statementsOf} from './statements.js';

const TONES = {yes: 'moss', no: 'alarm', unasked: 'ochre'};

/** GET /households/{id}/involved; ?saved= what was just written here. */
export async function involved(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  await env.phone.reads.note(home.house.subject, 'household');
  const saved = await savedLine(env, new URL(request.url).searchParams.get('saved'), 'involved.saved');
  const here = await teamsOf(env, home);
  const people = home.residents.map((resident) => person(env, home, resident, here));
  return show(env, 'involved.html', {
    household: id, lead: home.house.fields.name, saved, several: people.length > 1, nobody: !people.length, people,
    teams: here.map(({short, kind}) => ({name: short, meta: [env.say(`recipient.kind.${kind}`), env.say('involved.comes')].join(' · ')})),
    past: past(env, home),
  }, {tab: 'households', page: 'involved', live: true, spoken: saved, back: {href: `/households/${id}`, text: home.house.fields.name}});
}

/** GET /households/{id}/involved/new?of= resident. */
export async function newInvolved(request, env, {id}) {
  const {home, resident} = await about(request, env, id);
  if (!resident) return missing(env);
  const {values, outcome} = await begun(env, `involved-new ${resident.subject}`);
  return newForm(env, home, resident, values, outcome);
}

/** POST /households/{id}/involved?of= resident. */
export async function addInvolved(request, env, {id}) {
  const {home, resident} = await about(request, env, id);
  if (!resident) return missing(env);
  const values = await request.formData();
  const fields = answered(env, {...written('involved', values)});
  const change = env.phone.change('involved', {subject: resident.subject, topic: 'practical', by: writer(env).id, fields});
  const again = (outcome) => newForm(env, home, resident, values, outcome);
  return keep(env, values, [change], {again, then: ([made]) => go(`/households/${id}/involved?saved=${made.record}`)});
}

/** GET /involved/{id}/edit?in= household. */
export async function editInvolved(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const {values, outcome} = await begun(env, `involved-edit ${one.subject} ${id}`, 'involved', one);
  return editForm(env, home, one, values, outcome);
}

/** POST /involved/{id}?in= household: what changed, and nothing else. */
export async function mendInvolved(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const values = await request.formData();
  const changes = mended(env, 'involved', one, values, writer(env).id).map((change) => ({...change, fields: answered(env, change.fields)}));
  return keep(env, values, changes, {again: (outcome) => editForm(env, home, one, values, outcome), then: ([made]) => go(`/households/${home.id}/involved${made ? `?saved=${id}` : ''}`)});
}

/** POST /involved/{id}/confirmation?in= household: the resident says that it is right, or that it is not. */
export async function confirmInvolved(request, env, {id}) {
  const values = await request.formData();
  return write(request, env, id, values, answered(env, {confirmed: values.get('confirmed') === 'yes' ? 'yes' : 'no'}));
}

/** POST /involved/{id}/ending?in= household: not involved any more from today, or again. */
export async function endInvolved(request, env, {id}) {
  const values = await request.formData();
  return write(request, env, id, values, {until: values.get('end') === 'yes' ? rules.day_add(env.today(), -1) : null});
}

async function write(request, env, id, values, fields) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  await keepForm(env, [env.phone.change('involved', {record: one.record, by: writer(env).id, fields})], values);
  return go(`/households/${home.id}/involved?saved=${id}`);
}

/** Fields with the day on which the resident was asked. */
function answered(env, fields) {
  if (!('confirmed' in fields)) return fields;
  return {...fields, confirmed_on: ['yes', 'no'].includes(fields.confirmed) ? env.today() : null};
}

async function about(request, env, id) {
  const home = await door_of(env, id);
  const of = new URL(request.url).searchParams.get('of');
  return {home, resident: home?.residents.find((one) => one.id === of) ?? null};
}

async function find(request, env, id) {
  const home = await door_of(env, new URL(request.url).searchParams.get('in') ?? '');
  return {home, one: home?.known.involved.find((known) => known.id === id) ?? null};
}

function person(env, home, resident, here) {
  const {id, subject, fields: {name, given}} = resident;
  const now = home.known.involved.filter((one) => one.subject === subject && !over(env, one)).sort(byName);
  return {
    id, name, add: `/households/${home.id}/involved/new?of=${id}`, add_text: env.say('involved.add'),
    cards: now.map((one) => card(env, home, one, given ?? inSentence(name))), readers: readers(env, home, subject, given ?? inSentence(name), here),
  };
}

function card(env, home, one, name) {
  const {id, fields} = one;
  const said = fields.confirmed ?? 'unasked';
  const period = [fields.since && env.say('involved.since', {date: env.speaker().date(fields.since)}), fields.until && env.say('involved.until', {date: env.speaker().date(fields.until)})];
  return {
    id, organisation: fields.organisation, who: [fields.name, fields.does].filter(Boolean).join(' · '), period: period.filter(Boolean).join(' '),
    tel: tel(fields.phone), whom: fields.name ?? fields.organisation, also: alsoWritten(env, home.people, one), hand: env.say('involved.written', {who: signature(env, home.people, one)}),
    said: [env.say(`involved.said.${said}`, {name}), fields.confirmed_on && env.speaker().date(fields.confirmed_on)].filter(Boolean).join(' · '), tone: TONES[said], ask: said === 'unasked',
    confirm: `/involved/${id}/confirmation?in=${home.id}`, op: env.phone.id(), edit: `/involved/${id}/edit?in=${home.id}`, end: `/involved/${id}/ending?in=${home.id}`, end_op: env.phone.id(), ...stated(env, one.state),
  };
}

/** Who reads along by the resident's word, or on another ground of which the resident was told: somebody who leafs through this page together learns nothing new. */
function readers(env, home, subject, name, here) {
  const all = statementsOf(home.known, [subject]).filter((one) => opening(one) && inForce(env, one));
  const open = all.filter((one) => (one.kind === 'share' ? one.fields.told === 'yes' : one.fields.answer === 'yes') && leftOpen(env, all, one).length);
  const known = recipients(env, home.people);
  const found = new Map();
  for (const one of open.sort((a, b) => a.fields.since.localeCompare(b.fields.since))) {
    const {key, short, kind} = recipientOf(env, known, one.fields);
    const since = env.say(`involved.by.${one.kind}`, {name, date: env.speaker().date(one.fields.since)});
    if (!found.has(key) && !here.some((team) => team.key === key)) found.set(key, {name: short, meta: [kind !== 'other' && env.say(`recipient.kind.${kind}`), since].filter(Boolean).join(' · ')});
  }
  return [...found.values()];
}

/** The teams that come to the house, as far as this phone knows. */
async function teamsOf(env, home) {
  const {pairs = []} = await env.phone.scope() ?? {};
  const known = recipients(env, home.people);
  const here = [...comesHere(env, home.known, home.people, home, pairs)].map((team) => known.get(`team:${team}`));
  return here.filter(Boolean).sort((a, b) => a.short.localeCompare(b.short, 'nl'));
}

function past(env, home) {
  const gone = home.known.involved.filter((one) => over(env, one)).sort((a, b) => b.fields.until.localeCompare(a.fields.until));
  return gone.map(({id, fields}) => ({
    name: fields.organisation, note: [fields.name, env.say('involved.until', {date: env.speaker().date(fields.until)})].filter(Boolean).join(' · '),
    act: `/involved/${id}/ending?in=${home.id}`, op: env.phone.id(),
  }));
}

function over(env, {fields: {until}}) {
  return Boolean(until) && until < env.today();
}

function byName(a, b) {
  return a.fields.organisation.localeCompare(b.fields.organisation, 'nl');
}

function keep(env, values, changes, {again, then}) {
  const [since, until] = ['since', 'until'].map((name) => values.get(`involved_${name}`));
  if (since && until && until < since) return again({errors: [{field: 'involved_until', message: env.say('involved.later')}], trouble: env.say('page.mend'), status: 422});
  return keepFacts(env, values, changes, {again, then});
}

function newForm(env, home, resident, values, outcome) {
  return form(env, home, resident, values, outcome, {title: env.say('involved.add'), action: `/households/${home.id}/involved?of=${resident.id}`, save: env.say('involved.save')});
}

function editForm(env, home, one, values, outcome) {
  const resident = home.residents.find(({subject}) => subject === one.subject);
  return form(env, home, resident, values, outcome, {title: env.say('facts.mend', {name: one.fields.organisation}), action: `/involved/${one.id}?in=${home.id}`, save: env.say('facts.save')}, one);
}

async function form(env, home, resident, values, outcome, page, one = null) {
  const groups = [fieldsOf(env, 'involved', values, {one, people: home.people})];
  const readers = await readersOfFacts(env, home, resident.id);
  return factsPage(env, values, {...page, lead: resident.fields.name, readers, groups, back: `/households/${home.id}/involved`, latest: ''}, outcome);
}

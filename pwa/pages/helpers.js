/** One helper of a household: asked in, read, mended and let go; they are people with rights too. */
import * as rules from '../../sync/rules.js';
import {go, missing, savedLine, show, writer} from './page.js';
import {signature} from './colleagues.js';
import {alsoWritten, begun, factsPage, fieldsOf, keepFacts, mended, written} from './facts.js';
import {volunteers} from './entrusting.js';
import {helperCard} from './helper_rows.js';
import {door_of, homeWith} from './home.js';
import {instructionRows} from './instructions.js';
import {readersOfPlan} from './readers.js';

const GROUPS = [
  ['who', ['name', 'relation', 'near', 'phone', 'reach']], ['does', ['can', 'does', 'weekdays', 'when', 'limits']], ['agreed', ['agreed', 'agreed_on', 'volunteer']],
];

/** GET /households/{id}/helpers/new. */
export async function newHelper(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const {values, outcome} = await begun(env, `helper-new household:${id}`);
  return newForm(env, home, values, outcome);
}

/** POST /households/{id}/helpers. */
export async function addHelper(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  const change = env.phone.change('helper', {subject: home.house.subject, topic: 'practical', by: writer(env).id, fields: written('helper', values)});
  return keepFacts(env, values, [change], {again: (outcome) => newForm(env, home, values, outcome), then: ([made]) => go(`/households/${id}/network?saved=${made.record}`)});
}

/** GET /helpers/{id}?in= household. */
export async function helperOf(request, env, {id}) {
  const {searchParams} = new URL(request.url);
  const home = await homeWith(env, searchParams.get('in') ?? '', ['instruction']);
  const one = home?.known.helper.find((helper) => helper.id === id);
  if (!one) return missing(env);
  const record = searchParams.get('saved');
  const saved = await savedLine(env, record, record === id ? 'helper.saved' : 'instruction.saved');
  const gone = Boolean(one.fields.until) && one.fields.until < env.today();
  return show(env, 'helper.html', {
    helper: helperCard(env, home, one), gone: gone ? env.say('helper.until', {date: env.speaker().date(one.fields.until)}) : '', saved, also: alsoWritten(env, home.people, one),
    hand: signature(env, home.people, one), app: one.fields.volunteer ? env.say('helper.app', {name: home.people.get(one.fields.volunteer)?.name ?? env.say('hand.unknown')}) : '',
    edit: `/helpers/${id}/edit?in=${home.id}`, ending: `/helpers/${id}/ending?in=${home.id}`, withdrawal: `/helpers/${id}/withdrawal?in=${home.id}`, withdrawal_op: env.phone.id(), op: env.phone.id(), instructions: instructionRows(env, home, id), explain: `/helpers/${id}/instructions/new?in=${home.id}`,
  }, {tab: 'households', page: 'helper', live: true, spoken: saved, back: {href: `/households/${home.id}/network`, text: env.say('network.name')}});
}

/** GET /helpers/{id}/edit?in= household. */
export async function editHelper(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const {values, outcome} = await begun(env, `helper-edit household:${home.id} ${id}`, 'helper', one);
  return editForm(env, home, one, values, outcome);
}

/** POST /helpers/{id}?in= household: what changed, and nothing else. */
export async function mendHelper(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const values = await request.formData();
  const changes = mended(env, 'helper', one, values, writer(env).id);
  const then = ([made]) => go(`/helpers/${id}?in=${home.id}${made ? `&saved=${id}` : ''}`);
  return keepFacts(env, values, changes, {again: (outcome) => editForm(env, home, one, values, outcome), then});
}

/** POST /helpers/{id}/ending?in= household: not a helper any more from today, or there again. */
export async function endHelper(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const values = await request.formData();
  const until = values.get('end') === 'yes' ? rules.day_add(env.today(), -1) : null;
  await env.phone.add([env.phone.change('helper', {record: one.record, by: writer(env).id, fields: {until}})], {op: values.get('op')});
  env.wake();
  return go(`/helpers/${id}?in=${home.id}&saved=${id}`);
}

/** POST /helpers/{id}/withdrawal?in= household: what stood about them is taken away at their word; what is left is that there was somebody, who is not asked again. */
export async function withdrawHelper(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const values = await request.formData();
  const emptied = Object.fromEntries(Object.keys(one.fields).filter((field) => !['name', 'relation'].includes(field)).map((field) => [field, null]));
  const fields = {...emptied, name: env.say(`relation.${one.fields.relation}`), agreed: 'no', until: rules.day_add(env.today(), -1)};
  await env.phone.add([env.phone.change('helper', {record: one.record, by: writer(env).id, fields})], {op: values.get('op')});
  env.wake();
  return go(`/households/${home.id}/network?saved=${id}`);
}

async function find(request, env, id) {
  const home = await door_of(env, new URL(request.url).searchParams.get('in') ?? '');
  return {home, one: home?.known.helper.find((helper) => helper.id === id) ?? null};
}

function newForm(env, home, values, outcome) {
  return form(env, home, values, outcome, {title: env.say('helper.new'), action: `/households/${home.id}/helpers`, save: env.say('helper.save'), back: `/households/${home.id}/network`});
}

function editForm(env, home, one, values, outcome) {
  const page = {title: env.say('facts.mend', {name: one.fields.name}), action: `/helpers/${one.id}?in=${home.id}`, save: env.say('facts.save'), back: `/helpers/${one.id}?in=${home.id}`};
  return form(env, home, values, outcome, page, one);
}

async function form(env, home, values, outcome, page, one = null) {
  const accounts = volunteers(env, home).map(([value, {name, organisation_name: at}]) => ({value, text: at ? `${name} · ${at}` : name}));
  const known = {volunteer: [{value: '', text: env.say('helper.no_account')}, ...accounts]};
  const groups = GROUPS.map(([id, names]) => fieldsOf(env, 'helper', values, {id, legend: env.say(`helper.group.${id}`), one, people: home.people, names, known}));
  return factsPage(env, values, {...page, lead: env.say('helper.respect'), readers: await readersOfPlan(env, home), groups}, outcome);
}

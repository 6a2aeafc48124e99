/** Who lives in a household: somebody more, and what changed about somebody. */
import {go, missing, writer} from './page.js';
import {door_of, home_of} from './home.js';
import {begun, factsPage, fieldsOf, keepFacts, mended, written} from './facts.js';
import {readersOfFacts} from './readers.js';

/** GET /households/{id}/residents/new. */
export async function newResident(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const {values, outcome} = await begun(env, `resident-new household:${id}`);
  return newForm(env, home, values, outcome);
}

/** POST /households/{id}/residents. */
export async function addResident(request, env, {id}) {
  const home = await door_of(env, id);
  if (!home) return missing(env);
  const values = await request.formData();
  const change = env.phone.change('resident', {own: true, topic: 'practical', by: writer(env).id, fields: {...written('resident', values), household: id}});
  return keepFacts(env, values, [change], {again: (outcome) => newForm(env, home, values, outcome), then: ([made]) => go(`/households/${id}?saved=${made.record}`)});
}

/** GET /residents/{id}/edit?in= household. */
export async function editResident(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const {values, outcome} = await begun(env, `resident-edit resident:${id}`, 'resident', one);
  return editForm(env, home, one, values, outcome);
}

/** POST /residents/{id}?in= household: what changed, and nothing else. */
export async function mendResident(request, env, {id}) {
  const {home, one} = await find(request, env, id);
  if (!one) return missing(env);
  const values = await request.formData();
  const changes = mended(env, 'resident', one, values, writer(env).id);
  const then = ([made]) => go(made ? `/households/${home.id}?saved=${id}` : `/households/${home.id}`);
  return keepFacts(env, values, changes, {again: (outcome) => editForm(env, home, one, values, outcome), then});
}

async function find(request, env, id) {
  const home = await home_of(env, new URL(request.url).searchParams.get('in') ?? '');
  return {home, one: home?.residents.find((resident) => resident.id === id) ?? null};
}

async function newForm(env, home, values, outcome) {
  return factsPage(env, values, {
    readers: await readersOfFacts(env, home, null), title: env.say('resident.new'), lead: home.house.fields.name, action: `/households/${home.id}/residents`, save: env.say('resident.save'),
    back: `/households/${home.id}`, groups: [fieldsOf(env, 'resident', values)],
  }, outcome);
}

async function editForm(env, home, one, values, outcome) {
  return factsPage(env, values, {
    readers: await readersOfFacts(env, home, one.id), title: env.say('facts.mend', {name: one.fields.name}), lead: home.house.fields.name, action: `/residents/${one.id}?in=${home.id}`, save: env.say('facts.save'),
    back: `/households/${home.id}`, groups: [fieldsOf(env, 'resident', values, {one, people: home.people})],
  }, outcome);
}

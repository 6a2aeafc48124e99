/** A household with its residents: what a form needs of it, and everything this phone holds about them. */
import {byKind} from './page.js';
import {colleagues} from './colleagues.js';
import {veiled} from './veil.js';

/** What is needed at the door, without any history: {id, house, residents, people, known (by kind)}; null when it is not on this phone. */
export async function door_of(env, id) {
  const subject = `household:${id}`;
  const known = byKind(await env.phone.first());
  const house = known.household.find((one) => one.subject === subject);
  if (!house) return null;
  const residents = known.resident.filter(({fields}) => fields.household === id).sort((a, b) => a.fields.name.localeCompare(b.fields.name, 'nl'));
  const about = new Set([subject, ...residents.map((one) => one.subject)]);
  const here = Object.fromEntries(Object.entries(known).map(([kind, list]) => [kind, list.filter((one) => about.has(one.subject))]));
  return {id, house, residents, people: colleagues(env, known.colleague), known: here};
}

/** The same with the whole history of these kinds about the household itself. */
export async function homeWith(env, id, kinds) {
  const home = await door_of(env, id);
  if (!home) return null;
  const records = await env.phone.records(home.house.subject);
  const older = byKind(records.filter(({kind}) => kinds.includes(kind)));
  return {...home, known: {...home.known, ...Object.fromEntries(kinds.map((kind) => [kind, older[kind]]))}};
}

/** Everything about a household, with its whole history on this phone, safety behind its veil; null when it is not here. */
export async function home_of(env, id) {
  const home = await door_of(env, id);
  if (!home) return null;
  const subjects = [home.house.subject, ...home.residents.map((one) => one.subject)];
  const records = await Promise.all(subjects.map((one) => env.phone.records(one)));
  return veiled(env, {...home, known: byKind(records.flat())});
}

/** A household with its residents: what a form needs of it, and everything this phone holds about them. */
import {byKind, shown} from './page.js';
import {colleagues} from './colleagues.js';
import {veiled} from './veil.js';

/** What is needed at the door, without any history: {id, house, residents, people, known (by kind)}; null when it is not on this phone. */
export async function door_of(env, id) {
  const subject = `household:${id}`;
  const all = await env.phone.first();
  const of = (kind) => all.filter((one) => one.kind === kind).map(shown);
  const residents = of('resident').filter(({fields}) => fields.household === id).sort((a, b) => a.fields.name.localeCompare(b.fields.name, 'nl'));
  // Of hundreds of records only those about this home are read.
  const about = new Set([subject, ...residents.map((one) => one.subject)]);
  const known = byKind(all.filter((one) => about.has(one.subject)));
  const house = known.household[0];
  return house ? {id, house, residents, people: colleagues(env, of('colleague')), known} : null;
}

/** The same with the whole history of these kinds about the household itself. */
export async function homeWith(env, id, kinds) {
  const [home, records] = await Promise.all([door_of(env, id), env.phone.records(`household:${id}`)]);
  if (!home) return null;
  const older = byKind(records.filter(({kind}) => kinds.includes(kind)));
  return {...home, known: {...home.known, ...Object.fromEntries(kinds.map((kind) => [kind, older[kind]]))}};
}

/** Everything about a household, with its whole history on this phone, safety behind its veil, which only `live` pages lift; null when it is not here. */
export async function home_of(env, id, {live = false} = {}) {
  const home = await door_of(env, id);
  if (!home) return null;
  const subjects = [home.house.subject, ...home.residents.map((one) => one.subject)];
  const records = await Promise.all(subjects.map((one) => env.phone.records(one)));
  return veiled(env, {...home, known: byKind(records.flat())}, live);
}

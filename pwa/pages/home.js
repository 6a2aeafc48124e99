/** A household with its residents and everything this phone holds about them. */
import {byKind} from './page.js';
import {colleagues} from './colleagues.js';

/** Everything about a household: {house, residents, people, known (by kind)}; null when it is not on this phone. */
export async function home_of(env, id) {
  const subject = `household:${id}`;
  const first = byKind(await env.phone.first());
  const house = first.household.find((one) => one.subject === subject);
  if (!house) return null;
  const residents = first.resident.filter(({fields}) => fields.household === id).sort((a, b) => a.fields.name.localeCompare(b.fields.name, 'nl'));
  const subjects = [subject, ...residents.map((one) => one.subject)];
  const records = await Promise.all(subjects.map((one) => env.phone.records(one)));
  return {id, house, residents, people: colleagues(env, first.colleague), known: byKind(records.flat())};
}

/** Korte lijnen: whoever has to do with a household, and who of them is one tap away by phone. */
import {helpersOf} from './helper_rows.js';

/** What stands between two names that were tuned in with at once. */
export const BETWEEN = ', ';
const MOST = 3;

/** Who of a home can be called or written to at once, the ones last heard of first; a link says nothing but the number. */
export function nearest(env, home) {
  const found = around(env, home).filter(({phone}) => phone).slice(0, MOST);
  return found.map(({id, name, note, phone}) => {
    const after = (way) => `/households/${home.id}/liaisons/new?with=${id}&way=${way}`;
    return {name, note, tel: phone.replace(/[^+\d]/g, ''), call: env.say('liaison.call', {name}), message: env.say('liaison.message', {name}), href: after('corridor'), called: after('call'), messaged: after('message')};
  });
}

/** Whoever has to do with a home, the ones last heard of first: [{id, name, note, phone, last}]. */
export function around(env, home) {
  const known = [...colleaguesOf(env, home), ...parties(env, home), ...helpers(env, home)];
  const names = new Set([env.phone.me().name, ...known.map(({name}) => name)]);
  const others = home.known.liaison.flatMap(({id, at, fields}) => fields.with.split(BETWEEN).filter((name) => !names.has(name)).map((name) => ({id, name, note: '', phone: '', last: at})));
  const spoken = (name) => Math.max(0, ...home.known.liaison.filter(({fields}) => fields.with.split(BETWEEN).includes(name)).map(({at}) => at));
  const all = [...known, ...others].map((one) => ({...one, last: Math.max(one.last, spoken(one.name))})).sort((a, b) => b.last - a.last);
  return [...new Map(all.reverse().map((one) => [one.name, one])).values()].reverse();
}

/** Colleagues who wrote here, go here or see to something here. */
function colleaguesOf(env, home) {
  const last = new Map();
  for (const {at, by, fields} of Object.values({...home.known, reading: []}).flat()) {
    for (const hat of [by, fields.owner, ...(fields.who ?? [])]) last.set(hat, Math.max(last.get(hat) ?? 0, at));
  }
  const {person: me, hats} = env.phone.me();
  const ours = new Set(hats.map(({organisation}) => organisation));
  const here = [...home.people].filter(([hat, who]) => last.has(hat) && who.person !== me && who.role !== 'volunteer' && !(who.until < env.today()));
  return here.map(([id, who]) => ({id, name: who.name, note: [env.say(`role.${who.role}`), ours.has(who.organisation) ? '' : who.organisation_name].filter(Boolean).join(BETWEEN), phone: who.phone ?? '', last: last.get(id)}));
}

/** Who else is involved, as others wrote down. */
function parties(env, {known}) {
  const now = known.involved.filter(({fields}) => !(fields.until < env.today()));
  return now.map(({id, at, fields}) => ({id, name: fields.name ?? fields.organisation, note: fields.name ? fields.organisation : fields.does ?? '', phone: fields.phone ?? '', last: at}));
}

function helpers(env, {known}) {
  return helpersOf(env, known).here.map(({id, at, fields}) => ({id, name: fields.name, note: env.say(`relation.${fields.relation}`), phone: fields.phone ?? '', last: at}));
}

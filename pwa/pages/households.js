/** Huishoudens: everybody this phone knows, in order of the name, searched on the page and nowhere else; and a new one, noted at its door. */
import {byKind, go, piece, show, writer} from './page.js';
import {agendaLine} from './agenda.js';
import {begun, factsPage, fieldsOf, keepFacts, written} from './facts.js';
import {sortName} from './names.js';
import {readersOfPlan} from './readers.js';

// Letters that Unicode does not take apart into a plain letter with a mark.
const LETTERS = {ı: 'i', ø: 'o', ß: 'ss', æ: 'ae', œ: 'oe', ł: 'l', đ: 'd', ð: 'd', þ: 'th', '’': '\''};
const MARKS = /\p{M}/gu;

/** GET /households. */
export async function households(request, env) {
  const known = byKind(await env.phone.first());
  const loading = !env.phone.status().needed && !known.household.length;
  return show(env, 'households.html', {
    title: env.say('tab.households'), count: known.household.length ? env.say('households.count', {n: known.household.length}) : '', any: known.household.length > 0,
    loading: loading ? env.say('today.loading') : '', may_add: writer(env).role !== 'volunteer', agenda: agendaLine(env, known), ...matching(env, known, ''),
  }, {tab: 'households', page: 'households', live: true});
}

/** POST /households/matches: the list for what was typed; the words stay in the page. */
export async function matches(request, env) {
  const form = await request.formData();
  return piece(env, 'matches.html', matching(env, byKind(await env.phone.first()), form.get('q') ?? ''));
}

/** GET /households/new; a half-written household comes back. */
export async function newHousehold(request, env) {
  const {values, outcome} = await begun(env, 'household-new');
  return form(env, values, outcome);
}

/** POST /households: the household and who lives there, in one transaction; the office brings it into the care of my team. */
export async function addHousehold(request, env) {
  const values = await request.formData();
  const about = {own: true, topic: 'practical', by: writer(env).id};
  const house = env.phone.change('household', {...about, fields: written('household', values)});
  const lives = env.phone.change('resident', {...about, fields: {...written('resident', values), household: house.record}});
  return keepFacts(env, values, [house, lives], {again: (outcome) => form(env, values, outcome), then: ([made]) => go(`/households/${made.record}?saved=${made.record}`)});
}

async function form(env, values, outcome) {
  const groups = [['household', 'facts.house'], ['resident', 'facts.lives']].map(([kind, legend]) => fieldsOf(env, kind, values, {legend: env.say(legend)}));
  const readers = await readersOfPlan(env);
  return factsPage(env, values, {readers, title: env.say('household.new'), lead: env.say('household.new_lead', {team: writer(env).team_name}), action: '/households', save: env.say('household.save'), back: '/households', groups}, outcome);
}

function matching(env, known, typed) {
  const words = plain(typed).split(/\s+/).filter(Boolean);
  const houses = known.household.map((house) => entry(env, house, known.resident))
    .filter(({searched}) => words.every((word) => searched.includes(word)))
    .sort((a, b) => a.order.localeCompare(b.order, 'nl') || a.name.localeCompare(b.name, 'nl'));
  const found = words.length ? env.say(houses.length ? 'households.found' : 'households.nothing', {n: houses.length}) : '';
  return {groups: grouped(houses), found};
}

function entry(env, {subject, fields}, residents) {
  const here = residents.filter((resident) => `household:${resident.fields.household}` === subject).map((resident) => resident.fields.name);
  const where = [fields.street, fields.city].filter(Boolean).join(', ');
  const who = here.filter((name) => name !== fields.name).join(', ');
  return {
    href: `/households/${subject.slice('household:'.length)}`, name: fields.name ?? '', where, who, order: sortName(fields.name ?? ''),
    searched: plain([fields.name, where, ...here].join(' ')),
  };
}

function grouped(houses) {
  const groups = [];
  for (const house of houses) {
    const letter = plain(house.order).charAt(0).toUpperCase() || '#';
    if (groups.at(-1)?.letter !== letter) groups.push({letter, houses: []});
    groups.at(-1).houses.push(house);
  }
  return groups;
}

function plain(words) {
  return words.normalize('NFKD').replace(MARKS, '').toLowerCase().replace(/[ıøßæœłđðþ’]/g, (letter) => LETTERS[letter]);
}

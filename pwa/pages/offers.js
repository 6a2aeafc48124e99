/** What a volunteer likes to do with somebody nearby: when, how far, and from which street; their own page, which the office alone reads. */
import * as rules from '../../sync/rules.js';
import {byKind, go, missing, savedLine, show, stated} from './page.js';
import {alsoWritten, begun, factsPage, fieldsOf, keepFacts, mended, written} from './facts.js';
import {volunteer} from './errands.js';
import {wishWords} from './interests.js';

const GROUPS = [['likes', ['likes', 'weekdays', 'when']], ['place', ['near', 'street', 'city']]];
const NOBODY = new Map();

/** GET /offers?saved= what was just written. */
export async function offers(request, env) {
  if (!volunteers(env)) return missing(env);
  const saved = await savedLine(env, new URL(request.url).searchParams.get('saved'), 'offer.saved');
  return show(env, 'offers.html', {saved, offers: (await mine(env)).map((one) => card(env, one))},
    {tab: 'errands', page: 'offers', live: true, spoken: saved, back: {href: '/errands', text: env.say('tab.errands')}});
}

/** GET /offers/new. */
export async function newOffer(request, env) {
  if (!volunteers(env)) return missing(env);
  const {values, outcome} = await begun(env, 'offer-new');
  return newForm(env, values, outcome);
}

/** POST /offers. */
export async function addOffer(request, env) {
  if (!volunteers(env)) return missing(env);
  const values = await request.formData();
  const change = env.phone.change('offer', {subject: me(env), topic: 'social', by: volunteer(env), fields: written('offer', values)});
  return keepFacts(env, values, [change], {again: (outcome) => newForm(env, values, outcome), then: ([made]) => go(`/offers?saved=${made.record}`)});
}

/** GET /offers/{id}/edit. */
export async function editOffer(request, env, {id}) {
  const one = await find(env, id);
  if (!one) return missing(env);
  const {values, outcome} = await begun(env, `offer-edit ${id}`, 'offer', one);
  return editForm(env, one, values, outcome);
}

/** POST /offers/{id}: what changed, and nothing else. */
export async function mendOffer(request, env, {id}) {
  const one = await find(env, id);
  if (!one) return missing(env);
  const values = await request.formData();
  const changes = mended(env, 'offer', one, values, volunteer(env));
  return keepFacts(env, values, changes, {again: (outcome) => editForm(env, one, values, outcome), then: ([made]) => go(`/offers${made ? `?saved=${id}` : ''}`)});
}

/** POST /offers/{id}/ending: not any more from today, or again. */
export async function endOffer(request, env, {id}) {
  const one = await find(env, id);
  if (!one) return missing(env);
  const values = await request.formData();
  const until = values.get('end') === 'yes' ? rules.day_add(env.today(), -1) : null;
  await env.phone.add([env.phone.change('offer', {record: one.record, by: volunteer(env), fields: {until}})], {op: values.get('op')});
  env.wake();
  return go(`/offers?saved=${id}`);
}

/** Whether one of my hats is a volunteer's. */
function volunteers(env) {
  return env.phone.me().hats.some(({role}) => role === 'volunteer');
}

async function mine(env) {
  const {offer} = byKind(await env.phone.first());
  return offer.filter(({subject}) => subject === me(env)).sort((a, b) => a.id.localeCompare(b.id));
}

async function find(env, id) {
  return (await mine(env)).find((one) => one.id === id) ?? null;
}

function me(env) {
  return `person:${env.phone.me().person}`;
}

function card(env, one) {
  const {street, city, placed, until} = one.fields;
  const over = Boolean(until) && until < env.today();
  return {
    ...wishWords(env, one.fields), street: [street, city].filter(Boolean).join(', '), over, lost: placed === false && !over ? env.say(street ? 'offer.unplaced' : 'offer.no_street') : '',
    also: alsoWritten(env, NOBODY, one), edit: `/offers/${one.id}/edit`, end: `/offers/${one.id}/ending`, op: env.phone.id(), ...stated(env, one.state),
  };
}

function newForm(env, values, outcome) {
  return form(env, values, outcome, {action: '/offers', save: env.say('offer.save')});
}

function editForm(env, one, values, outcome) {
  return form(env, values, outcome, {action: `/offers/${one.id}`, save: env.say('facts.save')}, one);
}

function form(env, values, outcome, page, one = null) {
  const groups = GROUPS.map(([id, names]) => fieldsOf(env, 'offer', values, {id, legend: env.say(`offer.group.${id}`), one, people: NOBODY, names}));
  return factsPage(env, values, {...page, title: env.say('offer.title'), lead: env.say('offer.lead'), back: '/offers', groups, readers: env.say('offer.readers')}, outcome);
}

/** Vandaag: who is next, who comes after, what is done, and which follow-ups are due. */
import * as rules from '../../sync/rules.js';
import {local} from '../i18n.js';
import {byKind, hat, show} from './page.js';
import {colleagues} from './colleagues.js';
import {contactRows} from './contacts.js';
import {dueTasks} from './tasks.js';

const NIGHT = 6, NOON = 12, EVENING = 18;

/** GET /today: my own visits, or with ?whose=team those of the whole team. */
export async function today(request, env) {
  const {searchParams} = new URL(request.url);
  const known = byKind(await env.phone.first());
  const people = colleagues(env, known.colleague);
  const all = visitsOfDay(env, known, people);
  const mine = all.filter((visit) => visit.mine);
  const team = searchParams.get('whose') === 'team' || (!mine.length && all.length > 0);
  const visits = team ? all : mine;
  const next = visits.find((visit) => !visit.done) ?? null;
  const loading = !env.phone.status().needed && !visits.length;
  return show(env, 'today.html', {
    greeting: env.say(greetingKey(local(env.now()).hour)), on: env.speaker().day(env.today()), count: env.say(visits.length ? 'today.visits' : 'today.no_visits', {n: visits.length}),
    whose: mine.length < all.length ? whose(env, mine.length ? team : true, mine.length) : null,
    next: next && nextCard(env, next), rows: visits.filter((visit) => visit !== next).map((visit) => row(env, visit)),
    loading: loading ? env.say(env.online() ? 'today.loading' : 'today.loading_offline') : '',
    empty: !visits.length && !loading ? env.say('today.empty') : '',
    tasks: dueTasks(env, known, people, '/today'), contacts: contactRows(env, known, people).filter(({on}) => on === env.today()),
    install: env.fleeting() ? null : env.hint(), fleeting: env.fleeting(),
  }, {tab: 'today', page: 'today', live: true});
}

/** Today's visits in order of time: planned ones, and those that were made without a plan. */
export function visitsOfDay(env, known, people) {
  const day = env.today();
  const houses = new Map(known.household.map((house) => [house.subject, house]));
  const made = known.visit.filter(({fields}) => fields.day === day);
  const planned = known.schedule.filter(({fields}) => rules.occurs(fields, day)).map((plan) => {
    const visit = made.find(({fields}) => fields.schedule === plan.id);
    return {plan, visit, subject: plan.subject, time: plan.fields.time ?? '', what: plan.fields.what, who: plan.fields.who ?? []};
  });
  const others = made.filter(({fields}) => !known.schedule.some(({id}) => id === fields.schedule && planned.some(({plan}) => plan.id === id)))
    .map((visit) => ({plan: null, visit, subject: visit.subject, time: clockOf(visit), what: '', who: [visit.by]}));
  return [...planned, ...others].filter(({subject}) => houses.has(subject))
    .map((visit) => ({...visit, house: houses.get(visit.subject).fields, done: Boolean(visit.visit), mine: isMine(env, visit), names: names(people, visit.who)}))
    .sort((a, b) => (a.time || '99').localeCompare(b.time || '99') || a.house.name.localeCompare(b.house.name, 'nl'));
}

/** Where a visit to a planned household begins. */
export function startOf({subject, plan}) {
  return `/households/${subject.slice('household:'.length)}/visits/new${plan ? `?schedule=${plan.id}` : ''}`;
}

function isMine(env, {who, visit}) {
  const me = env.phone.me();
  const mine = new Set([me.person, ...me.hats.map(({id}) => id)]);
  return who.some((id) => mine.has(id)) || mine.has(visit?.by) || !who.length;
}

function names(people, who) {
  return who.map((hat) => people.get(hat)?.name).filter(Boolean);
}

function clockOf(visit) {
  return local(visit.fields.at ?? visit.at).time;
}

function greetingKey(hour) {
  if (hour < NIGHT) return 'today.night';
  if (hour < NOON) return 'today.morning';
  return hour < EVENING ? 'today.afternoon' : 'today.evening';
}

function whose(env, team, any) {
  const {team_name: name} = hat(env);
  const choices = [{href: '/today', text: env.say('today.mine'), here: !team}, {href: '/today?whose=team', text: name || env.say('today.team'), here: team}];
  return any ? choices : null;
}

function nextCard(env, visit) {
  const time = visit.time || env.say('today.any_time');
  const late = visit.time && visit.time <= local(env.now()).time;
  return {
    meta: [late ? env.say('today.now') : env.say('today.next'), time, visit.house.street].filter(Boolean).join(' · '),
    name: visit.house.name, what: visit.what, start: startOf(visit), house: `/households/${visit.subject.slice('household:'.length)}`,
  };
}

function row(env, visit) {
  const house = `/households/${visit.subject.slice('household:'.length)}`;
  const together = visit.names.length > 1;
  const done = visit.done ? env.say(`outcome.${visit.visit.fields.outcome ?? 'done'}`) : '';
  const missed = visit.done && (visit.visit.fields.outcome ?? 'done') !== 'done';
  const unsent = visit.visit?.state ? env.say(`state.${visit.visit.state}`) : '';
  return {
    href: house, time: visit.time || '–', name: visit.house.name, done: visit.done,
    note: [visit.what, visit.names.join(env.say('today.and'))].filter(Boolean).join(' · '),
    mark: unsent || done || (together ? env.say('today.together') : ''), tone: unsent || missed ? 'ochre' : done ? 'moss' : 'canal',
  };
}

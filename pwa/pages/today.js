/** Vandaag: who is next, who comes after, what is done, and which follow-ups are due. */
import * as rules from '../../sync/rules.js';
import {local} from '../i18n.js';
import {byKind, forAnybody, go, hat, ofTeam, show, volunteering} from './page.js';
import {colleagues} from './colleagues.js';
import {contactRows} from './contact_rows.js';
import {planWords} from './plan_words.js';
import {remarkRows} from './remark_rows.js';
import {loss} from './staying.js';
import {dueRows} from './steering_rows.js';
import {dueTasks} from './task_rows.js';
import {worryRows} from './worry_rows.js';

const NIGHT = 6, NOON = 12, EVENING = 18;
const PAST_MINUTES = 90;

/** GET /today: my own visits, or with ?whose=team those of the team whose hat I wear. */
export async function today(request, env) {
  if (volunteering(env)) return go('/errands');
  const {searchParams} = new URL(request.url);
  const [records, drafts] = await Promise.all([env.phone.first(), env.phone.drafts.all()]);
  const known = byKind(records);
  const people = colleagues(env, known.colleague, known.helper);
  const all = visitsOfDay(env, known, people);
  const mine = all.filter((visit) => visit.mine);
  const ours = all.filter(({teams}) => ofTeam(env, teams));
  const team = searchParams.get('whose') === 'team' || (!mine.length && ours.length > 0);
  const visits = team ? ours : mine;
  const begun = new Set(drafts.map((draft) => draft.form));
  const next = visits.find((visit) => !visit.done) ?? null;
  const loading = !env.phone.status().needed && !visits.length;
  return show(env, 'today.html', {
    greeting: env.say(greetingKey(local(env.now()).hour)), on: env.speaker().day(env.today()), count: env.say(visits.length ? 'today.visits' : 'today.no_visits', {n: visits.length}),
    whose: choosable(env, mine, ours) ? whose(env, team) : null,
    next: next && nextCard(env, next, begun), rows: visits.filter((visit) => visit !== next).map((visit) => row(env, visit, begun, team)),
    loading: loading ? env.say(env.online() ? 'today.loading' : 'today.loading_offline') : '',
    empty: !visits.length && !loading ? env.say('today.empty') : '',
    worries: worryRows(env, known, people), asked: remarkRows(env, known, people), open_rows: dueRows(env, known), tasks: dueTasks(env, known, people, '/today'), contacts: contactRows(env, known, people).filter(({on}) => on === env.today()),
    loss: loss(env), install: env.fleeting() ? null : env.hint(), fleeting: env.fleeting() ? env.say(env.keeps() ? 'fleeting.short' : 'fleeting.tab') : '',
  }, {tab: 'today', page: 'today', live: true});
}

/** Today's visits in order of time: planned ones, and those that were made without a plan. */
export function visitsOfDay(env, known, people) {
  const day = env.today();
  const houses = new Map(known.household.map((house) => [house.subject, house]));
  const made = known.visit.filter(({fields}) => fields.day === day);
  const planned = known.schedule.filter(({fields}) => rules.occurs(fields, day)).map((plan) => {
    const visit = made.find(({fields}) => fields.schedule === plan.id);
    return {plan, visit, subject: plan.subject, time: plan.fields.time ?? '', what: planWords(env, plan.fields.what), who: plan.fields.who ?? []};
  });
  const others = made.filter(({fields}) => !known.schedule.some(({id}) => id === fields.schedule && planned.some(({plan}) => plan.id === id)))
    .map((visit) => ({plan: null, visit, subject: visit.subject, time: clockOf(visit), what: '', who: [visit.by]}));
  return [...planned, ...others].filter(({subject}) => houses.has(subject))
    .map((visit) => ({...visit, house: houses.get(visit.subject).fields, done: Boolean(visit.visit), mine: isMine(env, visit), teams: teamsOf(people, visit), going: visit.who.filter((one) => people.get(one)?.name)}))
    .map((visit) => ({...visit, names: visit.going.map((one) => people.get(one).name)}))
    .sort((a, b) => (a.time || '99').localeCompare(b.time || '99') || a.house.name.localeCompare(b.house.name, 'nl'));
}

/** Where a visit to a planned household begins. */
export function startOf({subject, plan}) {
  return `/households/${subject.slice('household:'.length)}/visits/new${plan ? `?schedule=${plan.id}` : ''}`;
}

function isMine(env, {who, visit, plan}) {
  return who.some((id) => isMe(env, id)) || isMe(env, visit?.by) || forAnybody(env, plan?.fields.team, who.length);
}

function isMe(env, id) {
  const me = env.phone.me();
  return id === me.person || me.hats.some((one) => one.id === id);
}

/** Teams that a visit is of: the one that planned it, and those of who goes. */
function teamsOf(people, {plan, who, visit}) {
  return [plan?.fields.team, ...[...who, visit?.by].map((id) => people.get(id)?.team)].filter(Boolean);
}

/** There is something to choose when my own visits are not simply those of the team. */
function choosable(env, mine, ours) {
  if (!mine.length) return env.phone.me().hats.length > 1 && ours.length > 0;
  return env.phone.me().hats.length > 1 || ours.some((visit) => !visit.mine) || mine.some((visit) => !ours.includes(visit));
}

function clockOf(visit) {
  return local(visit.fields.at ?? visit.at).time;
}

function greetingKey(hour) {
  if (hour < NIGHT) return 'today.night';
  if (hour < NOON) return 'today.morning';
  return hour < EVENING ? 'today.afternoon' : 'today.evening';
}

function whose(env, team) {
  const {team_name: name} = hat(env);
  return [{href: '/today', text: env.say('today.mine'), here: !team}, {href: '/today?whose=team', text: name || env.say('today.team'), here: team}];
}

function nextCard(env, visit, begun) {
  const draft = begun.has(`visit-new ${visit.subject}`);
  return {
    meta: [...moment(env, visit), visit.house.street].filter(Boolean).join(' · '), name: visit.house.name, what: visit.what,
    start: startOf(visit), go: env.say(draft ? 'draft.go_on' : 'today.start'), house: `/households/${visit.subject.slice('household:'.length)}`,
  };
}

/** When the next visit is: 'nu' holds for a while after its time, then it says when it was. */
function moment(env, {time}) {
  const {hour, minute} = local(env.now());
  const past = time ? 60 * hour + minute - 60 * Number(time.slice(0, 2)) - Number(time.slice(3)) : -1;
  if (past < 0) return [env.say('today.next'), time || env.say('today.any_time')];
  return past <= PAST_MINUTES ? [env.say('today.now'), time] : [env.say('today.was', {time})];
}

function row(env, visit, begun, team) {
  const house = `/households/${visit.subject.slice('household:'.length)}`;
  const together = visit.names.length > 1;
  const done = visit.done ? env.say(`outcome.${visit.visit.fields.outcome ?? 'done'}`) : '';
  const missed = visit.done && (visit.visit.fields.outcome ?? 'done') !== 'done';
  const unsent = visit.visit?.state ? env.say(`state.${visit.visit.state}`) : !visit.done && begun.has(`visit-new ${visit.subject}`) ? env.say('draft.mark') : '';
  const others = team ? visit.names : visit.names.filter((name, i) => !isMe(env, visit.going[i]));
  return {
    href: house, time: visit.time || '–', name: visit.house.name, done: visit.done,
    note: [visit.what, others.join(env.say('today.and'))].filter(Boolean).join(' · '),
    mark: unsent || done || (together ? env.say('today.together') : ''), tone: unsent || missed ? 'ochre' : done ? 'moss' : 'canal',
  };
}

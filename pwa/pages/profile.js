/** Ik: what has not arrived yet and why, the hat worn now, language and word, and the way off this phone. */
import {LANGUAGES, WORDS} from '../i18n.js';
import {byKind, go, hat, show} from './page.js';
import {reminding} from './reminding.js';
import {loss, staying} from './staying.js';
import {waitingRows, whole} from './waiting.js';

const SAVED = ['hat', 'language', 'word'];
const REMINDERS = ['reminded', 'unreminded', 'not_reminded'];
const UNSENT = ['phone', 'returned'];
const STATES = ['phone', 'held', 'returned'];

/** GET /profile; ?saved= what was just chosen. */
export async function profile(request, env) {
  const me = env.phone.me();
  const {problem, lastAt} = env.phone.status();
  const waiting = await env.phone.waiting();
  const known = byKind(waiting.length ? await env.phone.first() : []);
  const chosen = new URL(request.url).searchParams.get('saved');
  const {text, tone} = staying(env);
  const saved = SAVED.includes(chosen) ? env.say(`profile.saved.${chosen}`) : REMINDERS.includes(chosen) ? env.say(`reminders.${chosen}`) : '';
  return show(env, 'profile.html', {
    title: me.name, wearing: hatLine(env, hat(env)), saved, demo: Boolean(me.demo), loss: loss(env), staying: tone === 'ochre' ? text : '',
    waits: waits(env, waiting), signed_out: problem === 'signed_out', offline: !env.online() || problem === 'offline' ? env.say('waiting.offline') : '', reachable: env.online(), waiting: waitingRows(env, known, waiting), ...choices(env, me), reminders: await reminding(env),
    untried: env.phone.untried(), lead: me.hats.some(({role}) => role === 'lead'), vouches: me.hats.some(({role}) => role !== 'volunteer'), volunteers: me.hats.some(({role}) => role === 'volunteer'), version: me.version ?? '', vog: vog(env, me),
    synced: lastAt ? env.say('profile.synced', {when: env.speaker().when(lastAt, env.now())}) : env.say('profile.never'),
  }, {tab: 'profile', page: 'profile', live: true, spoken: saved});
}

/** POST /profile/hat: from now on I write under this hat. */
export function wear(request, env) {
  return choose(request, env, {saved: 'hat', wish: 'wearing', allowed: env.phone.me().hats.map(({id}) => id)});
}

/** POST /profile/language. */
export function speak(request, env) {
  return choose(request, env, {saved: 'language', wish: 'language', allowed: LANGUAGES});
}

/** POST /profile/word: what I call the people I come to. */
export function call(request, env) {
  return choose(request, env, {saved: 'word', wish: 'word', allowed: WORDS});
}

/** POST /profile/confidentiality: what I hear and see I keep to myself. */
export async function confide(request, env) {
  await env.setMe({confidential: true});
  return go('/errands');
}

/** POST /profile/hints: the invitation to install stays away. */
export async function hideHint(request, env) {
  await env.hideHint();
  return go('/today');
}

/** DELETE /profile/waiting/{id}: read why it came back, and let it go with everything that belongs to it and came back too. */
export async function dismiss(request, env, {id}) {
  const all = await env.phone.waiting();
  const of = all.filter(({change}) => change.id === id).map(whole)[0];
  for (const one of all) if (whole(one) === of) await env.phone.dismiss(one.change.id);
  return go('/profile');
}

/** GET /profile/leaving: what would be lost, before anything is. */
export async function leaving(request, env) {
  const unsent = (await env.phone.waiting()).filter(({state}) => UNSENT.includes(state)).length;
  return show(env, 'leaving.html', {unsent: unsent ? env.say('leaving.unsent', {n: unsent}) : ''},
    {tab: 'profile', page: 'leaving', live: true, back: {href: '/profile', text: env.say('tab.profile')}});
}

async function choose(request, env, {saved, wish, allowed}) {
  const value = (await request.formData()).get(saved);
  if (!allowed.includes(value)) return go('/profile');
  await env.setMe({[wish]: value});
  return go(`/profile?saved=${saved}`);
}

function choices(env, me) {
  const worn = hat(env);
  const hats = me.hats.map((one) => ({value: one.id, text: hatLine(env, one), chosen: one.id === worn?.id}));
  const {language, word} = env.speaker();
  return {
    hats: hats.length > 1 ? hats : null,
    languages: LANGUAGES.map((value) => ({value, text: env.say(`language.${value}`), here: value === language})),
    words: WORDS.map((value) => ({value, text: env.say(`word.${value}`), chosen: value === word})),
  };
}

function vog(env, me) {
  if (!me.hats.some(({role}) => role === 'volunteer')) return '';
  return me.vog ? env.say('trust.vog', {day: env.speaker().date(me.vog)}) : env.say('trust.vog_none');
}

function hatLine(env, worn) {
  return worn ? env.say('profile.hat', {role: env.say(`role.${worn.role}`), organisation: worn.organisation_name, team: worn.team_name}) : '';
}

function waits(env, waiting) {
  const counts = STATES.map((state) => [state, waiting.filter((one) => one.state === state).length]).filter(([, n]) => n);
  return counts.map(([state, n]) => env.say(`waiting.${state}`, {n})).join(' ') || env.say('waiting.none');
}

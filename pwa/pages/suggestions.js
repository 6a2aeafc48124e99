/** Idee voor Naober: what somebody would like to be different about a screen, and what was answered to it. */
import {ROUTES} from '../routes.js';
import {faults} from './faults.js';
import {FULL, byKind, go, hat, savedLine, show, stated, text, volunteering} from './page.js';
import {colleagues, signature} from './colleagues.js';
import {keepForm, kept} from './drafts.js';

const PLACE = '/profile/suggestions';
const VERBS = ['new', 'edit'];

/** GET /profile/suggestions; ?saved= an idea just written. */
export async function suggestions(request, env) {
  const teams = [...new Set(env.phone.me().hats.map(({team}) => `team:${team}`))];
  const [first, ...lists] = await Promise.all([env.phone.first(), ...teams.map((team) => env.phone.records(team))]);
  const known = byKind(lists.flat());
  const people = colleagues(env, byKind(first).colleague);
  const mine = known.suggestion.filter(({record}) => env.phone.isMine(record)).sort((a, b) => b.at - a.at);
  const saved = await savedLine(env, new URL(request.url).searchParams.get('saved'), 'suggestion.saved');
  return show(env, 'suggestions.html', {saved, ideas: mine.map((one) => idea(env, known, people, one))},
    {tab: 'profile', page: 'suggestions', live: true, spoken: saved, back: {href: '/profile', text: env.say('tab.profile')}});
}

/** GET /profile/suggestions/new: about the screen it is asked from. */
export async function newSuggestion(request, env) {
  const from = new URL(request.headers.get('HX-Current-URL') ?? request.url);
  const screen = screenOf(env, from);
  const name = `suggestion-new ${screen}`;
  const draft = await kept(env, name);
  const values = draft ?? new FormData();
  if (!draft) for (const [key, value] of Object.entries({op: env.phone.id(), draft_of: name, screen})) values.set(key, value);
  return form(env, values, {draft: draft ? env.say('draft.back') : '', back: screen ? from.pathname + from.search : PLACE});
}

/** POST /profile/suggestions. */
export async function addSuggestion(request, env) {
  const values = await request.formData();
  const {id: by, team} = hat(env);
  const words = text(values, 'text');
  const screen = ROUTES.find(({path}) => path === values.get('screen'))?.path;
  const change = env.phone.change('suggestion', {subject: `team:${team}`, topic: 'practical', by, fields: {...(words && {text: words}), ...(screen && {screen}), at: env.now()}});
  const errors = faults(env, [change]).map((one) => (one.why === 'required' ? {...one, message: env.say('suggestion.words')} : one));
  if (errors.length) return form(env, values, {errors, trouble: env.say('page.mend'), status: 422});
  const made = await keepForm(env, [change], values);
  return made ? go(`${PLACE}?saved=${made[0].record}`) : form(env, values, {trouble: env.say('full.form'), status: FULL});
}

/** The screen at an address as its route names it, so that it says of nobody whose page it was; '' when it is none, or is about ideas itself. */
function screenOf(env, {pathname}) {
  // A volunteer is at their tasks wherever today would be.
  if (pathname === '/today' && volunteering(env)) return '/errands';
  const found = ROUTES.find(({method, pattern}) => method === 'GET' && pattern.test(pathname))?.path ?? '';
  return found.startsWith(PLACE) ? '' : found;
}

/** A screen in words: what stands last in its address. */
function wordsOf(env, screen) {
  const noun = (screen ?? '').split('/').filter((part) => /^[a-z]+$/.test(part) && !VERBS.includes(part)).at(-1);
  const key = `screen.${noun}`;
  return Object.hasOwn(env.speaker().messages, key) ? env.say(key) : env.say('suggestion.screen');
}

function idea(env, known, people, one) {
  const answers = known.response.filter(({fields}) => fields.to === one.id).sort((a, b) => a.at - b.at);
  const when = (record) => env.speaker().when(record.fields.at ?? record.at, env.now());
  return {
    text: one.fields.text, meta: `${when(one)} · ${wordsOf(env, one.fields.screen)}`, ...stated(env, one.state), waits: !answers.length && !one.state,
    answers: answers.map((answer) => ({text: answer.fields.text, meta: `${when(answer)} · ${signature(env, people, answer)}`})),
  };
}

async function form(env, values, {errors = [], trouble = '', draft = '', status = 200, back = PLACE}) {
  const of = (name) => values.get(name) ?? '';
  return show(env, 'suggestion_new.html', {
    about: env.say('suggestion.about', {screen: wordsOf(env, of('screen'))}), op: of('op'), form: of('draft_of'), screen: of('screen'), draft, trouble, errors, values: {text: of('text')},
    readers: env.say('suggestion.readers', {team: hat(env).team_name}),
  }, {status, page: 'suggestion-new', back: {href: back, text: env.say('page.back')}, spoken: trouble || draft});
}

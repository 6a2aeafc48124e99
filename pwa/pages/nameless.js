/** Without a name: who of those who were there may not know this, and how it can be told to them all the same. */
import {traces} from '../../sync/traces.js';
import {reads, readsPlan} from './access.js';
import {text} from './page.js';
import {candidates, participants, topicsOf} from './participants.js';
import {basisOf} from './readers.js';
import {TOPICS, named} from './sentences.js';

const TENS = 10, OLDEST = 90;
const SHORT = 3, DIGITS = 6;
const POSTCODE = /\b[1-9]\d{3} ?[A-Z]{2}\b/;
const MARKS = /\p{M}/gu;
// How somebody near is called, and what tells nobody who that is.
const NEAR = /\b(?:buurvrouw|buurman|buur|dochter|zoon|zus|broer|moeder|vader|oma|opa|tante|oom|nicht|neef|vriendin|vriend|neighbour|daughter|son|sister|brother|mother|father|aunt|uncle|niece|nephew|friend)\b/giu;

/** Who of them may not know it, one sentence each; nothing when all may. */
export async function uncovered(env, home, values) {
  const on = await basisOf(env, home);
  const subjects = home.residents.map(({subject}) => subject);
  const resident = subjects.find((one) => one === `resident:${values.get('resident')}`) ?? subjects[0];
  return participants(env, home, values).filter(({near}) => !near).flatMap(({name, person}) => {
    if (!person) return [env.say('discussion.unknown', {who: name})];
    if (!readsPlan(on, person, subjects)) return [env.say('discussion.not_who', {who: name})];
    const closed = topicsOf(home, values).filter((topic) => !reads(on, person, resident, topic));
    return closed.length ? [env.say('discussion.not_topics', {who: name, topics: named(env, closed)})] : [];
  });
}

/** The same as one quiet line. */
export async function cover(env, home, values) {
  return (await uncovered(env, home, values)).join(' ');
}

/** Of the colleagues who can be chosen those who may read what is practical here, and so a task: [{id, name}]. */
export async function readersHere(env, home) {
  const on = await basisOf(env, home);
  const subjects = home.residents.map(({subject}) => subject);
  return candidates(env, home).filter(({id}) => home.people.get(id)?.person && readsPlan(on, home.people.get(id).person, subjects));
}

/** What can be told of it without a name; where something points at the household, that is said instead; '' when it was told with the name. */
export function aloud(env, home, values) {
  if (!values.has('nameless')) return '';
  const parts = written(env, home, values);
  const pointing = parts.map(({place, words}) => [place, tracesHere(home, words)]).filter(([, found]) => found.length);
  if (!pointing.length) return parts.map(({words}) => words).join('\n');
  const said = pointing.map(([place, found]) => env.say('discussion.points', {place, what: found.map((one) => env.say(`steering.trace.${one}`)).join(', ')}));
  return [...said, env.say('discussion.points_then')].join(' ');
}

/** What in a text may point at this household: its names, also without their marks or as somebody's own thing, street, numbers, and whatever points at anybody. */
function tracesHere({house, residents, known}, words) {
  const all = [house, ...residents, ...known.helper].map(({fields}) => fields);
  const own = [house, ...residents].flatMap(({fields: {name, given}}) => [name ?? '', given ?? '']);
  const names = [...own, ...known.helper.map(({fields}) => fields.name.replace(NEAR, ''))].flatMap((name) => [name, ...name.split(/\s+/).filter((word) => word.length >= SHORT).map((word) => `${word}s`)]);
  const streets = [house.fields.street ?? ''];
  const found = [...traces(words, names, streets), ...traces(plain(words), names.map(plain), streets.map(plain))];
  const short = residents.flatMap(({fields}) => [fields.given ?? '', fields.name.split(/\s+/).at(-1)]).filter((name) => name && name.length < SHORT);
  const [digits, ...numbers] = [words, ...all.map(({phone}) => phone ?? '')].map((one) => one.replace(/\P{Nd}/gu, ''));
  if (short.some((name) => words.split(/\P{L}+/u).includes(name))) found.push('name');
  if (POSTCODE.test(words)) found.push('street');
  if (numbers.some((number) => number.length >= DIGITS && digits.includes(number.slice(-DIGITS)))) found.push('phone');
  return [...new Set(found)];
}

/** The whole of it, part by part: whom it is about in general words, the question, and what is known of the topics that were filled in. */
function written(env, home, values) {
  const resident = home.residents.find(({id}) => id === values.get('resident')) ?? home.residents[0];
  const who = age(env, resident?.fields.born);
  const city = home.house.fields.city;
  const seen = TOPICS.map((topic) => [env.say(`topic.${topic}`), text(values, `text_${topic}`)]);
  const asked = [[env.say('field.question'), text(values, 'question')], ...seen].filter(([, words]) => words).map(([place, words]) => ({place, words: `${place}: ${words}`}));
  return [{place: env.say('field.city'), words: `${city ? env.say('discussion.from', {who, place: city}) : who}.`}, ...asked];
}

function plain(words) {
  return words.normalize('NFKD').replace(MARKS, '').replaceAll('ı', 'i');
}

function age(env, born) {
  if (!born) return env.say('discussion.anybody');
  const from = Math.min(Math.floor(env.speaker().age(born, env.today()) / TENS) * TENS, OLDEST);
  return env.say(from === OLDEST ? 'discussion.oldest' : 'discussion.age', {from, to: from + TENS});
}

/** Who were there when a household was discussed, and about what it is that they hear. */
import {writer} from './page.js';
import {teammates} from './colleagues.js';
import {about, readersOfLiaison} from './liaison_words.js';
import {around} from './nearest.js';
import {readersOf} from './readers.js';
import {TOPICS} from './second_look.js';

export const MOST_AGREED = 3;
const MOST = 6;

/** Who can be chosen: whoever has to do with this home, last heard of first, then the rest of my team: [{id, name}]. */
export function candidates(env, home, chosen = new Set()) {
  const near = around(env, home).filter(({id}, place) => place < MOST || chosen.has(id));
  const {person: me} = env.phone.me();
  const mates = teammates(env, home.people, writer(env)).filter(({person}) => person !== me).map(({hat, name}) => ({id: hat, name}));
  return [...new Map([...mates, ...near].map((one) => [one.name, one])).values()].sort((a, b) => near.includes(b) - near.includes(a));
}

/** Who was chosen or written in the form: [{name, person: of a colleague, near: who belongs to this home anyway}]. */
export function participants(env, home, values) {
  const known = new Map([...around(env, home), ...candidates(env, home)].map((one) => [one.id, one.name]));
  const picked = values.getAll('who').filter((id) => known.has(id)).map((id) => whoIs(home, id, known.get(id)));
  const typed = (values.get('other') ?? '').split(',').map((name) => name.replace(/\s+/g, ' ').trim()).filter(Boolean);
  return [...picked, ...typed.map((name) => whoIs(home, hatOf(home, name), name))];
}

/** The topics that are written about beside what is practical of the household itself. */
export function topicsOf(home, values) {
  const seen = home.residents.length ? TOPICS.filter((topic) => (values.get(`text_${topic}`) ?? '').trim()) : [];
  const {subject, topic} = about(home, values);
  return [...new Set([...(subject === home.house.subject ? [] : [topic]), ...seen])];
}

/** One quiet line of who will read it. */
export function readersOfDiscussion(env, home, values) {
  const topics = topicsOf(home, values);
  return topics.length ? readersOf(env, home, ['practical', ...topics.filter((topic) => topic !== 'practical')], values.get('resident') || null) : readersOfLiaison(env, home, values);
}

function whoIs({people, known}, id, name) {
  const near = [...known.helper, ...known.involved].some((one) => one.id === id && one.fields.confirmed !== 'no');
  return {name, person: people.get(id)?.person ?? null, near};
}

function hatOf({people}, name) {
  const typed = name.toLowerCase();
  return [...people].find(([, who]) => who.person && who.name.toLowerCase() === typed)?.[0] ?? '';
}

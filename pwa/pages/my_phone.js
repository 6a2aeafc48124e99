/** Mijn telefoon: household by household what is on it, why, and until when. */
import {byKind, show} from './page.js';
import {home_of} from './home.js';
import {reasonOf} from './reasons.js';
import {TOPICS} from './sentences.js';
import {staying} from './staying.js';

const PAGE = 20;
const GROUNDS = ['care', 'consent', 'share'];

/** GET /profile/phone; ?shown= how many households. */
export async function myPhone(request, env) {
  const most = Number(new URL(request.url).searchParams.get('shown')) || PAGE;
  const known = byKind(await env.phone.first());
  const {pairs = []} = await env.phone.scope() ?? {};
  const valid = pairs.filter(([, , until]) => !until || until >= env.today());
  const houses = known.household.sort((a, b) => a.fields.name.localeCompare(b.fields.name, 'nl'));
  const shown = await Promise.all(houses.slice(0, most).map(({id}) => house(env, id, valid)));
  const more = houses.length - shown.length;
  return show(env, 'my_phone.html', {
    stays: staying(env), houses: shown, colleagues: env.say('phone.colleagues', {n: new Set(known.colleague.map(({fields}) => fields.person)).size}), teams: env.phone.me().hats.map(({team_name: team}) => env.say('phone.team', {team})),
    older: more > 0 ? {href: `/profile/phone?shown=${most + PAGE}`, text: env.say('phone.older', {n: more})} : null,
  }, {tab: 'profile', page: 'my-phone', back: {href: '/profile', text: env.say('tab.profile')}});
}

/** One household: a line for each reason and last day, with how much of which topic it opens. */
async function house(env, id, pairs) {
  const home = await home_of(env, id);
  const subjects = [home.house.subject, ...home.residents.map(({subject}) => subject)];
  const records = Object.values(home.known).flat();
  const reasons = new Map();
  for (const pair of pairs.filter(([subject, , , , ground = 'care']) => subjects.includes(subject) && GROUNDS.includes(ground))) {
    const key = groupOf(home, pair);
    const mine = records.filter((one) => one.subject === pair[0] && one.topic === pair[1]);
    reasons.set(key, {pair: reasons.get(key)?.pair ?? pair, records: [...reasons.get(key)?.records ?? [], ...mine]});
  }
  const loose = records.filter((one) => !pairs.some(([subject, topic]) => subject === one.subject && topic === one.topic));
  const why = [...reasons.values()].map((one) => ({...reasonOf(env, home, one.pair), counts: counts(env, one.records)}));
  if (loose.length) why.push({why: env.say('why.own'), until: '', counts: counts(env, loose)});
  return {name: home.house.fields.name, href: `/households/${id}`, reasons: why};
}

/** By the care relation all topics have one reason; by somebody's word each person and topic has its own. */
function groupOf(home, [subject, topic, until, after, ground = 'care']) {
  return ground === 'care' ? `care ${until}` : [ground, subject, topic, until, after].join(' ');
}

function counts(env, records) {
  const found = TOPICS.map((topic) => [topic, records.filter((one) => one.topic === topic).length]).filter(([, n]) => n);
  return found.map(([topic, n]) => `${env.say(`topic.${topic}`)} ${n}`).join(' · ') || env.say('phone.nothing');
}

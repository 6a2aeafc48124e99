/** What a share would open, before it does: every record of its topics that this phone holds, by title, and what a no leaves closed all the same. */
import {professional} from './access.js';
import {measured} from './measurements.js';
import {signature} from './colleagues.js';
import {TOPICS, named} from './sentences.js';
import {topicsOf} from './reading_back.js';
import {recipientOf, recipients} from './recipients.js';
import {leftOpen, statementsOf} from './statements.js';

const MOST = 20;
const WORDS = 60;

/** {text, counts, titles, more, limit} for a form of a share, over records by kind. */
export function preview(env, known, people, values, house) {
  const asked = topicsOf(values);
  const resident = `resident:${values.get('resident')}`;
  const nothing = {counts: '', titles: [], more: '', limit: ''};
  if (!asked.length || !values.get('resident')) return {...nothing, text: env.say('share.preview_pick')};
  const {topics, kept} = opened(env, known, people, values, resident, asked);
  const later = topics.length ? env.say('share.preview_later', {topics: named(env, topics)}) : '';
  if (!topics.length || values.get('before') !== 'yes') return {...nothing, text: [later, kept].filter(Boolean).join(' ')};
  const records = shared(known, topics, resident, `household:${house}`);
  const counted = TOPICS.map((topic) => [topic, records.filter((one) => one.topic === topic).length]).filter(([, n]) => n);
  return {
    text: [env.say('share.preview_count', {n: records.length}), kept].filter(Boolean).join(' '),
    counts: counted.map(([topic, n]) => `${env.say(`topic.${topic}`)} ${n}`).join(' · '),
    titles: records.slice(0, MOST).map((one) => ({title: titleOf(env, one), meta: `${env.speaker().when(one.fields.at ?? one.at, env.now())} · ${signature(env, people, one)}`})),
    more: records.length > MOST ? env.say('share.preview_more', {n: records.length - MOST}) : '', limit: env.say('share.preview_limit'),
  };
}

/** {topics that it opens, kept: what stays closed and why}: a no to the same recipient stands against a share, and who only volunteers reads nothing. */
function opened(env, known, people, values, resident, asked) {
  const [noun, id] = (values.get('to') ?? '').split(':');
  if (!id) return {topics: asked, kept: ''};
  if (!professional(env, people, noun, id)) return {topics: [], kept: env.say('share.preview_volunteers')};
  const fields = {to_kind: noun, to: id, topics: asked};
  const topics = leftOpen(env, statementsOf(known, [resident]), {subject: resident, fields});
  const closed = asked.filter((topic) => !topics.includes(topic));
  const {short: who} = recipientOf(env, recipients(env, people), fields);
  return {topics, kept: closed.length ? env.say('share.preview_closed', {who, topics: named(env, closed)}) : ''};
}

/** Records about a resident in these topics; who may read practical things reads those of the household too. */
function shared(known, topics, resident, household) {
  const pair = (one) => (one.subject === resident && topics.includes(one.topic)) || (one.subject === household && topics.includes('practical'));
  return Object.values(known).flat().filter((one) => pair(one)).sort((a, b) => (b.fields.at ?? b.at) - (a.fields.at ?? a.at));
}

/** One record in a few words: what it is, and how it begins. */
export function titleOf(env, {kind, topic, fields}) {
  const words = kind === 'measurement' ? measured(env, [{fields}]).map(({name, text, unit}) => `${name} ${text} ${unit}`).join(' ') : fields.text ?? fields.what ?? fields.name ?? '';
  const short = words.length > WORDS ? `${words.slice(0, WORDS).trim()} …` : words;
  return [env.say(kind === 'note' ? `topic.${topic}` : `kind.${kind}`), short].filter(Boolean).join(': ');
}

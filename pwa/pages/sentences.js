/** What a resident says, as sentences that a resident can follow: who, about what, what for, until when, with or without what was written before. */

export const TOPICS = ['practical', 'social', 'mind', 'society', 'body', 'money', 'safety'];
/** The version of these texts, kept with each consent. */
export const VERSION = '1';
const FEW = 2;
const WORRIES = ['body', 'money', 'mind', 'safety', 'social'];
const OWN_WORDS = /^(om|voor|zodat|to|for|so)\s/i;

/** The fields of a consent in one paragraph; `who` is the recipient in a sentence. Of agreement with help or use, the limits of reading are not said. */
export function sentence(env, {about = 'secrecy', answer = 'yes', topics, purpose = null, until = null, before = false}, who) {
  if (!topics.length) return env.say('consent.pick');
  if (answer === 'no') return env.say(`consent.no.${about}`, {who, topics: yours(env, topics)});
  const aim = aimed(env, purpose);
  const said = [env.say(`consent.yes.${about}`, {topics: yours(env, topics), aim: aim.inside}), aim.after, until ? env.say('consent.until', {date: env.speaker().date(until)}) : env.say('consent.endless')];
  if (about === 'secrecy') said.push(env.say(before ? 'consent.before' : 'consent.after'), notAbout(env, topics));
  return said.filter(Boolean).join(' ');
}

/** Topics in the words of somebody they belong to: 'uw geld, uw gezondheid en uw contacten'. */
export function yours(env, topics) {
  return listed(env, inOrder(topics).map((topic) => env.say(`yours.${topic}`)));
}

/** Topics by their names, inside a sentence. */
export function named(env, topics) {
  return listed(env, inOrder(topics).map((topic) => env.say(`topic.${topic}`).toLowerCase()));
}

/** Words as a list in a sentence. */
export function listed(env, words) {
  return words.length > 1 ? `${words.slice(0, -1).join(', ')}${env.say('today.and')}${words.at(-1)}` : words.join('');
}

function inOrder(topics) {
  return TOPICS.filter((topic) => topics.includes(topic));
}

/** What it is not about: by name when that is little, else with the two that people worry about most. */
function notAbout(env, topics) {
  const others = TOPICS.filter((topic) => !topics.includes(topic));
  if (others.length <= FEW) return others.length ? env.say('consent.not', {topics: yours(env, others)}) : '';
  return env.say('consent.not_even', {topics: yours(env, WORRIES.filter((topic) => others.includes(topic)).slice(0, FEW))});
}

/** A purpose that begins with 'om' or 'voor' goes into the sentence, another after it. */
function aimed(env, purpose) {
  const plain = (purpose ?? '').trim().replace(/[.\s]+$/, '');
  if (!plain) return {inside: '', after: ''};
  if (OWN_WORDS.test(plain)) return {inside: `, ${plain.charAt(0).toLowerCase()}${plain.slice(1)}`, after: ''};
  return {inside: '', after: env.say('consent.aim', {purpose: plain})};
}

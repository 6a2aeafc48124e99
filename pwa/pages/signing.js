/** How a resident agreed: spoken, on paper, or signed on this screen under the very words that were read. */
import * as rules from '../../sync/rules.js';
import {line, options, text} from './page.js';
import {readBack, topicsOf} from './reading_back.js';

const HOWS = ['spoken', 'paper', 'signed'];

/** What the form shows of it. */
export function howFields(env, home, values) {
  const how = howOf(values);
  const path = drawn(values);
  return {
    hows: options(env, HOWS, 'how', how).map((one) => (one.value === 'signed' ? {...one, text: env.say('signing.choice')} : one)),
    signing: {words: wordsOf(env, home, values), path, under: text(values, 'signed_words') ?? '', signer: values.get('signer') ?? '', label: env.say(path ? 'signing.box_signed' : 'signing.box')},
  };
}

/** What is to be signed, on three lines: who it is about, who may know it, and the sentence. */
export function wordsOf(env, {people, residents}, values) {
  const {whom, sentence} = readBack(env, people, values);
  const about = residentOf(residents, values);
  return about && values.get('to') && topicsOf(values).length ? [about.fields.name, whom, sentence].join('\n') : env.say('signing.first');
}

/** What is missing of a signature: [{field, message}]. Who says no need not sign for it. */
export function unsigned(env, home, values) {
  if (howOf(values) !== 'signed') return [];
  const wrong = (key) => [{field: 'signature', message: env.say(key)}];
  if (!drawn(values)) return values.get('answer') === 'no' ? [] : wrong('signing.missing');
  return text(values, 'signed_words') === wordsOf(env, home, values) ? [] : wrong('signing.changed');
}

/** The fields of a consent that tell how it was given. */
export function howGiven({residents}, values) {
  const how = howOf(values);
  const signature = drawn(values);
  if (how !== 'signed') return {how};
  return signature ? {how, signature, signer: line(values, 'signer') ?? residentOf(residents, values).fields.name} : {how: 'spoken'};
}

/** How a consent was given, in a word or two. */
export function howSaid(env, {how, signer}) {
  return how === 'signed' && signer ? env.say('signing.by', {who: signer}) : env.say(`how.${how}`);
}

/** A signature as a page shows it: {path, label}, or null when there is none. */
export function signatureOf(env, {signature, signer, since}) {
  if (!rules.strokes(signature)) return null;
  return {path: signature, label: env.say('signing.of', {who: signer ?? env.say('hand.unknown'), date: env.speaker().date(since)})};
}

function residentOf(residents, values) {
  return residents.find(({id}) => id === values.get('resident'));
}

function howOf(values) {
  return HOWS.find((one) => one === values.get('how')) ?? 'spoken';
}

/** What stands in the box, '' when that is nothing. */
function drawn(values) {
  const path = values.get('signature');
  return rules.strokes(path) ? path : '';
}

/** One thing I wrote that the office has not taken: what it is, its own words, and what stands in the way. */
import kinds from '../../sync/kinds.json' with {type: 'json'};
import * as clock from '../../sync/clock.js';
import {hat, stated} from './page.js';
import {measured} from './measurements.js';

const REASONS = [
  'clock', 'consent_ended', 'device_revoked', 'hat', 'hat_ended', 'kept', 'no_care_relation', 'other_body', 'other_record', 'returned', 'role', 'shape', 'signed',
  'too_large',
];

const NETWORK = ['helper', 'load', 'instruction', 'pause', 'asking'];
// Where what came back can be written once more; the rest is part of a visit.
const AGAIN = {task: 'tasks/new', liaison: 'liaisons/new', discussion: 'discussions/new', safety_step: 'steps', ...Object.fromEntries(NETWORK.map((kind) => [kind, 'network']))};

/** Rows of Ik: what was written at one visit or contact is one row, with its parts. */
export function waitingRows(env, known, waiting) {
  const groups = new Map();
  for (const one of waiting) {
    const of = whole(one);
    groups.set(of, [...groups.get(of) ?? [], one]);
  }
  return [...groups].map(([of, list]) => grouped(env, known, list.find(({change}) => change.record === of) ?? list[0], list));
}

/** What was written at one visit, contact or discussion, or to one record, belongs together. */
export function whole({change: {fields, record}}) {
  return fields?.visit ?? fields?.contact ?? fields?.discussion ?? record;
}

function grouped(env, known, head, list) {
  const item = waitingItem(env, known, head);
  const parts = list.filter((one) => one !== head).map((one) => waitingItem(env, known, one));
  const other = (part, name) => (part[name] === item[name] ? '' : part[name]);
  return {...item, parts: parts.map((part) => ({...part, state: other(part, 'state'), reason: other(part, 'reason'), dismiss: item.dismiss ? '' : part.dismiss}))};
}

/** A row of Ik from one of phone.waiting(): {kind, title, text, meta, state, tone, reason, again, dismiss}; text is what a lead asked, or why. */
export function waitingItem(env, known, {change, state, reason, fields, text}) {
  const {state: chip, state_tone: tone} = stated(env, state);
  const {ms} = clock.parse(change.stamp);
  return {
    kind: kindOf(env, change), title: [kindOf(env, change), nameOf(env, known, change)].filter(Boolean).join(' · '), text: words(env, known, change),
    meta: env.say('waiting.written', {when: env.speaker().when(ms, env.now())}), state: chip, tone, reason: why(env, change, reason, fields ?? [], text),
    again: state === 'returned' ? again(known, change) : '', dismiss: state === 'returned' || reason === 'kept' ? `/profile/waiting/${change.id}` : '',
  };
}

/** Where the same can be written once more, or '' when that place is not on this phone. */
function again(known, {kind, subject, fields: said}) {
  if (kind === 'response') return known.remark.some((one) => one.id === said.to) ? `/remarks/${said.to}` : '';
  const {id, fields} = placeOf(known, subject) ?? {};
  if (id) return `/households/${fields.household ?? id}/${AGAIN[kind] ?? 'visits/new'}`;
  if (kind === 'suggestion') return '/profile/suggestions/new';
  return subject.startsWith('team:') ? '/contacts/new' : '';
}

function placeOf(known, subject) {
  return [...known.household, ...known.resident].find((record) => record.subject === subject);
}

function nameOf(env, known, {subject}) {
  return placeOf(known, subject)?.fields.name ?? (subject.startsWith('team:') ? env.phone.me().hats.find(({team}) => subject === `team:${team}`)?.team_name ?? hat(env).team_name : '');
}

/** Of what is about safety no more than that. */
function kindOf(env, {kind, topic}) {
  return env.say(topic === 'safety' ? 'topic.safety' : `kind.${kind}`);
}

function words(env, known, {kind, topic, fields}) {
  if (topic === 'safety') return env.say('veil.form');
  if (kind === 'discussion') return [fields.with, fields.question, fields.decision].filter(Boolean).join('\n');
  if (kind === 'liaison') return [fields.with, fields.text].filter(Boolean).join('\n');
  if (kind === 'measurement' && fields.what) return measured(env, [{fields}]).map(({name, text, unit}) => `${name} ${text} ${unit}`).join(' ');
  if (kind === 'visit' && fields.outcome) return env.say(`outcome.${fields.outcome}`);
  if (kind === 'completion' && fields.outcome) return answered(env, known, fields);
  if (fields.withdrawn) return env.say('waiting.withdrawn');
  if (kind === 'pause') return fields.why ?? '';
  return fields.text ?? fields.what ?? fields.name ?? fields.words ?? fields.question ?? '';
}

function answered(env, known, {task, outcome, text}) {
  const what = known.task.find(({id}) => id === task)?.fields.what ?? env.say('task.some');
  return [env.say(`completion.${outcome}`, {what}), text].filter(Boolean).join('\n');
}

function why(env, {kind, topic}, reason, fields, text) {
  if (!reason) return '';
  if (topic === 'safety' && reason === 'no_care_relation') return env.say('safety_step.why_held');
  if (kind === 'answer' && reason === 'no_care_relation') return env.say('errand.why_held');
  const known = kinds.kinds[kind].fields;
  const named = fields.map(({field, why: code}) => env.say('waiting.field', {field: env.say(`field.${Object.hasOwn(known, field) ? field : 'other'}`), why: env.say(`wrong.${code}`)}));
  return [env.say(`reason.${REASONS.includes(reason) ? reason : 'other'}`, {text}), ...new Set(named)].join(' ');
}

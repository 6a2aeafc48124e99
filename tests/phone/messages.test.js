/** What the phone says exists, in both languages, and calls people only by the word its reader chose. */
import assert from 'node:assert/strict';
import {readFileSync, readdirSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import test from 'node:test';
import kinds from '../../sync/kinds.json' with {type: 'json'};
import nl from '../../pwa/messages/nl.json' with {type: 'json'};
import en from '../../pwa/messages/en.json' with {type: 'json'};
import {LANGUAGES, WORDS} from '../../pwa/i18n.js';
import {LIKELY} from '../../sync/rules.js';

const PWA = fileURLToPath(new URL('../../pwa', import.meta.url));
const KEY = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/;
const TERMS = /cliënt|patiënt|bewoner|burger|inwoner|klant|client|patient|resident|citizen|inhabitant|customer/i;
const PROBLEMS = ['signed_out', 'device', 'revoked', 'full', 'busy', 'refused', 'upgrade', 'broken'];
const REASONS = ['consent_ended', 'kept', 'returned', 'role', 'no_care_relation', 'hat_ended', 'device_revoked', 'clock', 'shape', 'other_body', 'other_record', 'signed', 'hat', 'other'];
const WHY = ['type', 'required', 'unknown', 'out_of_range', 'not_allowed', 'bad_text', 'too_long', 'names_somebody', 'signed'];
const LIKELIHOOD = ['very_low', 'very_high', 'second_missing', 'second_very_low', 'second_very_high', 'second_not_below'];

const scripts = readdirSync(PWA, {recursive: true}).filter((path) => path.endsWith('.js') && !path.startsWith('vendor'));
const asked = scripts.flatMap((path) => [...said(readFileSync(`${PWA}/${path}`, 'utf8'))].map((key) => ({path, key})));

test('every message that is written out in a script exists', () => {
  assert.ok(asked.length > 150, `${asked.length} found`);
  const missing = asked.filter(({key}) => KEY.test(key) && !Object.hasOwn(nl, key));
  assert.deepEqual(missing, []);
});

test('every message that is put together in a script has at least one of its shape', () => {
  const shapes = asked.filter(({key}) => key.includes('*'));
  assert.ok(shapes.length > 20, `${shapes.length} found`);
  const lonely = shapes.filter(({key}) => !Object.keys(nl).some((one) => new RegExp(`^${key.replaceAll('.', '\\.').replaceAll('*', '.+')}$`).test(one)));
  assert.deepEqual(lonely, []);
});

test('every choice, state, reason and fault has its words', () => {
  const {topics, roles, kinds: all} = kinds;
  const of = (kind, field) => all[kind].fields[field].of;
  const measures = Object.keys(LIKELY);
  const to_kinds = of('consent', 'to_kind');
  const wanted = [
    ...each('topic', topics), ...topics.map((topic) => `topic.${topic}.hint`), ...each('role', [...roles, 'office']), ...each('kind', Object.keys(all)),
    ...each('place', of('contact', 'place')), ...each('way', of('contact', 'way')), ...each('lens', of('signal', 'lens')), ...each('outcome', of('visit', 'outcome')),
    ...each('present', of('visit', 'present')), ...each('with', of('visit', 'present')), ...each('outcome.task', of('completion', 'outcome')),
    ...each('completion', of('completion', 'outcome')), ...each('measure', of('measurement', 'what')), ...each('unit', measures), ...each('wrong.number', measures),
    ...measures.map((what) => `measure.${what}.short`), 'measure.blood_pressure.first', 'measure.blood_pressure.second', ...each('plausible', LIKELIHOOD),
    ...each('state', ['phone', 'held', 'returned', 'received']), ...each('saved', ['phone', 'held', 'returned', 'received', 'visit', 'task', 'contact']),
    ...each('connection', PROBLEMS), ...each('reason', REASONS), ...each('wrong', WHY), ...each('identifier', ['phone', 'bsn', 'email']), ...each('word', WORDS),
    ...each('field', Object.values(all).flatMap(({fields}) => Object.keys(fields))), ...each('soon', ['none', 'today', 'tomorrow', 'week']), ...each('language', LANGUAGES),
    ...each('about', of('consent', 'about')), ...each('answer', of('consent', 'answer')), ...each('how', of('consent', 'how')), ...each('ground', of('share', 'ground')),
    ...each('told', of('share', 'told')), ...each('yours', topics), ...each('why', ['care', 'team', 'profession', 'consent', 'share', 'own']),
    ...['secrecy', 'help', 'ground'].flatMap((about) => [`consent.yes.${about}`, `consent.no.${about}`]), ...each('recipient', to_kinds),
    ...each('repeat', ['once', 'weekdays', 'every']), ...each('tasks', ['late', 'today', 'later', 'done']), ...each('today', ['night', 'morning', 'afternoon', 'evening']),
  ];
  assert.deepEqual(wanted.filter((key) => !Object.hasOwn(nl, key)), []);
});

test('nobody is called by a word that the reader did not choose', () => {
  for (const messages of [nl, en]) {
    const own = Object.entries(messages).filter(([key]) => !key.startsWith('word.'));
    const flat = own.flatMap(([key, message]) => (typeof message === 'string' ? [message] : Object.values(message)).map((text) => [key, text]));
    assert.deepEqual(flat.filter(([, text]) => TERMS.test(text.replace(/\{\w+\}/g, ''))), []);
  }
});

function each(start, ends) {
  return ends.map((end) => `${start}.${end}`);
}

/** Every key inside the first value of each `say(…)`, and of each savedLine; what is filled in later reads as *. */
function* said(source) {
  for (const found of source.matchAll(/\bsay\(/g)) yield* literals(firstValue(source, found.index + found[0].length));
  for (const found of source.matchAll(/savedLine\([^)]*?'([^']+)'\)/g)) yield found[1];
}

function firstValue(source, start) {
  let depth = 0;
  for (let at = start; ; at += 1) {
    const sign = source[at];
    if ('([{'.includes(sign)) depth += 1;
    if (depth === 0 && (sign === ',' || sign === ')')) return source.slice(start, at);
    if (')]}'.includes(sign)) depth -= 1;
  }
}

function literals(value) {
  const shapes = [...value.matchAll(/`([^`]*)`/g)].map(([, shape]) => shape.replace(/\$\{[^}]*\}/g, '*'));
  const plain = [...value.replace(/`[^`]*`/g, '').matchAll(/'([^']+)'/g)].map(([, text]) => text);
  return [...shapes, ...plain];
}

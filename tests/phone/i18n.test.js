import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { speaker, strict } from '../../pwa/i18n.js';

const cases = JSON.parse(readFileSync(new URL('../cases/i18n.json', import.meta.url), 'utf8'));

for (const { it, language, word, messages, verb, given, gives } of cases) {
  test(it, () => {
    assert.equal(speaker(language, word, messages)[verb](...given), gives);
  });
}

test('a missing message throws when strict', () => {
  strict(true);
  assert.throws(() => speaker('nl', 'client', {}).say('visit.nope'), /visit\.nope is missing in nl/);
  assert.throws(() => speaker('nl', 'client', { hello: 'Dag {name}' }).say('hello'), /\{name\}/);
  strict(false);
});

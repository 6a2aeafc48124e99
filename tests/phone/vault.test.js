import assert from 'node:assert/strict';
import {webcrypto} from 'node:crypto';
import test from 'node:test';
import {Damaged, Locked, WrongSecret, Vault, padded, parsed, without, wraps} from '../../pwa/vault.js';
import {OTHER_SECRET, SECRET} from './phones.js';

const env = {subtle: webcrypto.subtle, random: (n) => webcrypto.getRandomValues(new Uint8Array(n))};
const bytes = padded('"gevallen in de keuken"');

async function opened() {
  const vault = new Vault(env);
  return {vault, slot: await vault.create(SECRET, {demo: true})};
}

test('what is sealed opens again after a restart with the same secret', async () => {
  const {vault, slot} = await opened();
  const sealed = await vault.seal('records', 'a', bytes);
  const later = new Vault(env);
  await later.open(JSON.parse(JSON.stringify(slot)), SECRET);
  assert.deepEqual(await later.unseal('records', 'a', sealed), bytes);
  assert.equal(await later.tag('resident:1'), await vault.tag('resident:1'));
});

const KEY = {credential: 'one', secret: SECRET};
const SECOND = {credential: 'two', salt: 'AAAA', secret: OTHER_SECRET};

async function withTwo() {
  const vault = new Vault(env);
  const slot = await vault.create(SECRET, {credential: 'one', salt: 'AAAA'});
  const sealed = await vault.seal('records', 'a', bytes);
  return {vault, slot, sealed, two: JSON.parse(JSON.stringify(await new Vault(env).rewrap(slot, KEY, SECOND)))};
}

test('a second passkey opens the same vault, each by its own secret only', async () => {
  const {sealed, two} = await withTwo();
  for (const {credential, secret} of [KEY, SECOND]) {
    const later = new Vault(env);
    await later.open(two, secret, credential);
    assert.deepEqual(await later.unseal('records', 'a', sealed), bytes);
  }
  await assert.rejects(new Vault(env).open(two, SECRET, 'two'), WrongSecret);
  await assert.rejects(new Vault(env).open(two, OTHER_SECRET, 'one'), WrongSecret);
  await assert.rejects(new Vault(env).open(two, SECRET, 'three'), WrongSecret);
  await assert.rejects(new Vault(env).rewrap(two, {credential: 'one', secret: OTHER_SECRET}, SECOND), WrongSecret);
});

test('a slot of one passkey is as it always was, and one of two still opens where only the first is looked for', async () => {
  const {slot, two} = await withTwo();
  assert.deepEqual(Object.keys(slot).sort(), ['credential', 'salt', 'salt_key', 'wrapped']);
  assert.deepEqual({...two, others: undefined}, {...slot, others: undefined});
  assert.deepEqual(Object.keys(two.others[0]).sort(), ['credential', 'salt', 'salt_key', 'wrapped']);
  await new Vault(env).open({salt_key: two.salt_key, wrapped: two.wrapped}, SECRET);
});

test('a passkey is replaced while the others are elsewhere, and the old one opens nothing any more', async () => {
  const {sealed, two} = await withTwo();
  const third = {credential: 'three', salt: 'AAAA', secret: new Uint8Array(32).fill(9)};
  const rotated = without(await new Vault(env).rewrap(two, SECOND, third), 'two');
  await assert.rejects(new Vault(env).open(rotated, OTHER_SECRET, 'two'), WrongSecret);
  await assert.rejects(new Vault(env).open(rotated, OTHER_SECRET), WrongSecret);
  assert.equal(JSON.stringify(rotated).includes(two.others[0].wrapped), false);
  for (const {credential, secret} of [KEY, third]) {
    const later = new Vault(env);
    await later.open(rotated, secret, credential);
    assert.deepEqual(await later.unseal('records', 'a', sealed), bytes);
  }
});

test('the first passkey may go too, the last one may not', async () => {
  const {two} = await withTwo();
  const one = without(two, 'one');
  assert.deepEqual(wraps(one).map(({credential}) => credential), ['two']);
  await new Vault(env).open(one, OTHER_SECRET);
  await assert.rejects(new Vault(env).open(one, SECRET), WrongSecret);
  assert.throws(() => without(one, 'two'), /last passkey/);
});

test('a wrong secret is said plainly and leaves an open vault open', async () => {
  const {vault, slot} = await opened();
  await assert.rejects(vault.open(slot, OTHER_SECRET), WrongSecret);
  await assert.rejects(vault.open(slot, new Uint8Array(5)), WrongSecret);
  assert.ok(vault.opened());
});

test('locking drops the keys', async () => {
  const {vault} = await opened();
  const sealed = await vault.seal('records', 'a', bytes);
  vault.lock();
  assert.equal(vault.opened(), false);
  await assert.rejects(async () => vault.unseal('records', 'a', sealed), Locked);
  await assert.rejects(async () => vault.seal('records', 'a', bytes), Locked);
  await assert.rejects(async () => vault.tag('resident:1'), Locked);
});

test('what was open is cleared out of memory once it locks, and not before', async () => {
  let swept = 0;
  const vault = new Vault({...env, sweep: () => { swept += vault.opened() ? 100 : 1; }});
  const slot = await vault.create(SECRET);
  assert.equal(swept, 0);
  vault.lock();
  assert.equal(swept, 1);
  vault.lock();
  await vault.open(slot, SECRET);
  assert.equal(swept, 1);
});

test('a sealed row cannot stand in for another place, version or store', async () => {
  const {vault} = await opened();
  const sealed = await vault.seal('records', 'a', bytes);
  await assert.rejects(vault.unseal('records', 'b', sealed), Damaged);
  await assert.rejects(vault.unseal('outbox', 'a', sealed), Damaged);
});

test('one flipped bit or a cut row is refused', async () => {
  const {vault} = await opened();
  const sealed = await vault.seal('records', 'a', bytes);
  for (let i = 0; i < sealed.length; i += 7) {
    const bent = sealed.slice();
    bent[i] ^= 1;
    await assert.rejects(vault.unseal('records', 'a', bent), Damaged);
  }
  await assert.rejects(vault.unseal('records', 'a', sealed.subarray(0, 20)), Damaged);
});

test('nonces differ, and the slot holds no secret', async () => {
  const {vault, slot} = await opened();
  const nonces = await Promise.all(Array.from({length: 500}, async () => (await vault.seal('records', 'a', bytes)).subarray(0, 12).join()));
  assert.equal(new Set(nonces).size, 500);
  assert.deepEqual(Object.keys(slot).sort(), ['demo', 'salt_key', 'wrapped']);
  assert.equal(Buffer.from(slot.wrapped, 'base64url').length, 12 + 32 + 16);
});

test('lengths are told in steps of 64 bytes only', () => {
  assert.deepEqual([0, 1, 62, 63, 64, 200].map((n) => padded(JSON.stringify('x'.repeat(n))).length), [64, 64, 128, 128, 128, 256]);
  assert.equal(parsed(padded('"é"')), 'é');
});

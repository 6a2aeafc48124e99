import assert from 'node:assert/strict';
import {webcrypto} from 'node:crypto';
import test from 'node:test';
import {Damaged, Locked, WrongSecret, Vault, padded, parsed} from '../../pwa/vault.js';
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

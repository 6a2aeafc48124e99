import assert from 'node:assert/strict';
import test from 'node:test';
import {makePhone} from '../../pwa/phone.js';
import {SECRET, aPhone, anEnv} from './phones.js';

test('what lies under a slot is opened while the phone is locked, and only once', async () => {
  const env = anEnv();
  await aPhone(env);
  const names = [], open = env.indexedDB.open.bind(env.indexedDB);
  env.indexedDB.open = (name, ...more) => { names.push(name); return open(name, ...more); };
  const phone = makePhone(env);
  const [slot] = await phone.slots();
  await phone.ahead(slot);
  assert.deepEqual([phone.opened(), names], [false, ['naober', slot.name]]);
  await phone.unlock(slot, SECRET);
  await phone.first();
  assert.deepEqual([phone.opened(), names], [true, ['naober', slot.name]]);
});

test('what was opened ahead stands in nobody\'s way when another tab takes it off the device', async () => {
  const env = anEnv();
  const other = await aPhone(env);
  const phone = makePhone(env);
  const [slot] = await phone.slots();
  await phone.ahead(slot);
  await other.erase();
  assert.deepEqual((await env.indexedDB.databases()).map(({name}) => name), ['naober']);
});

test('the vault that was used last comes first, from its first page on', async () => {
  const env = anEnv();
  const phone = await aPhone(env);
  const [slot] = await phone.slots();
  phone.lock();
  env.at += 60_000;
  await phone.unlock(slot, SECRET);
  assert.equal((await phone.slots())[0].used, slot.used);
  await phone.tidy();
  assert.equal((await phone.slots())[0].used, env.at);
});

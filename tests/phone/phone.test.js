import assert from 'node:assert/strict';
import test from 'node:test';
import {makePhone} from '../../pwa/phone.js';
import {WrongSecret} from '../../pwa/vault.js';
import {OTHER_SECRET, SECRET, aPhone, amina, anEnv} from './phones.js';

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

const FIRST = {credential: 'one', secret: SECRET};
const SECOND = {credential: 'two', salt: 'AAAA', secret: OTHER_SECRET};

async function byPasskey(env) {
  const phone = makePhone(env);
  const me = amina();
  await phone.create(SECRET, {credential: 'one', salt: 'AAAA', device: me.device}, me);
  return phone;
}

test('a second passkey opens the vault that is there after a restart, and the first can go', async () => {
  const env = anEnv();
  const phone = await byPasskey(env);
  await phone.addKey(phone.slot.name, FIRST, SECOND);
  const later = makePhone(env);
  await later.unlock((await later.slots())[0], OTHER_SECRET, 'two');
  assert.equal(later.me().name, 'Amina');
  await later.dropKey(later.slot.name, 'one');
  const last = makePhone(env);
  const [slot] = await last.slots();
  await assert.rejects(last.unlock(slot, SECRET, 'one'), WrongSecret);
  await last.unlock(slot, OTHER_SECRET, 'two');
  await assert.rejects(last.dropKey(last.slot.name, 'two'), /last passkey/);
});

test('a passkey added in one tab stays while another tab, opened before, says when it was used', async () => {
  const env = anEnv();
  const phone = await byPasskey(env);
  const [slot] = await phone.slots();
  const other = makePhone(env);
  await other.unlock(slot, SECRET, 'one');
  for (const credential of ['two', 'three']) await phone.addKey(phone.slot.name, FIRST, {...SECOND, credential});
  env.at += 60_000;
  await Promise.all([other.tidy(), phone.dropKey(phone.slot.name, 'two')]);
  const [kept] = await phone.slots();
  assert.deepEqual([kept.others.map(({credential}) => credential), kept.used], [['three'], env.at]);
});

test('a vault that another tab took away stays away', async () => {
  const env = anEnv();
  const phone = await byPasskey(env);
  const other = makePhone(env);
  await other.unlock((await other.slots())[0], SECRET, 'one');
  await phone.erase();
  await other.tidy();
  assert.deepEqual(await other.slots(), []);
});

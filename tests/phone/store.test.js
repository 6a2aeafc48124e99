import assert from 'node:assert/strict';
import test from 'node:test';
import {Full, makeStore} from '../../pwa/store.js';
import {anEnv} from './phones.js';

const row = (d) => ['drafts', {d, s: new Uint8Array(3)}];

test('a step is written whole or not at all', async () => {
  const store = makeStore(anEnv(), 'naober-test');
  await assert.rejects(store.commit({put: [row('a'), ['drafts', {no: 'key'}]]}));
  assert.equal(await store.get('drafts', 'a'), null);
  assert.equal(await store.commit({put: [row('a'), row('b')]}), true);
  assert.equal((await store.read([['drafts']]))[0].length, 2);
});

test('a step whose ground has moved writes nothing and says so', async () => {
  const store = makeStore(anEnv(), 'naober-test');
  assert.equal(await store.commit({put: [['meta', {k: 'clock', t: 1}]], when: [['meta', 'clock', 't', null]]}), true);
  assert.equal(await store.commit({put: [row('a')], drop: [['meta', {only: 'clock'}]], when: [['meta', 'clock', 't', null]]}), false);
  assert.equal(await store.get('drafts', 'a'), null);
  assert.equal((await store.get('meta', 'clock')).t, 1);
});

test('every step asks for strict durability', async () => {
  const env = anEnv();
  const store = makeStore(env, 'naober-test');
  await store.get('meta', 'turn');
  const asked = [];
  const {prototype} = (await open(env)).constructor;
  const real = prototype.transaction;
  prototype.transaction = function spied(...args) { asked.push(args); return real.apply(this, args); };
  await store.commit({put: [row('a')]});
  prototype.transaction = real;
  assert.deepEqual(asked.map(([, mode, options]) => [mode, options.durability]), [['readwrite', 'strict']]);
});

test('a full phone is said by name, with nothing written', async () => {
  const env = anEnv();
  const store = makeStore(env, 'naober-test');
  await store.get('meta', 'turn');
  const {prototype} = (await open(env)).transaction('drafts').objectStore('drafts').constructor;
  const real = prototype.put;
  prototype.put = () => { throw new DOMException('quota', 'QuotaExceededError'); };
  await assert.rejects(store.commit({put: [row('a')]}), Full);
  prototype.put = real;
  assert.equal(await store.get('drafts', 'a'), null);
});

test('a connection that the browser closed is opened again', async () => {
  const env = anEnv();
  const store = makeStore(env, 'naober-test');
  await store.commit({put: [row('a')]});
  const {prototype} = (await open(env)).constructor;
  const real = prototype.transaction;
  let failed = 0;
  prototype.transaction = function lost(...args) {
    if (failed === 0) { failed += 1; throw new DOMException('lost', 'InvalidStateError'); }
    return real.apply(this, args);
  };
  assert.notEqual(await store.get('drafts', 'a'), null);
  prototype.transaction = real;
});

test('every step moves the turn on, so that another tab notices', async () => {
  const env = anEnv();
  const store = makeStore(env, 'naober-test'), other = makeStore(env, 'naober-test');
  await store.commit({put: [row('a')]});
  await other.commit({drop: [['drafts', {only: 'a'}]]});
  assert.equal((await store.get('meta', 'turn')).t, 2);
});

function open(env) {
  return new Promise((resolve) => { env.indexedDB.open('naober-test').onsuccess = ({target}) => resolve(target.result); });
}

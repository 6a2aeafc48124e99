import assert from 'node:assert/strict';
import test from 'node:test';
import {Desk, aPhone, anEnv, anId, restarted} from './phones.js';

const MANY = 1100;
const subject = `resident:${anId()}`;

/** A phone with more saved than two requests take, in the dead of a flat without signal; its office gives nobody back what they made themselves. */
async function laden(many = MANY) {
  const desk = new Desk(), {sync} = desk;
  desk.pairs = [[subject, 'body', null]];
  desk.sync = async (asks) => {
    const answer = await sync.call(desk, asks).json();
    const own = new Set(asks.changes.map(({record}) => record));
    return Response.json({...answer, records: answer.records.filter(({id}) => !own.has(id))});
  };
  const env = anEnv({fetch: desk.fetch});
  const phone = await aPhone(env);
  await phone.sync();
  const notes = Array.from({length: many}, (_, i) => phone.change('note', {subject, topic: 'body', fields: {text: `nummer ${i}`}}));
  await phone.add(notes, {op: 'all'});
  desk.asked = [];
  return {desk, env, phone};
}

function sent({asked}) {
  return asked.filter(([path]) => path === '/sync').map(([, {changes}]) => changes.length);
}

function soon() {
  return new Promise((resolve) => { setTimeout(resolve, 1); });
}

/** Keeps the outbox from being written until let go. */
async function busyStore({indexedDB}) {
  const name = (await indexedDB.databases()).map((one) => one.name).find((one) => one !== 'naober');
  const db = await new Promise((resolve) => { indexedDB.open(name).onsuccess = ({target}) => resolve(target.result); });
  const store = db.transaction('outbox', 'readwrite').objectStore('outbox');
  let held = true;
  const again = () => { if (held) store.count().onsuccess = again; };
  again();
  return () => {
    held = false;
    db.close();
  };
}

test('what was saved by the hundred goes up while the receipts of the first are still on their way to the disk', async () => {
  const {desk, env, phone} = await laden();
  await phone.reads.note(subject, 'household');
  let free = null, early = 0;
  env.fetch = async (path, asked) => {
    const answer = await desk.fetch(path, asked);
    if (sent(desk).length === 1) free = await busyStore(env);
    else if (free) {
      early = sent(desk).length;
      free();
      free = null;
    }
    return answer;
  };
  assert.deepEqual([(await phone.sync()).problem, early], [null, 2]);
  assert.deepEqual(sent(desk), [500, 500, 100]);
  const asks = desk.asked.map(([, one]) => one);
  assert.equal(new Set(asks.flatMap(({changes}) => changes ?? []).map(({id}) => id)).size, MANY);
  assert.deepEqual(asks.slice(0, 3).map(({reads}) => reads.length), [1, 0, 0]);
  assert.deepEqual([phone.status().waiting, desk.records.size], [0, MANY]);
  assert.equal((await (await restarted(env)).records(subject)).length, MANY);
});

test('what the office has to say besides receipts is on the disk before anything more goes up', async () => {
  const {desk, env, phone} = await laden();
  desk.verdict = ({n}) => (n === 300 ? 'refused' : 'stored');
  let waited = null;
  env.fetch = async (path, asked) => {
    if (sent(desk).length === 1) waited = (await phone.waiting()).filter(({state}) => state === 'phone').length;
    return desk.fetch(path, asked);
  };
  assert.equal((await phone.sync()).problem, null);
  assert.deepEqual([sent(desk), waited], [[500, 500, 100], MANY - 500]);
  assert.deepEqual((await phone.waiting()).map(({state}) => state), ['returned']);
});

test('a line that breaks under the second of them loses nothing and doubles nothing', async () => {
  const {desk, env, phone} = await laden();
  env.fetch = async (path, asked) => {
    desk.fault = sent(desk).length ? 'after' : null;
    return desk.fetch(path, asked);
  };
  assert.equal((await phone.sync()).problem, 'offline');
  assert.deepEqual([(await phone.waiting()).length, desk.records.size], [MANY - 500, 1000]);
  desk.fault = null;
  env.fetch = desk.fetch;
  const later = await restarted(env);
  assert.equal((await later.sync()).problem, null);
  assert.deepEqual([later.status().waiting, desk.records.size], [0, MANY]);
});

test('a store that fails under the first says so, and what the office has already is known to it', async () => {
  for (const k of [1, 2, 3]) {
    const {desk, env, phone} = await laden(501);
    phone.lock();
    const {open} = env.indexedDB;
    let left = k;
    env.indexedDB.open = (...name) => {
      const request = open.apply(env.indexedDB, name);
      request.addEventListener('success', () => {
        const {result: db} = request, {transaction} = db;
        db.transaction = (stores, mode, options) => {
          if (mode === 'readwrite' && (left -= 1) < 0) throw new Error('crash');
          return transaction.call(db, stores, mode, options);
        };
      });
      return request;
    };
    const dying = await restarted(env);
    await dying.sync().catch(() => {});
    dying.lock();
    left = Infinity;
    await soon();
    const later = await restarted(env);
    assert.equal((await later.sync()).problem, null, `crash ${k}`);
    assert.deepEqual([later.status().waiting, desk.records.size], [0, 501], `crash ${k}`);
  }
});

test('a request that is too large is halved, and what follows it comes after it', async () => {
  const {desk, env, phone} = await laden();
  env.fetch = async (path, asked) => {
    const {changes} = JSON.parse(asked.body);
    return changes?.length > 200 ? Response.json({error: {code: 'too_large'}}, {status: 413}) : desk.fetch(path, asked);
  };
  assert.equal((await phone.sync()).problem, null);
  assert.deepEqual([phone.status().waiting, desk.records.size], [0, MANY]);
  const numbers = desk.asked.flatMap(([, {changes}]) => changes ?? []).map(({n}) => n);
  assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
});

import assert from 'node:assert/strict';
import test from 'node:test';
import * as merge from '../../sync/merge.js';
import {Desk, START, TEAM, aPhone, anEnv, anId, elsewhere, everything, restarted} from './phones.js';

const household = `household:${anId()}`;
const residents = Array.from({length: 6}, () => `resident:${anId()}`);
const note = (phone, text, subject = residents[0]) => phone.change('note', {subject, topic: 'body', fields: {text}});

async function ready() {
  const desk = new Desk();
  desk.pairs = [[household, 'practical', null], ...residents.map((subject) => [subject, 'body', null])];
  desk.put(elsewhere('household', {subject: household, topic: 'practical', fields: {name: 'Familie Bos'}}));
  for (const subject of residents) desk.put(elsewhere('note', {subject, topic: 'body', fields: {text: `over ${subject}`}}));
  const env = anEnv({fetch: desk.fetch});
  return {desk, env, phone: await aPhone(env)};
}

test('nothing new is one request, small, and writes nothing', async () => {
  const {desk, env, phone} = await ready();
  await phone.sync();
  const {meta: before} = await everything(env);
  desk.asked = [];
  await phone.sync();
  assert.equal(desk.asked.length, 1);
  const {meta: after} = await everything(env);
  assert.deepEqual(after, before);
});

test('a lost answer is asked again and has one effect', async () => {
  const {desk, phone} = await ready();
  await phone.sync();
  await phone.add([note(phone, 'een keer')], {op: 'op'});
  desk.fault = 'after';
  assert.equal((await phone.sync()).problem, 'offline');
  assert.deepEqual([phone.status().problem, phone.status().waiting], ['offline', 1]);
  desk.fault = null;
  assert.deepEqual((await phone.sync()).problem, null);
  const texts = (await phone.records(residents[0])).map((record) => merge.shown(record).fields.text);
  assert.deepEqual(texts.sort(), ['een keer', `over ${residents[0]}`]);
  assert.equal(phone.status().waiting, 0);
  assert.equal(desk.records.size, 8);
});

test('a first pull that was cut off asks only for what it does not have', async () => {
  const {desk, env, phone} = await ready();
  desk.cut = 1600;
  assert.equal((await phone.sync()).problem, 'offline');
  assert.equal(phone.status().needed, true);
  const have = (await everything(env)).filled.length;
  assert.ok(have > 0 && have < 7, `${have} pairs were whole`);
  desk.cut = 0;
  desk.asked = [];
  const later = await restarted(env);
  await later.sync();
  const [, history] = desk.asked.map(([, asks]) => asks);
  assert.equal(history.pairs.length, 7 - have);
  for (const subject of residents) assert.equal((await later.records(subject)).length, 1);
});

test('one bad change does not keep the others from going', async () => {
  const {desk, phone} = await ready();
  await phone.add(['a', 'slecht', 'b', 'c', 'd'].map((text) => note(phone, text)), {op: 'op'});
  const sync = desk.sync.bind(desk);
  desk.sync = (asks) => (asks.changes.some((change) => change.fields.text === 'slecht') ? Response.json({error: {code: 'bad_text'}}, {status: 400}) : sync(asks));
  assert.equal((await phone.sync()).problem, null);
  const left = await phone.waiting();
  assert.deepEqual(left.map((one) => [one.change.fields.text, one.state, one.reason]), [['slecht', 'returned', 'bad_text']]);
  assert.equal(desk.known.size, 4);
});

test('trouble is told by its name, and tried again later with patience', async () => {
  const {desk, env, phone} = await ready();
  const told = [];
  env.sleep = (ms) => { told.push(ms); return new Promise(() => {}); };
  for (const [fault, code] of [[401, 'signed_out'], [503, 'busy'], [500, 'busy'], [429, 'busy'], [403, 'refused'], ['before', 'offline']]) {
    desk.fault = fault;
    assert.equal((await phone.sync()).problem, code);
    assert.equal(phone.status().problem, code);
    assert.equal(phone.status().sending, false);
    assert.equal(phone.retryAt() === null, code === 'signed_out');
  }
  const waits = told.filter((ms) => ms !== 60_000);
  assert.equal(waits.length, 5);
  waits.forEach((ms, i) => assert.ok(ms >= 1000 * 2 ** i && ms <= 3000 * 2 ** i, `wait ${i} was ${ms}`));
});

test('after a failure it tries again by itself', async () => {
  const {desk, env, phone} = await ready();
  let wake = null;
  env.sleep = (ms) => new Promise((resolve) => { if (ms !== 60_000) wake = resolve; });
  desk.fault = 'before';
  await phone.sync();
  desk.fault = null;
  const settled = new Promise((resolve) => { phone.watch((status) => { if (status.lastAt && !status.sending) resolve(status); }); });
  wake();
  assert.equal((await settled).problem, null);
});

test('an office restored from a backup is offered again what I wrote', async () => {
  const {desk, phone} = await ready();
  await phone.add([note(phone, 'van gisteren')], {op: 'op'});
  await phone.sync();
  const lost = [...desk.known.keys()];
  const mine = [...desk.records.values()].find((record) => merge.shown(record).fields.text === 'van gisteren');
  desk.records.delete(mine.id);
  desk.log = desk.log.filter((id) => id !== mine.id);
  desk.known.clear();
  desk.epoch = 'two';
  await phone.sync();
  assert.deepEqual([...desk.known.keys()], lost);
  assert.equal(merge.text((await phone.find(mine.id, residents[0]))), merge.text(desk.records.get(mine.id)));
  assert.equal((await phone.records(household)).length, 1);
});

test('one sync at a time: a call during a round makes it go round once more', async () => {
  const {desk, phone} = await ready();
  let busy = 0;
  const real = desk.fetch;
  const slow = async (...asked) => {
    busy += 1;
    assert.equal(busy, 1);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    busy -= 1;
    return real(...asked);
  };
  const env = anEnv({fetch: slow});
  const other = await aPhone(env);
  await Promise.all([other.sync(), other.sync(), other.sync()]);
  assert.equal(desk.asked.filter(([path]) => path === '/sync').length, 2);
  assert.ok(phone.opened());
});

test('two tabs of one phone never sync at once, and both see the result', async () => {
  const {desk, env, phone} = await ready();
  env.locks = webLocks();
  const tab = await restarted(env);
  await phone.add([note(phone, 'in tab een')], {op: 'a'});
  await tab.add([note(tab, 'in tab twee')], {op: 'b'});
  await Promise.all([phone.sync(), tab.sync()]);
  assert.equal(desk.known.size, 2);
  assert.equal((await tab.records(residents[0])).length, 3);
  assert.equal((await phone.records(residents[0])).length, 3);
  assert.equal(env.locks.most, 1);
});

test('without Web Locks a second tab that comes too late writes nothing over the first', async () => {
  const {desk, env, phone} = await ready();
  const tab = await restarted(env);
  const problems = (await Promise.all([phone.sync(), tab.sync()])).map((done) => done.problem);
  assert.ok(problems.includes(null));
  await tab.sync();
  assert.equal((await everything(env)).filled.length, 7);
  assert.equal(desk.records.size, 7);
});

test('an answer that comes after another tab went on moves nothing back', async () => {
  const {desk, env, phone} = await ready();
  await phone.sync();
  const tab = await restarted(env);
  let release;
  const late = new Promise((resolve) => { release = resolve; });
  env.fetch = async (...asked) => {
    env.fetch = desk.fetch;
    const answer = await desk.fetch(...asked);
    await late;
    return answer;
  };
  await phone.reads.note(household, 'household');
  const slow = phone.sync();
  while (desk.asked.length < 3) await new Promise((resolve) => { setTimeout(resolve, 1); });
  desk.put(elsewhere('note', {subject: residents[0], topic: 'body', fields: {text: 'intussen'}}));
  assert.equal((await tab.sync()).problem, null);
  release();
  assert.equal((await slow).problem, 'busy');
  assert.equal((await phone.records(residents[0])).length, 2);
});

test('a revoked phone hands in what it still has before it says so', async () => {
  const {desk, phone} = await ready();
  await phone.add([note(phone, 'nog niet verstuurd')], {op: 'op'});
  desk.sync = ({changes}) => Response.json({now: START, revoked: true, results: changes.map(({id}) => ({id, is: 'held', reason: 'device_revoked'}))});
  assert.equal((await phone.sync()).problem, 'revoked');
  assert.deepEqual(desk.asked.map(([, {changes}]) => changes.length), [1, 0]);
  assert.deepEqual((await phone.waiting()).map(({state, reason}) => [state, reason]), [['held', 'device_revoked']]);
});

test('locking stops a sync that runs; nothing is lost and nothing complains', async () => {
  const {desk, env, phone} = await ready();
  await phone.add([note(phone, 'blijft')], {op: 'op'});
  env.fetch = (path, options) => new Promise((resolve, reject) => { options.signal.addEventListener('abort', () => reject(options.signal.reason)); });
  const running = phone.sync();
  await new Promise((resolve) => { setTimeout(resolve, 20); });
  phone.lock();
  assert.equal((await running).problem, null);
  env.fetch = desk.fetch;
  const later = await restarted(env);
  assert.equal((await later.sync()).sent, 1);
});

test('a crash at any step of a sync loses nothing and doubles nothing', async () => {
  let crashes = 0;
  for (let k = 0; k < 12; k += 1) {
    const {desk, env, phone} = await ready();
    await phone.add([note(phone, 'een'), note(phone, 'twee')], {op: 'op'});
    phone.lock();
    const fault = crashing(env);
    const dying = await restarted(env);
    fault.left = k;
    await dying.sync().catch(() => { crashes += 1; });
    dying.lock();
    fault.left = Infinity;
    const later = await restarted(env);
    await later.sync();
    assert.equal(later.status().problem, null, `crash ${k}`);
    assert.deepEqual([desk.known.size, desk.records.size, later.status().waiting], [2, 9, 0], `crash ${k}`);
    const texts = (await later.records(residents[0])).map((record) => merge.shown(record).fields.text).sort();
    assert.deepEqual(texts, ['een', `over ${residents[0]}`, 'twee'], `crash ${k}`);
  }
  assert.ok(crashes >= 2, `${crashes} crashes`);
});

test('the read log goes up once', async () => {
  const {desk, phone} = await ready();
  await phone.reads.note(household, 'household');
  await phone.sync();
  await phone.sync();
  const sent = desk.asked.flatMap(([, asks]) => asks.reads ?? []);
  assert.deepEqual(sent.map(({at, subject, what}) => [at, subject, what]), [[START, household, 'household']]);
});

test('a clock that is wrong is corrected by the office', async () => {
  const {env, phone} = await ready();
  env.at = START - 6 * 3600 * 1000;
  await phone.sync();
  const {changes: [change]} = await phone.add([note(phone, 'op tijd')], {op: 'op'});
  assert.ok(Math.abs(Number(change.stamp.slice(0, 13)) - START) < 60_000);
});

test('a signal that names nobody stays with the team', async () => {
  const {desk, phone} = await ready();
  desk.pairs.push([`team:${TEAM}`, 'social', null]);
  await phone.add([phone.change('signal', {subject: `team:${TEAM}`, topic: 'social', fields: {lens: 'community', text: 'donkere steeg', day: '2026-11-22'}})], {op: 'op'});
  await phone.sync();
  assert.deepEqual((await phone.first()).map((record) => record.kind).sort(), ['household', 'signal']);
});

/** Connections opened from now on fail at every write once `left` writes have been made. */
function crashing({indexedDB}) {
  const fault = {left: Infinity};
  const real = indexedDB.open;
  indexedDB.open = (...args) => {
    const request = real.apply(indexedDB, args);
    request.addEventListener('success', () => {
      const db = request.result, {transaction} = db;
      db.transaction = (stores, mode, options) => {
        if (mode === 'readwrite') fault.left -= 1;
        if (fault.left < 0) throw new Error('crash');
        return transaction.call(db, stores, mode, options);
      };
    });
    return request;
  };
  return fault;
}

function webLocks() {
  let tail = Promise.resolve(), held = 0;
  const locks = {most: 0, request: (name, options, work) => {
    const turn = tail.then(async () => {
      held += 1;
      locks.most = Math.max(locks.most, held);
      try { return await work(); } finally { held -= 1; }
    });
    tail = turn.catch(() => {});
    return turn;
  }};
  return locks;
}

/** What is kept free for the moment that a phone is full: a press of bewaard has its answer at once, and what can be got again goes afterwards. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {IDBFactory} from 'fake-indexeddb';
import {Desk, START, aPhone, anEnv, anId, elsewhere, everything, restarted} from './phones.js';
import {Tight} from './tight.js';

const DAY_MS = 24 * 3600 * 1000;
const SIZE = 512 * 1024;
const subject = `resident:${anId()}`;

/** A file on the same disk as the store: room for it is taken from what the store may use. */
class Reserve {
  bytes = SIZE;
  there = false;

  constructor(tight) {
    this.tight = tight;
  }

  async make() {
    if (!this.there && this.tight.used() + SIZE > this.tight.limit) return false;
    if (!this.there) this.tight.limit -= SIZE;
    this.there = true;
    return true;
  }

  async drop() {
    if (!this.there) return false;
    this.there = false;
    this.tight.limit += SIZE;
    return true;
  }
}

/** A phone with much history and a reserve beside it, on a disk with nothing left. */
async function full({reserved = true} = {}) {
  const desk = new Desk();
  for (let n = 0; n < 6; n += 1) {
    const other = `resident:${anId()}`;
    desk.put(elsewhere('note', {subject: other, topic: 'body', fields: {text: 'x'.repeat(400_000)}, stamp: `${START - (90 - n) * DAY_MS}-0000-0000beef`}));
    desk.pairs.push([other, 'body', null]);
  }
  desk.pairs.push([subject, 'body', null]);
  const tight = new Tight(new IDBFactory());
  const env = anEnv({fetch: desk.fetch, indexedDB: tight});
  env.reserve = new Reserve(tight);
  const phone = await aPhone(env);
  assert.equal((await phone.sync()).problem, null);
  if (reserved) await phone.tidy();
  assert.equal(env.reserve.there, reserved);
  tight.left(0);
  return {desk, env, tight, phone};
}

const write = (phone, text) => phone.add([phone.change('note', {subject, topic: 'body', fields: {text}})], {op: anId()});
const short = async (env) => (await everything(env)).filled.filter((one) => one.short).length;
const calm = (phone) => phone.open().room.again;

test('it is kept free from the first unlocking on, and where there is too little room the oldest makes way for it, once a day', async () => {
  const {env, phone, tight} = await full({reserved: false});
  tight.left(SIZE / 2);
  await phone.tidy();
  const gone = await short(env);
  assert.deepEqual([env.reserve.there, gone > 0], [true, true]);
  await env.reserve.drop();
  tight.left(SIZE / 2);
  const later = await restarted(env);
  await later.tidy();
  assert.deepEqual([env.reserve.there, await short(env)], [false, gone]);
});

test('where the browser keeps no files for us nothing makes way for one', async () => {
  const {env, phone, tight} = await full({reserved: false});
  env.reserve.make = async () => null;
  tight.left(SIZE / 2);
  await phone.tidy();
  assert.equal(await short(env), 0);
});

test('a press of bewaard has its answer though nothing that is erased ever comes to an end', async () => {
  const {env, phone} = await full();
  env.oldest = () => new Promise(() => {});
  await write(phone, 'Nu');
  assert.deepEqual((await phone.waiting()).map(({change}) => change.fields.text), ['Nu']);
  assert.equal(env.reserve.there, false);
});

test('afterwards the oldest that was received goes, what was not sent stays, and room is kept free once more', async () => {
  const {env, phone} = await full();
  await write(phone, 'Nu');
  await calm(phone);
  assert.equal(env.reserve.there, true);
  assert.ok(await short(env) >= 2);
  await write(phone, 'En later');
  const later = await restarted(env);
  assert.deepEqual((await later.waiting()).map(({change}) => change.fields.text), ['Nu', 'En later']);
  assert.equal((await later.sync()).problem, null);
  assert.equal(later.status().waiting, 0);
});

test('where the browser gives no room back for what is erased there is room for what is being written, and then the phone says that it is full', async () => {
  const {env, tight, phone} = await full();
  tight.gives = false;
  await write(phone, 'Nu');
  await calm(phone);
  const gone = await short(env);
  assert.deepEqual([env.reserve.there, gone > 0], [false, true]);
  tight.left(0);
  await assert.rejects(write(phone, 'Meer'), {name: 'Full'});
  assert.equal(await short(env), gone);
  assert.deepEqual((await phone.waiting()).map(({change}) => change.fields.text), ['Nu']);
});

test('where what making room takes never came the phone says that it is full, and nothing goes', async () => {
  const {env, phone} = await full();
  Object.assign(env, {later: () => Promise.reject(new TypeError('no network')), reserve: undefined, oldest: undefined});
  await assert.rejects(write(phone, 'Nu'), {name: 'Full'});
  assert.equal(await short(env), 0);
  await phone.tidy().catch(({name}) => assert.equal(name, 'Full'));
});

test('locking in the middle of it loses nothing and complains of nothing', async () => {
  const {env, phone} = await full();
  await write(phone, 'Nu');
  const again = calm(phone);
  phone.lock();
  await again;
  const later = await restarted(env);
  assert.deepEqual((await later.waiting()).map(({change}) => change.fields.text), ['Nu']);
});

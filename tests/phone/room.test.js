/** Room on a full phone: what was received makes way for what somebody writes, the oldest first; nothing unsent does, and later all is there again. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {IDBFactory} from 'fake-indexeddb';
import * as merge from '../../sync/merge.js';
import {chance} from './chance.js';
import {Faulty} from './faults.js';
import {Desk, START, aPhone, amina, anEnv, anId, elsewhere, everything, restarted} from './phones.js';
import {Tight} from './tight.js';

const DAY_MS = 24 * 3600 * 1000;
const SEEDS = Number(process.env.NAOBER_ROOMS ?? 8);
const HOUSEHOLDS = 8;
const OLD = ['body', 'mind', 'society', 'social'];

/** A phone with the history of some residents on it: {desk, env, tight, faulty, phone, residents}. */
async function aFullPhone(random = chance(1)) {
  const desk = new Desk();
  const residents = Array.from({length: HOUSEHOLDS}, () => `resident:${anId()}`);
  for (const subject of residents) {
    const house = anId();
    desk.put(elsewhere('resident', {subject, topic: 'practical', fields: {household: house, name: 'Iemand'}}));
    for (const topic of OLD) for (let n = 0; n < 1 + random() * 3; n += 1) desk.put(aNote(subject, topic, random));
    desk.pairs.push(...['practical', ...OLD].map((one) => [subject, one, null]));
  }
  const tight = new Tight(new IDBFactory());
  const faulty = new Faulty(tight);
  const env = anEnv({fetch: desk.fetch, indexedDB: faulty});
  const me = amina();
  const phone = await aPhone(env, me);
  assert.equal((await phone.sync()).problem, null);
  return {desk, env, tight, faulty, phone, residents, me};
}

/** A colleague's note of some day in the last two years. */
function aNote(subject, topic, random, text = 'Van een collega. '.repeat(20 + random() * 4000)) {
  const stamp = `${START - 60 * DAY_MS - Math.floor(random() * 700) * DAY_MS}-0000-0000beef`;
  return elsewhere('note', {subject, topic, fields: {text}, stamp});
}

const written = (phone, subject, text) => phone.add([phone.change('note', {subject, topic: 'body', fields: {text}})], {op: anId()});
const texts = async (phone) => (await phone.waiting()).map(({change}) => change.fields.text);
const asked = (desk) => desk.asked.filter(([path]) => path === '/sync/history').flatMap(([, {pairs}]) => pairs);
const all = async (phone, residents) => (await Promise.all(residents.map((one) => phone.records(one)))).flat().map(merge.text).sort();

/** All that may make way, as [latest stamp, key], read from the disk. */
async function history(phone, env) {
  const {blobs, records} = await everything(env);
  const {shelf} = phone.open();
  const age = (list) => list.flatMap(({writes}) => Object.values(writes)).map(({stamp}) => stamp).sort().at(-1);
  const old = await Promise.all(blobs.map(async (row) => [age(await shelf.openBlob(row)), `${row.p} ${row.q}`, row.c]));
  const rows = await Promise.all(records.filter(({c}) => c.length === 1).map(async (row) => [age([await shelf.openRow(row)]), row.i, row.c[0]]));
  return [...old, ...rows].filter(([stamp]) => stamp);
}

/** What went between two looks is older than all that stayed, except what has a reason to. */
function oldestWent(before, after, stays) {
  const still = new Set(after.map(([, key]) => key));
  const gone = before.filter(([, key]) => !still.has(key)).map(([stamp]) => stamp).sort();
  const left = after.filter(([, key, c]) => !stays.has(key) && !stays.has(c)).map(([stamp]) => stamp).sort();
  if (gone.length && left.length) assert.ok(gone.at(-1) <= left[0], `${gone.at(-1)} went and ${left[0]} stayed`);
  return gone.length;
}

/** No pair is called whole of which the phone lacks something. */
async function honest({desk, phone, env}) {
  const {filled} = await everything(env);
  const whole = new Set(filled.filter(({ended, short}) => !ended && !short).map(({p}) => p));
  for (const [subject, topic] of desk.pairs) {
    if (!whole.has(await phone.open().shelf.pairTag(subject, topic))) continue;
    const here = new Set((await phone.records(subject)).map(({id}) => id));
    for (const one of desk.records.values()) if (one.subject === subject && one.topic === topic) assert.ok(here.has(one.id), `${topic} is not whole`);
  }
}

/** With room again, a day later, the phone has what one has that was never full. */
async function comesBack({desk, env, tight, phone, residents, me}) {
  tight.limit = Infinity;
  env.at += DAY_MS;
  assert.equal((await phone.sync()).problem, null);
  assert.equal(phone.status().short, false);
  const never = await aPhone(anEnv({fetch: desk.fetch, at: env.at}), {...amina(), hats: me.hats, device: anId()});
  assert.equal((await never.sync()).problem, null);
  assert.deepEqual(await all(phone, residents), await all(never, residents));
}

for (let seed = 1; seed <= SEEDS; seed += 1) {
  test(`what is received makes way, the oldest first, and comes back (seed ${seed})`, async () => {
    const random = chance(seed);
    const world = await aFullPhone(random);
    const {desk, env, tight, phone, residents} = world;
    const one = () => residents[Math.floor(random() * residents.length)];
    const sent = [], unsent = [];
    // Long ago: something that the office has, something that it has never seen, and an edit of what it has.
    for (let n = 0; n < 3; n += 1) sent.push(`Ontvangen ${n}`) && await written(phone, one(), sent.at(-1));
    assert.equal((await phone.sync()).problem, null);
    const [edited] = (await phone.records(residents[0])).filter(({kind}) => kind === 'note');
    await phone.add([phone.change('note', {record: edited, fields: {aspect: 'seen'}})], {op: anId()});
    unsent.push(undefined, 'Nooit verzonden');
    await written(phone, residents[1], unsent.at(-1));
    desk.fault = 'before';
    env.at += 31 * DAY_MS;
    await phone.drafts.keep('visit-new', {text: 'half'});
    const first = (await phone.first()).map(({id}) => id).sort();
    const lies = await phone.vault.tag(edited.subject);
    let went = 0;
    for (let n = 0; n < 12; n += 1) {
      const subject = one();
      if (random() < 0.4) await phone.records(subject);
      if (random() < 0.4 || !n) tight.left(Math.floor(random() * 300));
      const before = await history(phone, env);
      const words = `Geschreven ${n}. ${'Meer. '.repeat(random() * 20_000)}`;
      const write = random() < 0.3 ? phone.drafts.keep(`visit-new ${n}`, {words}) : written(phone, subject, words).then(() => unsent.push(words));
      const full = await write.then(() => false, ({name}) => name === 'Full');
      const after = await history(phone, env);
      const stays = new Set([...phone.open().shelf.looked, lies]);
      went += oldestWent(before, after, stays);
      if (full) assert.ok(after.every(([, , c]) => stays.has(c)), 'it said full while something could make way');
      if (full) env.at += 600_000;
    }
    assert.ok(went > 0, 'nothing ever made way');
    assert.deepEqual(await texts(phone), unsent);
    assert.deepEqual((await phone.drafts.find('visit-new')), {text: 'half'});
    assert.deepEqual((await phone.first()).map(({id}) => id).filter((id) => first.includes(id)).sort(), first);
    assert.equal((await phone.records(edited.subject)).find(({id}) => id === edited.id)?.state, 'phone');
    desk.fault = null;
    await honest(world);
    await comesBack(world);
    const there = [...desk.records.values()].map((record) => merge.shown(record).fields.text);
    for (const words of [...sent, ...unsent.slice(1)]) assert.equal(there.filter((text) => text === words).length, 1, words);
  });
}

test('a crash at any step of making room loses nothing, and no pair is called whole that is not', async () => {
  for (const how of ['before', 'during', 'after']) {
    for (let k = 1, over = false; !over; k += 1) {
      const {faulty, tight, ...world} = await aFullPhone(chance(k));
      const {env, phone, residents} = world;
      await written(phone, residents[0], 'Eerder');
      tight.left(0);
      faulty.plan({at: k, how});
      const writing = written(phone, residents[1], 'Nu').then(() => ({}), (error) => { if (!faulty.dead) throw error; return {killed: true}; });
      const {killed} = await Promise.race([writing, faulty.died]);
      over = faulty.steps < k;
      faulty.plan(null);
      faulty.close();
      tight.limit = Infinity;
      env.indexedDB = tight;
      const again = {...world, tight, phone: await restarted(env)};
      const there = await texts(again.phone);
      assert.ok(there.includes('Eerder') && (killed || there.includes('Nu')), `${how} ${k}`);
      await honest(again);
      await comesBack(again);
    }
  }
});

test('history that made way waits until tomorrow, and what is new does not', async () => {
  const {desk, env, tight, phone, residents} = await aFullPhone();
  tight.left(0);
  await written(phone, residents[0], 'Nu');
  assert.equal(phone.status().short, true);
  tight.limit = Infinity;
  desk.asked = [];
  assert.equal((await phone.sync()).problem, null);
  assert.deepEqual(asked(desk), []);
  const again = await restarted(env);
  assert.equal(again.status().short, true);
  const fresh = `resident:${anId()}`;
  desk.put(elsewhere('resident', {subject: fresh, topic: 'practical', fields: {household: anId(), name: 'Nieuw'}}));
  desk.pairs = [...desk.pairs, [fresh, 'practical', null]];
  assert.equal((await again.sync()).problem, null);
  assert.deepEqual(asked(desk), [[fresh, 'practical']]);
  env.at += DAY_MS;
  desk.asked = [];
  assert.equal((await again.sync()).problem, null);
  assert.ok(asked(desk).length > 0);
  assert.equal(again.status().short, false);
});

test('what somebody wrote of a pair that made way comes back when the pair closes', async () => {
  const {desk, env, tight, phone, residents: [subject], me} = await aFullPhone();
  const [hat] = me.hats;
  desk.hats = [hat.id];
  desk.put({...elsewhere('note', {subject, topic: 'money', fields: {text: 'Van mijzelf'}, by: hat.id}), stamp: '1700000000000-0000-0000beef'}, {device: 'mine'});
  desk.pairs = [...desk.pairs, [subject, 'money', null]];
  await phone.sync();
  phone.open().shelf.looked.clear();
  tight.left(0);
  await written(phone, subject, 'Nu');
  phone.open().shelf.looked.clear();
  const own = async () => (await phone.records(subject)).filter(({topic}) => topic === 'money').length;
  assert.equal(await own(), 0);
  tight.limit = Infinity;
  env.at += 1000;
  desk.pairs = desk.pairs.filter(([, topic]) => topic !== 'money');
  await phone.sync();
  assert.equal(await own(), 1);
});

test('a pair of which a part made way while it came in is not called whole', async () => {
  const world = await aFullPhone();
  const {desk, env, tight, phone, residents: [, , , subject]} = world;
  const list = [0, 1].map(() => aNote(subject, 'money', chance(3), 'x'.repeat(800_000))).map((one) => ({...one, stamp: '1600000000000-0000-0000beef'}));
  for (const one of list) desk.put(one);
  desk.pairs = [...desk.pairs, [subject, 'money', null]];
  const plain = desk.history;
  const [a, b] = list.map(({record}) => desk.records.get(record));
  const line = (part, last, record) => `${JSON.stringify({subject, topic: 'money', part, last, n: 1, upto: 9})}\t[${merge.text(record)}]\n`;
  desk.history = () => new Response(new ReadableStream({
    async start(to) {
      to.enqueue(new TextEncoder().encode(line(0, false, a)));
      while (!(await everything(env)).blobs.some(({s}) => s.byteLength > 700_000)) await new Promise((resolve) => { setImmediate(resolve); });
      tight.left(0);
      await written(phone, subject, 'Intussen');
      tight.limit = Infinity;
      to.enqueue(new TextEncoder().encode(line(1, true, b)));
      to.close();
    },
  }));
  assert.equal((await phone.sync()).problem, 'busy');
  await honest(world);
  desk.history = plain;
  await comesBack(world);
});

test('what my own change lies on, what somebody reads and what nobody would give again stay to the last', async () => {
  const {desk, env, tight, phone, residents: [mine, read, ended, other]} = await aFullPhone();
  desk.pairs = desk.pairs.map(([subject, topic]) => [subject, topic, subject === ended ? '2026-11-22' : null]);
  assert.equal((await phone.sync()).problem, null);
  const note = (await phone.records(mine)).find(({topic}) => topic === 'mind');
  await phone.add([phone.change('note', {record: note, fields: {aspect: 'seen'}})], {op: anId()});
  env.at += DAY_MS;
  phone.open().shelf.looked.clear();
  const own = (await phone.records(read)).length;
  tight.left(0);
  for (let full = false; !full; tight.left(0), env.at += 600_000) full = await written(phone, other, 'x'.repeat(1000)).then(() => false, () => true);
  const left = new Set((await history(phone, env)).map(([, , c]) => c));
  assert.deepEqual(left, new Set(await Promise.all([mine, read, ended].map((one) => phone.vault.tag(one)))));
  assert.equal((await phone.records(read)).length, own);
  const notes = (await phone.records(mine)).filter(({kind}) => kind === 'note');
  assert.deepEqual(new Set(notes.map(({topic}) => topic)), new Set(['mind']));
  assert.equal(notes.find(({id}) => id === note.id).state, 'phone');
});

test('of what I wrote only that goes which the office received thirty days ago, and whose record stands here without it', async () => {
  const {env, tight, phone, residents: [a, b, c]} = await aFullPhone();
  await written(phone, a, 'Lang geleden');
  const {changes: [{record}]} = await written(phone, b, 'Lang geleden, en alleen hier nog te zien');
  assert.equal((await phone.sync()).problem, null);
  await phone.open().store.commit({drop: [['records', {only: await phone.vault.tag(record)}]]});
  env.at += 20 * DAY_MS;
  await written(phone, c, 'Kortgeleden');
  assert.equal((await phone.sync()).problem, null);
  env.at += 11 * DAY_MS;
  tight.left(0);
  await written(phone, c, 'Nu');
  const {outbox} = await everything(env);
  assert.deepEqual(outbox.map(({n}) => n), [2, 3, 4]);
  const here = (await Promise.all([a, b, c].map((one) => phone.records(one)))).flat().map((one) => merge.shown(one).fields.text);
  for (const words of ['Lang geleden, en alleen hier nog te zien', 'Kortgeleden', 'Nu']) assert.ok(here.includes(words), words);
});

test('where the browser gives no room back for what is erased, not everything goes, and the phone says that it is full', async () => {
  const world = await aFullPhone();
  const {desk, env, tight, phone, residents: [one, ...others]} = world;
  for (const subject of others) desk.put(aNote(subject, 'money', chance(4), 'x'.repeat(500_000)));
  desk.pairs = [...desk.pairs, ...others.map((subject) => [subject, 'money', null])];
  assert.equal((await phone.sync()).problem, null);
  tight.gives = false;
  tight.left(0);
  const bytes = async () => (await everything(env)).blobs.reduce((sum, {s}) => sum + s.byteLength, 0);
  const before = await bytes();
  await assert.rejects(written(phone, one, 'Nu'), {name: 'Full'});
  const left = await bytes();
  assert.ok(before - left >= 256 * 1024 && before - left < 1024 * 1024 && left > 1_500_000, `${before} became ${left}`);
  await assert.rejects(written(phone, one, 'Nu'), {name: 'Full'});
  assert.equal(await bytes(), left);
  tight.gives = true;
  await comesBack(world);
  phone.open().shelf.looked.clear();
  tight.left(0);
  await written(phone, one, 'Nu');
  assert.deepEqual(await texts(phone), ['Nu']);
});

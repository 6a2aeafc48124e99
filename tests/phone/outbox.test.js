import assert from 'node:assert/strict';
import test from 'node:test';
import {Unsent} from '../../pwa/phone.js';
import {Locked} from '../../pwa/vault.js';
import {Desk, HAT, TEAM, aPhone, anEnv, anId, everything, restarted} from './phones.js';

const household = `household:${anId()}`;
const visit = (phone, fields = {}) => phone.change('visit', {subject: household, topic: 'practical', fields: {day: '2026-11-22', outcome: 'done', ...fields}});
const contact = (phone) => phone.change('contact', {subject: `team:${TEAM}`, topic: 'social', fields: {place: 'park', way: 'talk', text: 'koffie', day: '2026-11-22'}});

test('what was called saved is there after the browser was killed', async () => {
  const env = anEnv();
  const phone = await aPhone(env);
  const {changes} = await phone.add([visit(phone), contact(phone)], {op: phone.id()});
  const later = await restarted(env);
  assert.deepEqual((await later.waiting()).map((one) => one.change), changes);
  assert.equal((await later.records(household))[0].state, 'phone');
});

test('what one press of a button kept waits as one, before and after the browser was killed', async () => {
  const env = anEnv();
  const phone = await aPhone(env);
  await phone.add([visit(phone), contact(phone)], {op: phone.id()});
  await phone.add([visit(phone)], {op: phone.id()});
  await phone.add([contact(phone)]);
  assert.equal(phone.status().waiting, 3);
  assert.equal((await restarted(env)).status().waiting, 3);
});

test('changes are numbered and stamped in order, whatever the clock does', async () => {
  const env = anEnv();
  const phone = await aPhone(env);
  const first = await phone.add([visit(phone), visit(phone)], {op: phone.id()});
  env.at -= 24 * 3600 * 1000;
  const later = await restarted(env);
  const second = await later.add([visit(later)], {op: later.id()});
  const all = [...first.changes, ...second.changes];
  assert.deepEqual(all.map((change) => change.n), [1, 2, 3]);
  assert.deepEqual(all.map((change) => change.stamp).toSorted(), all.map((change) => change.stamp));
  assert.deepEqual(Object.keys(all[0]).sort(), ['by', 'fields', 'id', 'kind', 'n', 'record', 'seen', 'stamp', 'subject', 'topic']);
  assert.equal(all[0].by, HAT);
});

test('the same form sent twice is one effect', async () => {
  const phone = await aPhone();
  const op = phone.id();
  const [one, two] = await Promise.all([phone.add([visit(phone)], {op}), phone.add([visit(phone)], {op})]);
  const three = await phone.add([visit(phone)], {op});
  assert.deepEqual([one.again, two.again, three.again].sort(), [false, true, true]);
  assert.deepEqual(one.changes, two.changes);
  assert.deepEqual(one.changes, three.changes);
  assert.equal(phone.status().waiting, 1);
});

test('the same draft finished in two tabs with other words loses neither', async () => {
  const env = anEnv();
  const phone = await aPhone(env);
  const tab = await restarted(env);
  const op = phone.id();
  await phone.add([visit(phone, {present_names: 'Riet'})], {op});
  const second = await tab.add([visit(tab, {present_names: 'Riet en Bep'})], {op});
  const third = await tab.add([visit(tab, {present_names: 'Riet en Bep'})], {op});
  assert.deepEqual([second.again, third.again], [false, true]);
  assert.deepEqual((await tab.waiting()).map(({change}) => change.fields.present_names), ['Riet', 'Riet en Bep']);
});

test('two tabs never give out the same number', async () => {
  const env = anEnv();
  const phone = await aPhone(env);
  const tab = await restarted(env);
  const many = await Promise.all(Array.from({length: 12}, (_, i) => [phone, tab][i % 2]).map((one) => one.add([contact(one)], {op: one.id()})));
  const numbers = many.map(({changes: [change]}) => change.n).sort((a, b) => a - b);
  assert.deepEqual(numbers, Array.from({length: 12}, (_, i) => i + 1));
  assert.equal((await tab.waiting()).length, 12);
});

test('the draft goes in the same step as the changes made of it', async () => {
  const phone = await aPhone();
  await phone.drafts.keep('visit-new', {text: 'half'});
  await phone.add([visit(phone)], {op: phone.id(), draft: 'visit-new'});
  assert.equal(await phone.drafts.find('visit-new'), null);
});

test('a full phone keeps the draft and adds nothing', async () => {
  const env = anEnv();
  const phone = await aPhone(env);
  await phone.drafts.keep('visit-new', {text: 'half'});
  const {prototype} = await objectStore(env);
  const real = prototype.put;
  prototype.put = function put(row) {
    if (row.n) throw new DOMException('quota', 'QuotaExceededError');
    return real.call(this, row);
  };
  await assert.rejects(phone.add([visit(phone)], {op: phone.id(), draft: 'visit-new'}));
  prototype.put = real;
  assert.deepEqual(await phone.drafts.find('visit-new'), {text: 'half'});
  assert.deepEqual(await phone.waiting(), []);
});

test('a crash at any step of saving leaves all of it or nothing', async () => {
  for (let crash = 0; crash < 40; crash += 1) {
    const env = anEnv();
    const phone = await aPhone(env);
    const kept = await crashing(env, crash, () => phone.add([visit(phone), contact(phone)], {op: 'op', draft: 'form'}));
    const later = await restarted(env);
    const found = (await later.waiting()).length;
    assert.ok(kept ? found === 2 : found === 0 || found === 2, `crash ${crash}: ${found} found, kept ${kept}`);
    const again = await later.add([visit(later), contact(later)], {op: 'op'});
    assert.equal((await later.waiting()).length, 2);
    assert.deepEqual(again.changes.map((change) => change.n), [1, 2]);
  }
});

test('held and returned changes keep their text and say why; a returned one can be let go', async () => {
  const desk = new Desk();
  const phone = await aPhone(anEnv({fetch: desk.fetch}));
  const {changes: [held, refused]} = await phone.add([visit(phone), contact(phone)], {op: phone.id()});
  desk.verdict = (change) => (change.kind === 'visit' ? 'held' : 'refused');
  await phone.sync();
  const [a, b] = await phone.waiting();
  assert.deepEqual([a.state, a.reason, a.change.fields.outcome], ['held', 'no_care_relation', 'done']);
  assert.deepEqual([b.state, b.reason, b.change.fields.text], ['returned', 'no_care_relation', 'koffie']);
  assert.equal((await phone.states()).get(held.record).state, 'held');
  assert.equal((await phone.records(`team:${TEAM}`))[0].state, 'returned');
  await phone.dismiss(held.id);
  await phone.dismiss(refused.id);
  assert.deepEqual((await phone.waiting()).map((one) => one.state), ['held']);
});

test('what was received is let go after thirty days and stays readable', async () => {
  const desk = new Desk();
  const env = anEnv({fetch: desk.fetch});
  const phone = await aPhone(env);
  desk.pairs = [[household, 'practical', null]];
  const {changes: [made]} = await phone.add([visit(phone)], {op: phone.id()});
  await phone.sync();
  assert.equal((await everything(env)).outbox.length, 1);
  env.at += 31 * 24 * 3600 * 1000;
  const waits = await phone.add([phone.change('visit', {record: await phone.find(made.record, household), fields: {outcome: 'cancelled'}})], {op: phone.id()});
  desk.fault = 'before';
  const later = await restarted(env);
  const rows = await everything(env);
  assert.deepEqual(rows.outbox.map((row) => row.n), [waits.changes[0].n]);
  assert.equal(rows.records.length, 1);
  const [record] = await later.records(household);
  assert.deepEqual([record.version, record.state, Object.values(record.fields.outcome)], [1, 'phone', ['cancelled']]);
});

test('what the office has not received is kept, however long it waits', async () => {
  const env = anEnv();
  const phone = await aPhone(env);
  const {changes} = await phone.add([visit(phone)], {op: phone.id()});
  env.at += 400 * 24 * 3600 * 1000;
  const later = await restarted(env);
  assert.deepEqual((await later.waiting()).map((one) => one.change), changes);
});

test('a change that the office did not answer goes on waiting, and up once more', async () => {
  const desk = new Desk();
  const phone = await aPhone(anEnv({fetch: desk.fetch}));
  const {changes: [one, other]} = await phone.add([visit(phone), contact(phone)], {op: phone.id()});
  const receive = desk.receive.bind(desk);
  desk.receive = (change, device) => (change.id === one.id && desk.asked.length === 1 ? {} : receive(change, device));
  await phone.sync();
  assert.deepEqual(desk.asked.filter(([path]) => path === '/sync').map(([, {changes}]) => changes.map(({id}) => id)), [[one.id, other.id], [one.id]]);
  assert.deepEqual([[...desk.known.keys()], await phone.waiting()], [[other.id, one.id], []]);
});

test('a vault with something unsent is not taken off the device unless that is meant', async () => {
  const env = anEnv();
  const phone = await aPhone(env);
  await phone.add([visit(phone)], {op: phone.id()});
  await assert.rejects(phone.erase(), Unsent);
  assert.equal((await phone.waiting()).length, 1);
  await phone.erase({unsent: true});
  assert.deepEqual([phone.opened(), await phone.slots()], [false, []]);
  assert.deepEqual((await env.indexedDB.databases()).map(({name}) => name), ['naober']);
});

test('a locked phone adds nothing', async () => {
  const phone = await aPhone();
  const change = visit(phone);
  phone.lock();
  await assert.rejects(phone.add([change], {op: 'x'}), Locked);
  assert.throws(() => phone.waiting(), Locked);
});

/** Runs work on a phone whose k-th database request or sealing never comes back; tells whether it was called kept. */
async function crashing(env, k, work) {
  let step = 0;
  const real = {now: env.now, random: env.random, seal: env.subtle.encrypt};
  const stop = () => { step += 1; if (step > k) throw new Error('crash'); };
  env.now = () => { stop(); return real.now(); };
  env.random = (n) => { stop(); return real.random(n); };
  const {prototype} = await objectStore(env);
  const put = prototype.put;
  prototype.put = function crashed(row) { stop(); return put.call(this, row); };
  try {
    await work();
    return true;
  } catch {
    return false;
  } finally {
    Object.assign(env, {now: real.now, random: real.random});
    prototype.put = put;
  }
}

async function objectStore(env) {
  const [{name}] = (await env.indexedDB.databases()).filter((one) => one.name !== 'naober');
  const db = await new Promise((resolve) => { env.indexedDB.open(name).onsuccess = ({target}) => resolve(target.result); });
  const store = db.transaction('drafts').objectStore('drafts').constructor;
  db.close();
  return store;
}

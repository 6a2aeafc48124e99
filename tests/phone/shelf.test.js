import assert from 'node:assert/strict';
import test from 'node:test';
import * as merge from '../../sync/merge.js';
import {Damaged} from '../../pwa/vault.js';
import {makeStore} from '../../pwa/store.js';
import {Desk, HAT, aPhone, anEnv, anId, elsewhere, everything, restarted} from './phones.js';

const person = anId();
const resident = `resident:${person}`, household = `household:${anId()}`;
const SECRETS = ['Johanna', 'gevallen', household, resident, person, HAT];

async function filled(more = {}) {
  const desk = new Desk();
  desk.pairs = [[resident, 'practical', null], [resident, 'body', null], [household, 'practical', null]];
  desk.put(elsewhere('resident', {subject: resident, topic: 'practical', record: person, fields: {name: 'Johanna de Wit'}}));
  desk.put(elsewhere('note', {subject: resident, topic: 'body', fields: {text: 'gevallen in de keuken'}}));
  desk.put(elsewhere('visit', {subject: household, topic: 'practical', fields: {day: '2026-11-22', outcome: 'done'}}));
  desk.put(elsewhere('visit', {subject: household, topic: 'practical', fields: {day: '2026-01-05', outcome: 'done'}}));
  const env = anEnv({fetch: desk.fetch, ...more});
  const phone = await aPhone(env);
  assert.equal((await phone.sync()).problem, null);
  return {desk, env, phone};
}

test('first() is what is needed today; a subject gives its history as well', async () => {
  const {phone, env} = await filled();
  const kinds = (await phone.first()).map((record) => record.kind).sort();
  assert.deepEqual(kinds, ['resident', 'visit']);
  assert.equal((await phone.records(household)).length, 2);
  assert.equal((await phone.records(resident)).length, 2);
  env.at += 3 * 24 * 3600 * 1000;
  assert.deepEqual((await phone.first()).map((record) => record.kind), ['resident']);
});

test('nothing readable lies in the store: not a word, not an id, not a household', async () => {
  const {phone, env} = await filled();
  await phone.add([phone.change('note', {subject: resident, topic: 'body', fields: {text: 'gevallen op de trap'}})], {op: 'op'});
  await phone.drafts.keep(`note ${resident}`, {text: 'gevallen'});
  await phone.reads.note(resident, 'resident');
  const rows = await everything(env);
  const {slots, ...sealed} = rows;
  const bytes = Buffer.from(JSON.stringify(sealed, (key, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value)));
  for (const word of SECRETS) assert.equal(bytes.includes(word), false, word);
  assert.ok(sealed.blobs.length && sealed.records.length && sealed.outbox.length && sealed.drafts.length && sealed.reads.length);
  assert.ok([...sealed.records, ...sealed.outbox].every((row) => (row.s.length - 12 - 16) % 64 === 0));
  assert.equal(slots.length, 1);
});

test('a record found by its id alone: in a row, in a blob, or still in the outbox', async () => {
  const {desk, phone} = await filled();
  const old = [...desk.records.values()].find((record) => merge.shown(record).fields.day === '2026-01-05');
  assert.equal((await phone.find(person)).kind, 'resident');
  assert.equal((await phone.find(old.id)).id, old.id);
  const {changes: [mine]} = await phone.add([phone.change('task', {subject: household, topic: 'practical', fields: {what: 'bellen'}})], {op: 'op'});
  assert.equal((await phone.find(mine.record)).state, 'phone');
  assert.equal(await phone.find(anId()), null);
});

test('my unsent edit lies over the record, which keeps the version that the office gave it', async () => {
  const {desk, phone} = await filled();
  const record = await phone.find(person, resident);
  await phone.add([phone.change('resident', {record, fields: {phone: '000'}})], {op: 'a'});
  const over = await phone.find(person, resident);
  assert.deepEqual([over.version, over.state, merge.shown(over).fields], [1, 'phone', {name: 'Johanna de Wit', phone: '000'}]);
  await phone.add([phone.change('resident', {record: over, fields: {phone: '001'}})], {op: 'b'});
  assert.equal(merge.shown(await phone.find(person, resident)).fields.phone, '001');
  await phone.sync();
  const after = await phone.find(person, resident);
  assert.equal(after.state, undefined);
  assert.equal(merge.text(after), merge.text(desk.records.get(person)));
});

test('a row moved to the place of another is not read', async () => {
  const {phone, env} = await filled();
  const [{name}] = (await env.indexedDB.databases()).filter((one) => one.name !== 'naober');
  const store = makeStore(env, name);
  const [rows] = await store.read([['records']]);
  const [a, b] = rows;
  await store.commit({put: [['records', {...a, s: b.s}]]});
  await assert.rejects(Promise.all([phone.records(resident), phone.records(household)]), Damaged);
  await store.commit({put: [['records', {...a, v: a.v + 1}]]});
  await assert.rejects(Promise.all([phone.records(resident), phone.records(household)]), Damaged);
});

test('what is no longer entitled goes, except what I wrote and what was never sent', async () => {
  const {desk, phone, env} = await filled();
  desk.put(elsewhere('note', {subject: resident, topic: 'body', by: HAT, fields: {text: 'van mij'}}));
  await phone.add([phone.change('note', {subject: resident, topic: 'body', fields: {text: 'nog niet verstuurd'}})], {op: 'op'});
  await phone.sync();
  desk.fault = 'before';
  await phone.add([phone.change('note', {subject: resident, topic: 'body', fields: {text: 'nog steeds niet'}})], {op: 'op2'});
  desk.fault = null;
  desk.verdict = () => 'held';
  desk.pairs = [[household, 'practical', null]];
  const {erased} = await phone.sync();
  assert.equal(erased, 2);
  const texts = (await phone.records(resident)).map((record) => merge.shown(record).fields.text).sort();
  assert.deepEqual(texts, ['nog niet verstuurd', 'nog steeds niet', 'van mij']);
  assert.equal((await phone.records(household)).length, 2);
  assert.ok((await everything(env)).blobs.length <= 1);
});

test('that something was erased is said in the next request, in the same round', async () => {
  const {desk, phone} = await filled();
  desk.asked = [];
  desk.pairs = [[household, 'practical', null]];
  await phone.sync();
  assert.equal(desk.asked.filter(([path]) => path === '/sync').at(-1)[1].entitled, JSON.stringify(desk.pairs));
});

test('an edit that came back no longer lies over its record, and its words are kept', async () => {
  const {desk, phone} = await filled();
  const record = await phone.find(person, resident);
  desk.verdict = () => 'refused';
  await phone.add([phone.change('resident', {record, fields: {phone: '000'}})], {op: 'op'});
  await phone.sync();
  assert.equal(merge.text(await phone.find(person, resident)), merge.text(record));
  assert.deepEqual((await phone.waiting()).map(({state, change}) => [state, change.fields]), [['returned', {phone: '000'}]]);
});

test('my own old note survives a withdrawal while it lies in a blob', async () => {
  const desk = new Desk();
  desk.pairs = [[resident, 'body', null]];
  desk.put(elsewhere('note', {subject: resident, topic: 'body', by: HAT, fields: {text: 'van mij'}}));
  desk.put(elsewhere('note', {subject: resident, topic: 'body', fields: {text: 'van een ander'}}));
  const phone = await aPhone(anEnv({fetch: desk.fetch}));
  await phone.sync();
  assert.equal((await phone.records(resident)).length, 2);
  desk.pairs = [];
  await phone.sync();
  assert.deepEqual((await phone.records(resident)).map((record) => merge.shown(record).fields.text), ['van mij']);
});

test('of what I wrote and wrote again, what stays after a withdrawal is the later, though the earlier lies in a blob', async () => {
  const desk = new Desk();
  desk.pairs = [[household, 'practical', null]];
  const first = elsewhere('task', {subject: household, topic: 'practical', by: HAT, fields: {what: 'druppelen'}});
  desk.put(first);
  const phone = await aPhone(anEnv({fetch: desk.fetch}));
  await phone.sync();
  desk.put(elsewhere('task', {record: first.record, subject: household, topic: 'practical', by: HAT, seen: 1, n: 2, fields: {what: 'druppelen om negen uur'}}));
  await phone.sync();
  desk.pairs = [];
  await phone.sync();
  const [left] = await phone.records(household);
  assert.deepEqual([left.version, merge.shown(left).fields.what], [2, 'druppelen om negen uur']);
});

test('a period that ends is hidden at once and erased at the next unlock, without any network', async () => {
  const {desk, phone, env} = await filled();
  desk.pairs = desk.pairs.map(([subject, topic]) => [subject, topic, '2026-11-23']);
  await phone.sync();
  assert.equal((await phone.records(resident)).length, 2);
  env.at += 2 * 24 * 3600 * 1000;
  assert.deepEqual(await phone.records(resident), []);
  assert.deepEqual(await phone.first(), []);
  desk.fault = 'before';
  await restarted(env);
  const rows = await everything(env);
  assert.deepEqual([rows.blobs.length, rows.records.length, rows.filled.length], [0, 0, 0]);
});

test('what I wrote under a hat that this phone never heard of stays mine when its pair closes', async () => {
  const {desk, phone} = await filled();
  const hat = anId();
  desk.put(elsewhere('note', {subject: resident, topic: 'body', fields: {text: 'van mijn andere telefoon'}, by: hat}));
  await phone.sync();
  Object.assign(desk, {pairs: desk.pairs.filter(([, topic]) => topic !== 'body'), hats: [hat]});
  await phone.sync();
  const texts = (await phone.records(resident)).filter(({kind}) => kind === 'note').map((record) => merge.shown(record).fields.text);
  assert.deepEqual(texts, ['van mijn andere telefoon']);
});

test('of a pair that closes before it came whole, what I wrote elsewhere is asked for once', async () => {
  const {desk, phone, env} = await filled();
  const other = `resident:${anId()}`;
  const hat = anId();
  desk.put(elsewhere('note', {subject: other, topic: 'body', fields: {text: 'van mij'}, by: hat}));
  desk.put(elsewhere('note', {subject: other, topic: 'body', fields: {text: 'van een ander'}}));
  Object.assign(desk, {pairs: [...desk.pairs, [other, 'body', '2026-11-22']], cut: 10});
  await phone.sync();
  env.at += 24 * 3600 * 1000;
  Object.assign(desk, {pairs: desk.pairs.filter(([subject]) => subject !== other), hats: [hat], cut: null});
  await phone.sync();
  assert.deepEqual((await phone.records(other)).map((record) => merge.shown(record).fields.text), ['van mij']);
  desk.asked = [];
  await phone.sync();
  assert.deepEqual(desk.asked.map(([path]) => path), ['/sync']);
});

test('of a pair that ended by the calendar, what I wrote under a hat this phone did not know is asked for once', async () => {
  const {desk, phone, env} = await filled();
  const hat = anId();
  desk.put(elsewhere('note', {subject: resident, topic: 'body', fields: {text: 'van mij'}, by: hat}));
  desk.pairs = desk.pairs.map(([subject, topic]) => [subject, topic, topic === 'body' ? '2026-11-22' : null]);
  await phone.sync();
  env.at += 24 * 3600 * 1000;
  Object.assign(desk, {pairs: desk.pairs.filter(([, topic]) => topic !== 'body'), hats: [hat]});
  await phone.sync();
  const notes = (await phone.records(resident)).filter(({kind}) => kind === 'note');
  assert.deepEqual(notes.map((record) => merge.shown(record).fields.text), ['van mij']);
  desk.asked = [];
  await phone.sync();
  assert.deepEqual(desk.asked.map(([path]) => path), ['/sync']);
});

test('a household that is new to me brings what is needed today with its history', async () => {
  const {desk, phone} = await filled();
  const other = `household:${anId()}`;
  desk.put(elsewhere('household', {subject: other, topic: 'practical', fields: {name: 'Familie Bos'}}));
  desk.asked = [];
  await phone.sync();
  desk.pairs = [...desk.pairs, [other, 'practical', null]];
  await phone.sync();
  const names = (await phone.first()).filter((record) => record.kind === 'household').map((record) => merge.shown(record).fields.name);
  assert.deepEqual(names, ['Familie Bos']);
});

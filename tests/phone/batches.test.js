/** Many changes go up in few requests, and what comes after is opened while the office is busy. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {Desk, aPhone, anEnv, anId} from './phones.js';

const resident = `resident:${anId()}`;
const note = (phone, text) => phone.change('note', {subject: resident, topic: 'body', fields: {text}});

async function ready() {
  const desk = new Desk();
  desk.pairs = [[resident, 'body', null]];
  return {desk, phone: await aPhone(anEnv({fetch: desk.fetch}))};
}

test('a thousand changes go up in a few requests', async () => {
  const {desk, phone} = await ready();
  await phone.sync();
  await phone.add(Array.from({length: 1000}, (_, i) => note(phone, `nummer ${i}`)), {op: 'op'});
  desk.asked = [];
  assert.equal((await phone.sync()).sent, 1000);
  assert.equal(desk.asked.length, 2);
});

test('while the office is busy with five hundred changes the ones after them are opened', async () => {
  const {desk, phone} = await ready();
  await phone.sync();
  await phone.add(Array.from({length: 700}, (_, i) => note(phone, `nummer ${i}`)), {op: 'op'});
  const {outbox} = phone.parts;
  const read = [];
  const batch = outbox.batch.bind(outbox);
  outbox.batch = async (...asked) => {
    const found = await batch(...asked);
    read.push([asked.at(2) ?? 0, found.length]);
    return found;
  };
  const sync = desk.sync.bind(desk);
  desk.sync = async (asks) => {
    while (asks.changes.length === 500 && read.length < 2) await new Promise(setImmediate);
    return sync(asks);
  };
  assert.equal((await phone.sync()).sent, 700);
  assert.deepEqual(read, [[0, 500], [500, 200]]);
  assert.equal(desk.log.length, 700);
});

test('what got no answer is offered again before what was written after it', async () => {
  const {desk, phone} = await ready();
  await phone.sync();
  await phone.add(Array.from({length: 700}, (_, i) => note(phone, `nummer ${i}`)), {op: 'op'});
  const sync = desk.sync.bind(desk);
  const said = [];
  desk.sync = (asks) => {
    said.push(asks.changes.map(({n}) => n));
    return sync(said.length === 1 ? {...asks, changes: asks.changes.slice(0, 300)} : asks);
  };
  assert.equal((await phone.sync()).sent, 700);
  const [first, second] = said;
  assert.deepEqual(second, [...first.slice(300), ...Array.from({length: 200}, (_, i) => first.at(-1) + 1 + i)]);
});

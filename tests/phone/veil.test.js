/** What is about safety is read after unlocking once more, for three minutes, and nowhere else meanwhile. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {WrongSecret} from '../../pwa/vault.js';
import {ANNIE, DE_WIT, VISIT, aNeighbourhood} from './neighbourhood.js';
import {OTHER_SECRET, SECRET} from './phones.js';

const SAID = 'Ze durft niet naar huis als hij er is';
const ADDED = 'Hij was er weer';
const about = `resident:${ANNIE}`;

async function withSafety() {
  const there = await aNeighbourhood();
  const {phone, desk} = there;
  desk.pairs.push([about, 'safety', null, 0, 'consent']);
  await phone.sync();
  const note = phone.change('note', {subject: about, topic: 'safety', fields: {text: SAID, visit: VISIT}});
  const added = phone.change('note', {subject: about, topic: 'safety', fields: {text: ADDED, adds_to: note.record}});
  const body = phone.change('note', {subject: about, topic: 'body', fields: {text: 'De knie is dik', visit: VISIT}});
  await phone.add([note, added, body], {op: 'op'});
  const [slot] = await phone.slots();
  const pages = async () => Promise.all([`/households/${DE_WIT}`, `/visits/${VISIT}?in=${DE_WIT}`, `/notes/${note.record}/additions/new?in=${DE_WIT}`].map(async (path) => (await there.get(path)).html));
  return {...there, slot, pages};
}

const shows = (pages, words) => pages.map((page) => page.includes(words));

test('an open phone shows that there is something about safety, and not what', async () => {
  const {pages} = await withSafety();
  const found = await pages();
  assert.deepEqual([shows(found, SAID), shows(found, ADDED)], [[false, false, false], [false, false, false]]);
  assert.deepEqual(shows(found, 'Ontgrendel nog een keer om het te lezen').slice(0, 2), [true, true]);
  assert.deepEqual(shows(found, 'data-act="verify"').slice(0, 2), [true, true]);
  assert.ok(found[1].includes('De knie is dik'));
});

test('who unlocks once more reads it for three minutes, and a clock that is put back gives no more', async () => {
  const {phone, slot, pages, clock} = await withSafety();
  await phone.verify(slot, SECRET);
  assert.deepEqual(shows(await pages(), SAID).slice(0, 2), [true, true]);
  assert.deepEqual(shows(await pages(), 'data-act="verify"').slice(0, 2), [false, false]);
  clock.at += 179_000;
  assert.equal(shows(await pages(), SAID)[1], true);
  clock.at += 1000;
  assert.equal(shows(await pages(), SAID)[1], false);
  await phone.verify(slot, SECRET);
  clock.at -= 60_000;
  assert.equal(shows(await pages(), SAID)[1], false);
});

test("another's finger opens nothing of it, and the phone stays as it was", async () => {
  const {phone, slot, pages} = await withSafety();
  await assert.rejects(phone.verify(slot, OTHER_SECRET), WrongSecret);
  assert.equal(shows(await pages(), SAID)[1], false);
  assert.ok(phone.opened());
});

test('after locking it has to be shown again', async () => {
  const {phone, slot} = await withSafety();
  await phone.verify(slot, SECRET);
  phone.lock();
  await phone.unlock(slot, SECRET);
  assert.equal(phone.verified(), false);
});

/** What is about safety, and the code of a key safe, is read after unlocking once more, for three minutes, and nowhere else meanwhile. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {WrongSecret} from '../../pwa/vault.js';
import {ANNIE, DE_WIT, JOOST, NOTE, VISIT, aNeighbourhood, withValues} from './neighbourhood.js';
import {OTHER_SECRET, SECRET, elsewhere} from './phones.js';

const SAID = 'Ze durft niet naar huis als hij er is';
const ADDED = 'Hij was er weer';
const CODE = 'K4711', OTHER_CODE = 'K0815';
const ROOT = `/households/${DE_WIT}`;
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

test('what it opened leaves the screen when its time is over, and stays when it was shown anew meanwhile', async () => {
  const {phone, slot, pages, clock} = await withSafety();
  const timers = [], painted = [];
  clock.sleep = (ms) => new Promise((resolve) => { timers.push([ms, resolve]); });
  phone.watch((_, {touched}) => painted.push(touched));
  await phone.verify(slot, SECRET);
  clock.at += 60_000;
  await phone.verify(slot, SECRET);
  timers[0][1]();
  await null;
  assert.deepEqual([phone.verified(), painted], [true, []]);
  timers[1][1]();
  await null;
  assert.deepEqual([phone.verified(), painted, timers.map(([ms]) => ms)], [false, [true], [180_000, 180_000]]);
  assert.equal(shows(await pages(), SAID)[1], false);
});

test('a page that is not painted anew when its time is over never says it', async () => {
  const {phone, slot, pages} = await withSafety();
  await phone.verify(slot, SECRET);
  assert.deepEqual(shows(await pages(), SAID), [true, true, false]);
  assert.match((await pages())[2], /Dit gaat over veiligheid\. Je leest het bij het huishouden\./);
});

test('after locking it has to be shown again', async () => {
  const {phone, slot} = await withSafety();
  await phone.verify(slot, SECRET);
  phone.lock();
  await phone.unlock(slot, SECRET);
  assert.equal(phone.verified(), false);
});

/** Joost writes down the code, or another, while Amina's phone is away. */
async function withCode(...codes) {
  const there = await aNeighbourhood();
  const {desk, phone} = there;
  const ms = 1795330000000;
  for (const [n, code] of codes.entries()) {
    desk.put(elsewhere('household', {subject: `household:${DE_WIT}`, topic: 'practical', record: DE_WIT, by: JOOST, seen: 1, fields: {key_safe: code}, stamp: `${ms + n}-0000-0000beef`}), {by: JOOST, device: `other ${n}`});
  }
  await phone.sync();
  const [slot] = await phone.slots();
  const house = async () => (await there.get(ROOT)).html;
  return {...there, slot, house, verify: () => phone.verify(slot, SECRET), codes: () => Object.values(desk.records.get(DE_WIT).fields.key_safe)};
}

/** Every page on which a fact of a household could stand, apart from its own. */
async function others({get, post}) {
  const paths = [`${ROOT}/edit`, '/today', '/households', `/why/${DE_WIT}?in=${DE_WIT}`, `/visits/${VISIT}?in=${DE_WIT}`, `/notes/${NOTE}/additions/new?in=${DE_WIT}`, '/profile', '/profile/phone', `${ROOT}/visits/new`, `${ROOT}/consents`];
  const pages = await Promise.all([...paths, `${ROOT}/shares/new`].map((path) => get(path)));
  const share = withValues(pages.at(-1), {resident: ANNIE, topics: ['practical'], before: 'yes'});
  const all = [...pages, await post('/drafts', share), await post('/households/matches', {q: CODE})];
  assert.deepEqual(all.filter(({status}) => status !== 200), []);
  return all.map(({html}) => html);
}

test('the code of a key safe is on the page of its household after unlocking once more, and on no other', async () => {
  const there = await withCode(CODE);
  assert.ok(!(await there.house()).includes(CODE));
  assert.match(await there.house(), /data-act="verify"[^>]*>.*Toon de code van de sleutelkluis/);
  assert.deepEqual((await others(there)).filter((html) => html.includes(CODE)), []);
  await there.verify();
  assert.match(await there.house(), new RegExp(`Code van de sleutelkluis</small></dt><dd><strong>${CODE}<`));
  assert.deepEqual((await others(there)).filter((html) => html.includes(CODE)), []);
  there.clock.at += 180_000;
  assert.ok(!(await there.house()).includes(CODE));
});

test("another's finger opens no key safe, and where there is none nothing is asked", async () => {
  const {phone, slot, house, get} = await withCode(CODE);
  await assert.rejects(phone.verify(slot, OTHER_SECRET), WrongSecret);
  assert.ok(!(await house()).includes(CODE));
  const [bouazza] = (await get('/households')).html.match(/\/households\/[0-9a-f-]{36}/g).filter((path) => path !== ROOT);
  assert.doesNotMatch((await get(bouazza)).html, /sleutelkluis/);
});

test('a code is changed and taken away by who does not read it', async () => {
  const {phone, get, post, house, codes, verify} = await withCode(CODE);
  const save = async (fields) => {
    const {status} = await post(`${ROOT}/facts`, withValues(await get(`${ROOT}/edit`), fields));
    await phone.sync();
    return status;
  };
  const {html} = await get(`${ROOT}/edit`);
  assert.match(html, /name="household_key_safe" type="text" maxlength="40" autocomplete="off" value="" aria-describedby="hint-household_key_safe">/);
  assert.match(html, /Er staat een code\. Vul hier alleen iets in als die verandert\..*Er is geen code meer/s);
  await save({household_street: 'Kadestraat 14'});
  assert.deepEqual(codes(), [CODE]);
  await save({household_key_safe: OTHER_CODE});
  assert.deepEqual(codes(), [OTHER_CODE]);
  assert.equal(await save({household_key_safe: 'x'.repeat(41)}), 422);
  await verify();
  assert.match(await house(), /Kadestraat 14.*<strong>K0815</s);
  await save({settle_household_key_safe: 'yes'});
  assert.deepEqual(codes(), [null]);
  assert.doesNotMatch(await house(), /Code van de sleutelkluis/);
  assert.doesNotMatch((await get(`${ROOT}/edit`)).html, /Er is geen code meer/);
});

test('of two codes written at the same time both are shown, behind the same look, and the right one settles it', async () => {
  const {phone, get, post, house, codes, verify} = await withCode(CODE, OTHER_CODE);
  const page = await house(), form = await get(`${ROOT}/edit`);
  for (const html of [page, form.html]) assert.doesNotMatch(html, /K4711|K0815|ook geschreven door/i);
  assert.match(form.html, /Er staan twee codes/);
  await verify();
  assert.match(await house(), /<strong>K0815<\/strong><span class="hint warn">Ook geschreven door Joost Hofman: K4711</);
  await post(`${ROOT}/facts`, withValues(form, {household_key_safe: CODE}));
  await phone.sync();
  assert.deepEqual(codes(), [CODE]);
});

test('a draft does not keep a code, and what waits for the office does not tell it', async () => {
  const {phone, desk, get, post} = await withCode(CODE);
  const typed = withValues(await get(`${ROOT}/edit`), {household_key_safe: OTHER_CODE, household_city: 'Zandwijk'});
  await post('/drafts', typed);
  const back = await get(`${ROOT}/edit`);
  assert.ok(back.html.includes('Zandwijk') && !back.html.includes(OTHER_CODE));
  assert.ok(!JSON.stringify(await phone.drafts.all()).includes(OTHER_CODE));
  desk.fault = 'before';
  await post(`${ROOT}/facts`, typed);
  const {html} = await get('/profile');
  assert.match(html, /Huishouden · Familie De Wit/);
  assert.ok(!html.includes(OTHER_CODE));
});

/** Veiligheid on Amina's phone: numbers and steps for whoever looks, what was written down for whoever unlocks once more, and a true word of who reads it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ANNIE, BOUAZZA, DE_WIT, WIM, aNeighbourhood, withValues} from './neighbourhood.js';
import {SECRET, anId, elsewhere} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const STEPS = `${ROOT}/steps`;
const SEEN = 'Een blauwe plek op haar arm';
const VERIFY = /data-act="verify"/;

async function written(fields = {}, there = undefined) {
  const at = there ?? await aNeighbourhood();
  const form = await at.get(`${STEPS}/new?step=signals`);
  const done = await at.post(`${STEPS}?step=signals`, withValues(form, {resident: ANNIE, text: SEEN, ...fields}));
  const [slot] = await at.phone.slots();
  return {...at, done, slot};
}

test('one tap from a household: numbers to call and five steps, without unlocking once more', async () => {
  const {get} = await aNeighbourhood();
  assert.match((await get(ROOT)).html, new RegExp(`href="${STEPS}"><svg.*</svg>Veiligheid`));
  const {html} = await get(STEPS);
  for (const number of ['112', '08002000', '09008844']) assert.match(html, new RegExp(`href="tel:${number}"`));
  for (const title of ['1. Wat valt je op?', '2. Overleg', '3. Praat erover', '4. Weeg af', '5. Besluit']) assert.ok(html.includes(title), title);
  assert.match(html, /1\. Denk je na stap 1.*2\. Is er nu gevaar.*3\. Kun je zelf.*4\. Nemen zij.*5\. Wordt het zo/s);
  assert.doesNotMatch(html, VERIFY);
});

test('no page that is shown to somebody leads there', async () => {
  const {get} = await aNeighbourhood();
  for (const page of ['network', 'consents', 'consents/new', 'shares']) assert.ok(!(await get(`${ROOT}/${page}`)).html.includes('/steps'), page);
});

test('a step is written down, in any order and with nothing but the step', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const form = await get(`${STEPS}/new?step=decide`);
  assert.match(form.html, /Zelf helpen.*Melden bij Veilig Thuis.*Allebei.*Geen van beide/s);
  await post(`${STEPS}?step=decide`, withValues(form, {resident: ANNIE, text: ''}));
  const weigh = withValues(await get(`${STEPS}/new?step=weigh`), {resident: ANNIE, danger: 'yes', able: 'unsure', text: 'Zij is bang.'});
  await post(`${STEPS}?step=weigh`, weigh);
  const made = (await phone.waiting()).map(({change: {kind, subject, topic, fields}}) => [kind, subject, topic, fields.step, fields.danger, fields.able, fields.suspicion]);
  assert.deepEqual(made.sort((a, b) => a[3].localeCompare(b[3])), [
    ['safety_step', `resident:${ANNIE}`, 'safety', 'decide', undefined, undefined, undefined], ['safety_step', `resident:${ANNIE}`, 'safety', 'weigh', 'yes', 'unsure', undefined],
  ]);
});

test('of a household with more people it is asked whom it is about', async () => {
  const {phone, done} = await written({resident: ''});
  assert.equal(done.status, 422);
  assert.match(done.html, /Kies over wie het gaat\./);
  assert.match(done.html, new RegExp(SEEN));
  assert.deepEqual(await phone.waiting(), []);
});

test('what was written down is read after unlocking once more, on its own page and nowhere else', async () => {
  const {phone, get, post, done, slot, clock} = await written();
  const pages = [done.location, ROOT, '/profile', '/today', `${ROOT}/network`, `${ROOT}/consents`, `${ROOT}/shares/new`];
  for (const page of pages) assert.ok(!(await get(page)).html.includes(SEEN), page);
  assert.match((await get(STEPS)).html, /Er is 1 stap opgeschreven\..*data-act="verify"/s);
  await phone.verify(slot, SECRET);
  const {html} = await get(STEPS);
  assert.match(html, new RegExp(`Wat valt je op\\?</h3>.*22 november 2026 · Amina.*Annie de Wit.*alleen op deze telefoon.*${SEEN}`, 's'));
  for (const page of pages.slice(1)) assert.ok(!(await get(page)).html.includes(SEEN), page);
  const preview = await post('/drafts', withValues(await get(`${ROOT}/shares/new`), {resident: ANNIE, topics: ['safety'], before: 'yes'}));
  assert.match(preview.html, /1 ding/);
  assert.ok(!preview.html.includes(SEEN));
  clock.at += 180_000;
  assert.ok(!(await get(STEPS)).html.includes(SEEN));
});

test('what waits on this phone says no more than that it is about safety', async () => {
  const {get} = await written();
  const {html} = await get('/profile');
  assert.match(html, /Veiligheid · Annie de Wit.*Je leest het bij het huishouden/s);
  assert.doesNotMatch(html, /meldcode/i);
});

test('half-written words come back to whoever unlocks once more', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const path = `${STEPS}/new?step=signals`;
  await post('/drafts', withValues(await get(path), {text: SEEN}));
  const shut = await get(path);
  assert.ok(!shut.html.includes(SEEN));
  assert.match(shut.html, /data-live="true".*Ontgrendel nog een keer om verder te gaan\..*data-act="verify"/s);
  const [slot] = await phone.slots();
  await phone.verify(slot, SECRET);
  const open = await get(path);
  assert.match(open.html, new RegExp(SEEN));
  assert.doesNotMatch(open.html, /data-live/);
});

test('it is said before that nobody else reads it, and of somebody to whom it is open by name that they do', async () => {
  const {phone, desk, get, post} = await aNeighbourhood();
  for (const page of [STEPS, `${STEPS}/new?step=talk`]) assert.match((await get(page)).html, /Dit lees alleen jij, op deze telefoon\..*Je teamleider ziet dat er iets over veiligheid is, niet wat\./);
  desk.pairs.push([`resident:${ANNIE}`, 'safety', null, 0, 'consent']);
  await phone.sync();
  const form = await get(`${STEPS}/new?step=talk`);
  assert.match(form.html, /Dit lees alleen jij/);
  assert.doesNotMatch((await post('/drafts', withValues(form, {resident: ANNIE}))).html, /Dit lees alleen jij/);
  assert.match((await post('/drafts', withValues(form, {resident: WIM}))).html, /Dit lees alleen jij/);
});

test('it is still there after the office kept it without reading, and why is said in true words', async () => {
  const {phone, desk, get, done, slot} = await written();
  desk.verdict = () => 'held';
  await phone.sync();
  assert.match((await get(done.location)).html, /Stap bewaard\. Kantoor bewaart het\. Niemand anders kan het lezen\./);
  assert.match((await get('/profile')).html, /Wat over veiligheid gaat, leest niemand vanzelf/);
  await phone.verify(slot, SECRET);
  assert.match((await get(STEPS)).html, new RegExp(`vastgehouden.*${SEEN}`, 's'));
});

test('of who lives alone it is not asked whom it is about', async () => {
  const {get} = await aNeighbourhood();
  assert.match((await get(`/households/${BOUAZZA}/steps/new`)).html, /name="resident" value="[0-9a-f-]{36}"/);
});

test('a household in which nobody is known yet has the numbers and the steps, and nothing to write down', async () => {
  const {phone, desk, get} = await aNeighbourhood();
  const house = anId();
  desk.put(elsewhere('household', {subject: `household:${house}`, topic: 'practical', record: house, fields: {name: 'Nummer 9'}}));
  desk.pairs.push([`household:${house}`, 'practical', null]);
  await phone.sync();
  const {html} = await get(`/households/${house}/steps`);
  assert.match(html, /tel:112.*1\. Wat valt je op\?/s);
  assert.doesNotMatch(html, /steps\/new|shares\/new/);
});

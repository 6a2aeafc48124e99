/** A volunteer's one page, on a real phone: asked, yes, done, could not, worried; offline, taken back, and what came of it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as merge from '../../sync/merge.js';
import {anEnvForPages, asking, filledIn, withValues} from './neighbourhood.js';
import {Desk, aPhone, anEnv, anId, elsewhere} from './phones.js';

const ME = anId(), GROUP = anId(), ERRAND = anId();
const OFFICE = '00000000-0000-7000-8000-000000000000';
const DROPS = {what: 'Oogdruppels', due: '2026-11-22', time: '09:00', instructions: 'Eén druppel in elk oog.', call: 'Samira', call_phone: '06-000 00101'};

/** Gerrit's phone after its first sync, with one errand; `more`: fields of it; `house`: its address as well. */
async function aVolunteer({more = {}, house = true, language = 'nl', confidential = true} = {}) {
  const desk = new Desk();
  const put = (kind, subject, fields) => desk.put(elsewhere(kind, {subject, topic: 'practical', fields, by: OFFICE}), {by: OFFICE, role: 'office'});
  put('errand', `errand:${ERRAND}`, {...DROPS, ...more});
  put('address', `address:${ERRAND}`, {given: 'Jan', street: 'Rietgors 14', city: 'Elmerwaard'});
  desk.pairs = [[`errand:${ERRAND}`, 'practical', null], ...(house ? [[`address:${ERRAND}`, 'practical', '2026-11-23']] : [])];
  const clock = anEnv({fetch: desk.fetch});
  const me = {person: anId(), device: anId(), name: 'Gerrit Mulder', language, word: 'resident', demo: true, confidential,
    hats: [{id: ME, role: 'volunteer', team: GROUP, team_name: 'Buren', organisation: anId(), organisation_name: 'De Haard', kind: 'volunteers'}]};
  const phone = await aPhone(clock, me);
  assert.equal((await phone.sync()).problem, null);
  const env = anEnvForPages(phone, clock);
  return {env, phone, desk, clock, put, ...asking(env)};
}

const said = (phone) => phone.first().then((records) => records.filter(({kind}) => kind === 'answer').map((record) => merge.shown(record).fields));

test('there is one page, with what to do, how, where and whom to call', async () => {
  const {get} = await aVolunteer();
  assert.equal((await get('/today')).location, '/errands');
  const {html} = await get('/errands');
  for (const words of ['Dag Gerrit', 'Oogdruppels', 'vandaag 09:00', 'Eén druppel in elk oog.', 'Rietgors 14, Elmerwaard', 'href="tel:0600000101"', 'Wil jij dit doen?']) assert.ok(html.includes(words), words);
  assert.equal(html.match(/<a href="\/(errands|profile)"/g).length, 2);
  assert.ok(!html.includes('href="/households'));
});

test('yes, then done, in two taps without network; the phone says where it is', async () => {
  const {get, post, phone, desk} = await aVolunteer();
  desk.fault = 'before';
  const yes = withValues(await get('/errands'), {answer: 'accepted'});
  const after = await post(`/errands/${ERRAND}/answers`, yes);
  assert.equal(after.status, 303);
  assert.ok((await get(after.location)).html.includes('Je antwoord is bewaard. Nu nog alleen op deze telefoon.'));
  const page = await get('/errands');
  assert.ok(page.html.includes('Jij doet dit'));
  await post(`/errands/${ERRAND}/answers`, withValues(page, {answer: 'done'}));
  assert.deepEqual((await said(phone)).map(({answer, day}) => [answer, day]), [['accepted', '2026-11-22'], ['done', '2026-11-22']]);
  const over = await get('/errands');
  assert.ok(over.html.includes('Pas geweest'));
  assert.ok(over.html.includes('Er wordt nu niets van je gevraagd.'));
  desk.fault = null;
  await phone.sync();
  assert.equal([...desk.records.values()].filter(({kind}) => kind === 'answer').length, 2);
});

test('no is as short as yes', async () => {
  const {get, post} = await aVolunteer();
  await post(`/errands/${ERRAND}/answers`, withValues(await get('/errands'), {answer: 'declined'}));
  const {html} = await get('/errands');
  assert.ok(html.includes('Je zei nee'));
  assert.ok(!html.includes('value="done"'));
});

test('who said yes may find that they cannot after all', async () => {
  const {get, post, phone} = await aVolunteer();
  await post(`/errands/${ERRAND}/answers`, withValues(await get('/errands'), {answer: 'accepted'}));
  const page = await get(`/errands/${ERRAND}`);
  assert.match(page.html, /value="declined">Ik kan toch niet</);
  await post(`/errands/${ERRAND}/answers`, withValues(page, {answer: 'declined'}));
  assert.ok((await get('/errands')).html.includes('Je zei nee'));
  assert.deepEqual((await said(phone)).map(({answer}) => answer), ['accepted', 'declined']);
});

test('who said yes after the task had gone elsewhere hears so in words that are about the task', async () => {
  const {get, post, phone, desk} = await aVolunteer();
  desk.fault = 'before';
  await post(`/errands/${ERRAND}/answers`, withValues(await get('/errands'), {answer: 'accepted'}));
  Object.assign(desk, {fault: null, pairs: [], verdict: () => 'held'});
  await phone.sync();
  const {html} = await get('/profile');
  assert.ok(html.includes('Deze taak was intussen niet meer van jou'));
  assert.ok(!html.includes('Je team komt hier niet'));
  assert.equal((await get('/errands')).status, 200);
});

test('done can be taken back', async () => {
  const {get, post, remove, phone} = await aVolunteer();
  await post(`/errands/${ERRAND}/answers`, withValues(await get('/errands'), {answer: 'accepted'}));
  await post(`/errands/${ERRAND}/answers`, withValues(await get('/errands'), {answer: 'done'}));
  const [, path] = /hx-delete="([^"]+)"/.exec((await get('/errands')).html);
  assert.equal((await remove(path.replaceAll('&amp;', '&'))).status, 303);
  assert.ok((await get('/errands')).html.includes('Jij doet dit'));
  assert.equal((await said(phone)).filter(({undone}) => undone).length, 1);
});

test('a worry needs words, keeps what was typed, and hears what came of it', async () => {
  const {get, post, put, phone} = await aVolunteer();
  await post(`/errands/${ERRAND}/answers`, withValues(await get('/errands'), {answer: 'accepted'}));
  const page = await get(`/errands/${ERRAND}`);
  const empty = await post(`/errands/${ERRAND}/answers`, withValues(page, {answer: 'worried'}));
  assert.equal(empty.status, 422);
  assert.ok(empty.html.includes('Schrijf in een paar woorden'));
  await post('/drafts', withValues(page, {text: 'Hij at ni'}));
  assert.ok((await get(`/errands/${ERRAND}`)).html.includes('>Hij at ni</textarea>'));
  await post(`/errands/${ERRAND}/answers`, withValues(page, {answer: 'worried', text: 'Hij at niets.'}));
  await phone.sync();
  const worry = (await phone.first()).find((one) => one.kind === 'answer' && merge.shown(one).fields.answer === 'worried');
  put('reply', `errand:${ERRAND}`, {to: worry.id, step: 'received', at: Date.UTC(2026, 10, 22, 9, 1)});
  put('reply', `errand:${ERRAND}`, {to: worry.id, step: 'advice', text: 'Fijn dat je belde.', at: Date.UTC(2026, 10, 22, 9, 5)});
  await phone.sync();
  const {html} = await get('/errands');
  assert.ok(html.indexOf('Je zorg is ontvangen') < html.indexOf('Antwoord voor jou'));
  assert.ok(html.includes('Fijn dat je belde.'));
  assert.ok(html.includes('value="done"'), 'who worries may still say that it was done');
});

test('a task of more days is done a day at a time, and the days of a week ago are not asked about', async () => {
  const {get, post, clock} = await aVolunteer({more: {due: '2026-11-01', weekdays: [0, 6]}});
  await post(`/errands/${ERRAND}/answers`, withValues(await get('/errands'), {answer: 'accepted'}));
  const days = [];
  for (let i = 0; i < 4; i += 1) {
    const page = await get('/errands');
    days.push(filledIn(page).get('day'));
    await post(`/errands/${ERRAND}/answers`, withValues(page, {answer: i === 1 ? 'could_not' : 'done'}));
  }
  assert.deepEqual(days, ['2026-11-15', '2026-11-16', '2026-11-22', '2026-11-23']);
  clock.at += 6 * 24 * 3600 * 1000;
  assert.equal(filledIn(await get('/errands')).get('day'), '2026-11-29');
});

test('the address stays away until the day before, and leaves by itself without network', async () => {
  const later = await aVolunteer({more: {due: '2026-11-27'}, house: false});
  await later.post(`/errands/${ERRAND}/answers`, withValues(await later.get('/errands'), {answer: 'accepted'}));
  assert.ok((await later.get('/errands')).html.includes('Naam en adres komen hier de dag ervoor'));
  const now = await aVolunteer();
  now.desk.fault = 'before';
  assert.ok((await now.get('/errands')).html.includes('Rietgors'));
  now.clock.at += 2 * 24 * 3600 * 1000;
  const {html} = await now.get('/errands');
  assert.ok(!html.includes('Rietgors') && !html.includes('Jan'));
  await now.phone.tidy();
  assert.ok(!JSON.stringify(await now.phone.first()).includes('Rietgors'));
});

test('without a date it can be done all the same', async () => {
  const {get, post} = await aVolunteer({more: {due: null}});
  await post(`/errands/${ERRAND}/answers`, withValues(await get('/errands'), {answer: 'accepted'}));
  const page = await get('/errands');
  assert.equal((await post(`/errands/${ERRAND}/answers`, withValues(page, {answer: 'done'}))).status, 303);
  assert.ok((await get('/errands')).html.includes('Gedaan'));
});

test('what is not mine, or no answer at all, is refused', async () => {
  const {get, post, remove} = await aVolunteer();
  assert.equal((await get(`/errands/${anId()}`)).status, 404);
  assert.equal((await post(`/errands/${anId()}/answers`, {answer: 'done'})).status, 404);
  assert.equal((await remove(`/errands/${ERRAND}/answers?of=${anId()}`)).status, 404);
  assert.equal((await post(`/errands/${ERRAND}/answers`, {answer: 'maybe'})).status, 422);
  assert.equal((await post(`/errands/${ERRAND}/answers`, {answer: 'done', text: 'x'.repeat(2001)})).status, 422);
});

test('in English', async () => {
  const {get} = await aVolunteer({language: 'en'});
  const {html} = await get('/errands');
  for (const words of ['Hello Gerrit', 'Would you do this?', 'Yes, I will', 'My tasks']) assert.ok(html.includes(words), words);
});

test('before anything else a volunteer says that they keep it to themselves; until then there is what and when', async () => {
  const {env, get, post, phone} = await aVolunteer({confidential: false});
  const page = await get('/errands');
  const {html} = page;
  for (const words of ['Wat je hoort en ziet, houd je voor je', 'Oogdruppels', 'vandaag 09:00']) assert.ok(html.includes(words), words);
  for (const words of ['Eén druppel', 'Rietgors', '0600000101', 'Ja, dat doe ik']) assert.ok(!html.includes(words), words);
  assert.equal((await get(`/errands/${ERRAND}`)).location, '/errands');
  env.setMe = async (wish) => phone.keepMe({...phone.me(), ...wish});
  assert.equal((await post('/profile/confidentiality', filledIn(page))).location, '/errands');
  const after = (await get('/errands')).html;
  for (const words of ['Eén druppel', 'Rietgors', 'Ja, dat doe ik']) assert.ok(after.includes(words), words);
});

test('a volunteer reads at Ik of which day their certificate is', async () => {
  const {get, phone} = await aVolunteer();
  assert.ok((await get('/profile')).html.includes('Van jou is nog geen VOG genoteerd.'));
  await phone.keepMe({...phone.me(), vog: '2025-03-03'});
  assert.ok((await get('/profile')).html.includes('Je VOG is van 3 maart 2025.'));
});

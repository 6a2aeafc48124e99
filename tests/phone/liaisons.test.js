/** Afgestemd on Amina's phone: with whom, how and about what in a few taps, and who is one tap away. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ANNIE, DE_WIT, FENNA, JOOST, aNeighbourhood, filledIn, withValues} from './neighbourhood.js';
import {anId, elsewhere} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const NEW = `${ROOT}/liaisons/new`;
const HOME = `household:${DE_WIT}`;

async function aNetwork() {
  const there = await aNeighbourhood();
  const put = (kind, fields, more = {}) => there.desk.put(elsewhere(kind, {subject: HOME, topic: 'practical', fields, record: anId(), by: JOOST, ...more}), {by: JOOST, role: 'nurse'});
  put('helper', {name: 'Riet van 12', relation: 'neighbour', phone: '06-0000 0201'});
  put('involved', {organisation: 'Huisarts Blom', name: 'Dokter Blom', phone: '030-0000001'}, {subject: `resident:${ANNIE}`});
  put('involved', {organisation: 'Oude thuiszorg', until: '2026-01-01'}, {subject: `resident:${ANNIE}`});
  await there.phone.sync();
  return there;
}

const waiting = async (phone) => (await phone.waiting()).map(({change: {kind, subject, topic, fields}}) => ({kind, subject, topic, ...fields}));

test('three taps: the button, with whom, save', async () => {
  const {phone, get, post} = await aNetwork();
  assert.match((await get(ROOT)).html, new RegExp(`href="${NEW}"><svg.*</svg>Afgestemd`));
  const form = await get(NEW);
  assert.match(form.html, /value="corridor" checked/);
  const {location} = await post(`${ROOT}/liaisons`, withValues(form, {who: 'Joost Hofman'}));
  const [one] = await waiting(phone);
  assert.deepEqual([one.kind, one.subject, one.topic, one.with, one.way, one.day, one.text], ['liaison', HOME, 'practical', 'Joost Hofman', 'corridor', '2026-11-22', undefined]);
  const {html} = await get(location);
  assert.match(html, /Bewaard dat je afstemde\. Nu nog alleen op deze telefoon\..*Afgestemd met Joost Hofman.*Tussendoor/s);
});

test('whom to choose: colleagues who come here, parties and helpers, never me, a volunteer or who left', async () => {
  const {html} = await (await aNetwork()).get(NEW);
  for (const name of ['Joost Hofman', 'Dokter Blom', 'Riet van 12']) assert.match(html, new RegExp(`name="who" value="${name}"`));
  assert.doesNotMatch(html, /value="(Amina|Fenna Smit|Oude thuiszorg)"/);
});

test('several at once, and somebody by a name of their own, is a short liaison; that name is a button the next time', async () => {
  const {get, post} = await aNetwork();
  const {location} = await post(`${ROOT}/liaisons`, withValues(await get(NEW), {who: ['Joost Hofman', 'Riet van 12'], other: 'de  kapper', way: 'meeting', text: 'Wie belt de dochter?'}));
  assert.match((await get(location)).html, /Korte afstemming met Joost Hofman, Riet van 12, de kapper.*Overleg.*Wie belt de dochter\?/s);
  assert.match((await get(NEW)).html, /name="who" value="de kapper"/);
});

test('what is about somebody in particular stands with them, and it is said who reads it', async () => {
  const {phone, get, post} = await aNetwork();
  const form = await get(NEW);
  const values = withValues(form, {who: 'Dokter Blom', topic: 'body', resident: ANNIE, text: 'De wond is rustig.'});
  assert.match((await post('/drafts', values)).html, /hx-target="#readers".*Wijkteam leest dit/s);
  await post(`${ROOT}/liaisons`, values);
  const [one] = await waiting(phone);
  assert.deepEqual([one.subject, one.topic], [`resident:${ANNIE}`, 'body']);
  assert.match((await get(ROOT)).html, /Gebeld|Tussendoor · Annie.*<b>Lichaam<\/b> De wond is rustig\./s);
});

test('with nobody it comes back as it was typed', async () => {
  const {phone, get, post} = await aNetwork();
  const {status, html} = await post(`${ROOT}/liaisons`, withValues(await get(NEW), {text: 'Over de sleutel'}));
  assert.equal(status, 422);
  assert.match(html, /Kies met wie, of schrijf een naam\..*Over de sleutel/s);
  assert.deepEqual(await phone.waiting(), []);
});

test('a call or a message says nothing of whom it is about, and on the way back who and how are filled in', async () => {
  const {get} = await aNetwork();
  const {html} = await get(ROOT);
  const links = [...html.matchAll(/href="((?:tel|sms):[^"]*)"/g)].map(([, href]) => href);
  assert.deepEqual(links.filter((href) => !/^(tel|sms):\+?\d+$/.test(href)), []);
  const called = /href="tel:0300000001"[^>]*data-after="([^"]+)"/.exec(html)[1].replaceAll('&amp;', '&');
  const form = filledIn(await get(called));
  assert.deepEqual([form.getAll('who'), form.get('way')], [['Dokter Blom'], 'call']);
  assert.doesNotMatch(called, /Blom/);
});

test('a half-written liaison comes back', async () => {
  const {get, post} = await aNetwork();
  await post('/drafts', withValues(await get(NEW), {who: 'Joost Hofman', text: 'Nog even'}));
  assert.match((await get(NEW)).html, /je concept staat er weer.*value="Joost Hofman" checked.*Nog even/s);
});

test('who works elsewhere and wrote here is among those near', async () => {
  const {desk, phone, get} = await aNetwork();
  desk.put(elsewhere('task', {subject: HOME, topic: 'practical', fields: {what: 'Aanvraag'}, by: FENNA}), {by: FENNA, role: 'outreach'});
  await phone.sync();
  assert.match((await get(NEW)).html, /value="Fenna Smit".*sociaal werker, Welzijn/s);
});

/** Who is involved with somebody, on Amina's phone: added and confirmed without signal, beside what the phone knows by itself, and never what it is about. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ANNIE, BOUAZZA, DE_WIT, FATIMA, WELFARE, WELFARE_TEAM, aNeighbourhood, withValues} from './neighbourhood.js';
import {anId, elsewhere} from './phones.js';

const PLACE = `/households/${BOUAZZA}/involved`;
const FORM = `/households/${BOUAZZA}/involved/new?of=${FATIMA}`;
const ADD = `${PLACE}?of=${FATIMA}`;
const FATIMA_SAYS = {subject: `resident:${FATIMA}`, topic: 'practical'};

async function listed(fields) {
  const there = await aNeighbourhood();
  const id = anId();
  there.desk.put(elsewhere('involved', {...FATIMA_SAYS, record: id, fields: {organisation: 'Huisartsen Kade', ...fields}}));
  await there.phone.sync();
  return {...there, id};
}

test('an organisation is added without signal, with somebody to call', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const {html} = await get(PLACE);
  assert.match(html, /Wie is betrokken\?.*niet wat er speelt.*Vraag wie er nog meer is\./s);
  const {location} = await post(ADD, withValues(await get(FORM), {involved_organisation: 'Huisartsen Kade', involved_name: 'dokter Bos', involved_does: 'huisarts', involved_phone: '030-0000777', involved_since: '2019-03-01'}));
  const page = await get(location);
  assert.match(page.html, /Bewaard wie betrokken is\. Nu nog alleen op deze telefoon/);
  assert.match(page.html, /Huisartsen Kade<\/h3><p>dokter Bos · huisarts<\/p><p class="quiet">Sinds 1 maart 2019\..*nog niet gevraagd aan Fatima Bouazza/s);
  assert.match(page.html, /href="tel:0300000777".*Bel<span class="unseen"> dokter Bos/s);
  assert.deepEqual((await phone.waiting()).map(({change}) => [change.subject, change.topic]), [[`resident:${FATIMA}`, 'practical']]);
});

test('the resident confirms it with one tap, or says that it is not right', async () => {
  for (const [answer, said] of [['yes', />klopt, zegt Fatima Bouazza · 22 november 2026/], ['no', />klopt niet, zegt Fatima Bouazza · 22 november 2026/]]) {
    const {phone, get, post, id} = await listed({});
    const {location} = await post(`/involved/${id}/confirmation?in=${BOUAZZA}`, {op: anId(), confirmed: answer});
    assert.deepEqual((await phone.waiting()).map(({change}) => change.fields), [{confirmed: answer, confirmed_on: '2026-11-22'}]);
    const {html} = await get(location);
    assert.match(html, said);
    assert.doesNotMatch(html, /name="confirmed"/);
  }
});

test('what changed is written and nothing else; asked in the form, the day is noted', async () => {
  const {phone, get, post, id} = await listed({does: 'huisarts'});
  const form = await get(`/involved/${id}/edit?in=${BOUAZZA}`);
  await post(`/involved/${id}?in=${BOUAZZA}`, withValues(form, {involved_does: 'huisarts en apotheek', involved_confirmed: 'yes'}));
  assert.deepEqual((await phone.waiting()).map(({change}) => change.fields), [{does: 'huisarts en apotheek', confirmed: 'yes', confirmed_on: '2026-11-22'}]);
});

test('a form without an organisation, with words for a number, or that ends before it begins comes back as it was typed', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const form = await get(FORM);
  const nameless = await post(ADD, withValues(form, {involved_name: 'dokter Bos', involved_phone: 'bel maar'}));
  assert.equal(nameless.status, 422);
  assert.match(nameless.html, /Organisatie mag niet leeg zijn.*Typ een telefoonnummer/s);
  const backwards = await post(ADD, withValues(form, {involved_organisation: 'Voedselbank', involved_since: '2026-11-01', involved_until: '2026-10-01'}));
  assert.match(backwards.html, /value="Voedselbank".*wrong-involved_until">Kies een dag na het begin/s);
  assert.deepEqual(await phone.waiting(), []);
});

test('who is not involved any more stands under before, and may come back', async () => {
  const {get, post, id} = await listed({name: 'dokter Bos'});
  await post(`/involved/${id}/ending?in=${BOUAZZA}`, {op: anId(), end: 'yes'});
  const {html} = await get(PLACE);
  assert.match(html, /Eerder.*Huisartsen Kade<\/strong><small>dokter Bos · Tot en met 21 november 2026\..*Toch wel/s);
  assert.doesNotMatch(html, /Huisartsen Kade<\/h3>/);
  await post(`/involved/${id}/ending?in=${BOUAZZA}`, {op: anId(), end: 'no'});
  assert.match((await get(PLACE)).html, /Huisartsen Kade<\/h3>/);
});

test('the teams that come here stand there by themselves', async () => {
  const {html} = await (await aNeighbourhood()).get(PLACE);
  assert.match(html, /Dit weet Naober al.*Wijkteam van Thuiszorg<\/strong><small>Wijkverpleging · komt aan huis/s);
  assert.match(html, new RegExp(`staan bij het netwerk.*href="/households/${BOUAZZA}/network"`, 's'));
});

function said(kind, fields) {
  const base = {to_kind: 'team', to: WELFARE_TEAM, topics: ['money'], since: '2026-11-02'};
  const own = kind === 'consent' ? {about: 'secrecy', answer: 'yes', how: 'spoken'} : {question: '?', necessity: '!', proportionality: '!', subsidiarity: '!', ground: 'vital_interest'};
  return elsewhere(kind, {...FATIMA_SAYS, fields: {...base, ...own, ...fields}});
}

test('who reads along by her word is there, without what it is about, until she takes it back', async () => {
  const {desk, phone, get} = await aNeighbourhood();
  const yes = said('consent', {});
  desk.put(yes);
  await phone.sync();
  const {html} = await get(PLACE);
  assert.match(html, /Wie mag meelezen.*Buurtteam van Welzijn<\/strong><small>Sociaal werk · leest mee sinds 2 november 2026, dat vindt Fatima Bouazza goed/s);
  assert.doesNotMatch(html, /[Gg]eld/);
  desk.put(elsewhere('consent', {...FATIMA_SAYS, record: yes.record, seen: 1, n: 2, fields: {withdrawn: true}}));
  await phone.sync();
  assert.doesNotMatch((await get(PLACE)).html, /Buurtteam/);
});

test('a share of which she was not told stays off a page that she is shown', async () => {
  for (const [told, there] of [['yes', true], ['later', false], ['unsafe', false]]) {
    const {desk, phone, get} = await aNeighbourhood();
    desk.put(said('share', {told, to_kind: 'organisation', to: WELFARE}));
    await phone.sync();
    assert.equal(/dat is Fatima Bouazza verteld/.test((await get(PLACE)).html), there, told);
  }
});

test('of two who live together each has their own, and another household has nothing to do with it', async () => {
  const {get, post} = await aNeighbourhood();
  const place = `/households/${DE_WIT}/involved`;
  await post(`${place}?of=${ANNIE}`, withValues(await get(`${place}/new?of=${ANNIE}`), {involved_organisation: 'Oogkliniek', involved_confirmed: 'yes'}));
  assert.match((await get(place)).html, /<h2[^>]*>Annie de Wit<\/h2>.*Oogkliniek<\/h3>.*klopt, zegt Annie.*<h2[^>]*>Wim de Wit<\/h2>\s*<div class="empty">/s);
  assert.doesNotMatch((await get(PLACE)).html, /Oogkliniek/);
  assert.equal((await get(`${PLACE}/new?of=${ANNIE}`)).status, 404);
});

/** Samen iets doen on Amina's phone: what somebody likes, who was found for it without a name, what they say, and what a volunteer offers on theirs. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ANNIE, DE_WIT, aNeighbourhood, anEnvForPages, asking, withValues} from './neighbourhood.js';
import {Desk, aPhone, anEnv, anId, elsewhere} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const PAGE = `${ROOT}/interests`;
const OFFICE = '00000000-0000-7000-8000-000000000000';
const WALK = {likes: ['walks'], weekdays: [1], near: 'neighbourhood', agreed: 'yes', placed: true};
const FOUND = {likes: ['walks'], weekdays: [1], metres: 400};

/** Annie's interest, and what the office found for it: [fields of matches] -> {…, interest, matches: ids}. */
async function seeking(found = [], fields = WALK) {
  const there = await aNeighbourhood();
  const put = (kind, record, told) => there.desk.put(elsewhere(kind, {subject: `resident:${ANNIE}`, topic: 'social', record, fields: told, by: OFFICE}), {by: OFFICE, role: 'office'});
  const interest = anId();
  put('interest', interest, fields);
  const matches = found.map((more) => {
    const id = anId();
    put('match', id, {...FOUND, interest, ...more});
    return id;
  });
  await there.phone.sync();
  return {...there, put, interest, matches};
}

const said = async (phone) => (await phone.waiting()).map(({change}) => [change.kind, change.fields]);

test('what somebody likes is noted without signal, and nobody is looked for without their yes', async () => {
  const {phone, get, post} = await aNeighbourhood();
  assert.match((await get(`${ROOT}/network`)).html, new RegExp(`href="${PAGE}">Samen iets doen`));
  const first = await get(PAGE);
  assert.match(first.html, /Namen komen pas als allebei ja zeggen\. Tot dan hoort de ander alleen wat, wanneer en hoe ver/);
  const form = await get(`${PAGE}/new?resident=${ANNIE}`);
  assert.match(form.html, /Wat doet .* graag\?.*Wandelen.*Hoe ver mag de ander wonen\?.*In de straat.*Mogen we iemand zoeken, nog zonder naam\?.*Wijkteam leest dit/s);
  const {location} = await post(`${PAGE}?resident=${ANNIE}`, withValues(form, {interest_likes: ['walks', 'coffee'], interest_weekdays: ['1', '3'], interest_near: 'neighbourhood', interest_text: 'Een rustig rondje'}));
  assert.deepEqual(await said(phone), [['interest', {likes: ['walks', 'coffee'], weekdays: [1, 3], near: 'neighbourhood', text: 'Een rustig rondje'}]]);
  const {html} = await get(location);
  assert.match(html, /Bewaard wat iemand graag doet\. Nu nog alleen op deze telefoon.*Wandelen.*Koffie drinken.*Op di en do · in de buurt.*Een rustig rondje.*nog niet gevraagd.*Zonder een ja van .* zoeken we niemand/s);
});

test('without anything they like there is no interest', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const {status, html} = await post(`${PAGE}?resident=${ANNIE}`, withValues(await get(`${PAGE}/new?resident=${ANNIE}`), {interest_text: 'Weet nog niet'}));
  assert.equal(status, 422);
  assert.match(html, /wrong-interest_likes.*Weet nog niet/s);
  assert.deepEqual(await phone.waiting(), []);
  assert.equal((await get(`${PAGE}/new?resident=${anId()}`)).status, 404);
});

test('what changed is written, and nothing else', async () => {
  const {phone, get, post, interest} = await seeking();
  assert.match((await get(PAGE)).html, /Er is nog niemand gevonden/);
  await post(`/interests/${interest}?in=${DE_WIT}`, withValues(await get(`/interests/${interest}/edit?in=${DE_WIT}`), {interest_agreed: 'no'}));
  assert.deepEqual(await said(phone), [['interest', {agreed: 'no'}]]);
  assert.match((await get(PAGE)).html, /Zonder een ja van/);
});

test('a street that the office does not know is told in plain words', async () => {
  const {get} = await seeking([], {...WALK, placed: false});
  assert.match((await get(PAGE)).html, /Deze straat kent het kantoor niet/);
});

test('somebody was found, and who it is nobody can read; a yes is one tap', async () => {
  const {phone, get, post, matches: [near]} = await seeking([{metres: 400}, {metres: 1200, weekdays: []}]);
  assert.match((await get(`${ROOT}/network`)).html, /Samen iets doen <span class="chip ochre">2 gevonden/);
  const page = await get(PAGE);
  assert.match(page.html, /Op ongeveer 400 meter<\/small><h3>Er is iemand gevonden.*Doet ook graag: wandelen\. Kan op di\..*Wil .* kennismaken\?.*Op ongeveer 1200 meter/s);
  const {location} = await post(`/matches/${near}/answer?in=${DE_WIT}`, withValues(page, {answer: 'yes'}));
  assert.deepEqual(await said(phone), [['match', {resident_says: 'yes'}]]);
  assert.match((await get(location)).html, /Het antwoord is bewaard\. Nu nog alleen op deze telefoon.*Nu vragen we het de ander.*zei ja\. De ander weet nog niet wie het is.*Toch nee/s);
});

test('a no is a good answer, and can be turned', async () => {
  const {get, post, matches: [one]} = await seeking([{}]);
  await post(`/matches/${one}/answer?in=${DE_WIT}`, withValues(await get(PAGE), {answer: 'no'}));
  assert.match((await get(PAGE)).html, /Niet gewild.*zei nee\. Dat is een goed antwoord.*Toch ja/s);
  assert.match((await get(PAGE)).html, /Er is nog niemand gevonden/);
});

test('what ended after a yes says that it did not go ahead, and not why', async () => {
  const {get} = await seeking([{resident_says: 'yes', ended: true}]);
  const {html} = await get(PAGE);
  assert.match(html, /Kennismaken ging niet door\. We zoeken verder/);
  assert.doesNotMatch(html, /400 meter/);
});

test('whoever said yes too has a name, and is put in the network once', async () => {
  const volunteer = anId();
  const {phone, get, post, matches: [one]} = await seeking([{resident_says: 'yes', volunteer_says: 'yes', volunteer, name: 'Gerrit Mulder', likes: ['walks', 'coffee', 'games']}]);
  const page = await get(PAGE);
  assert.match(page.html, /<h3>Gerrit Mulder.*Zet in het netwerk.*Dit gaat niet door/s);
  assert.doesNotMatch(page.html, /Er is nog niemand gevonden/);
  const {location} = await post(`/matches/${one}/helper?in=${DE_WIT}`, page.html ? withValues(page, {}) : {});
  assert.deepEqual(await said(phone), [['helper', {name: 'Gerrit Mulder', relation: 'volunteer', volunteer, near: 'neighbourhood', can: ['walks', 'company'], agreed: 'yes', agreed_on: '2026-11-22', weekdays: [1]}]]);
  assert.match((await get(location)).html, /Gerrit Mulder/);
  assert.match((await get(PAGE)).html, /Staat in het netwerk/);
  await post(`/matches/${one}/helper?in=${DE_WIT}`, {op: anId()});
  assert.equal((await phone.waiting()).length, 1);
  await post(`/matches/${one}/ending?in=${DE_WIT}`, {op: anId()});
  assert.doesNotMatch((await get(PAGE)).html, /Gerrit Mulder/);
});

test('nobody is put in a network before there is a name, and who is no volunteer offers nothing', async () => {
  const {phone, get, post, matches: [one]} = await seeking([{resident_says: 'yes'}]);
  assert.deepEqual(await Promise.all(['/offers', '/offers/new'].map(async (path) => (await get(path)).status)), [404, 404]);
  assert.equal((await post('/offers', {op: anId(), offer_likes: 'walks'})).status, 404);
  assert.equal((await post(`/matches/${one}/helper?in=${DE_WIT}`, {op: anId()})).status, 404);
  assert.equal((await post(`/matches/${anId()}/answer?in=${DE_WIT}`, {op: anId(), answer: 'yes'})).status, 404);
  assert.deepEqual(await phone.waiting(), []);
});

// A volunteer's own page

const ME = anId(), HERSELF = anId();

async function aVolunteer() {
  const desk = new Desk();
  desk.pairs = [[`person:${HERSELF}`, 'social', null]];
  const clock = anEnv({fetch: desk.fetch});
  const me = {person: HERSELF, device: anId(), name: 'Ria van Loon', language: 'nl', word: 'resident', demo: true, confidential: true,
    hats: [{id: ME, role: 'volunteer', team: anId(), team_name: 'Buren', organisation: anId(), organisation_name: 'De Haard', kind: 'volunteers'}]};
  const phone = await aPhone(clock, me);
  assert.equal((await phone.sync()).problem, null);
  return {phone, desk, ...asking(anEnvForPages(phone, clock))};
}

test('a volunteer notes what they like, when and from which street, without signal', async () => {
  const {phone, get, post, desk} = await aVolunteer();
  assert.match((await get('/errands')).html, /href="\/offers">Samen iets doen/);
  assert.match((await get('/offers')).html, /We vragen het je eerst, zonder naam.*Alleen het kantoor en jij lezen dit/s);
  const form = await get('/offers/new');
  assert.match(form.html, /Wat doe je graag\?.*Vanaf welke straat\?.*Niemand krijgt je straat te zien/s);
  const fields = {likes: ['walks'], weekdays: [1], near: 'street', street: 'Dotterbloem', city: 'Elmerwaard'};
  const {location} = await post('/offers', withValues(form, {offer_likes: ['walks'], offer_weekdays: ['1'], offer_near: 'street', offer_street: 'Dotterbloem', offer_city: 'Elmerwaard'}));
  assert.deepEqual((await phone.waiting()).map(({change}) => [change.kind, change.subject, change.by, change.fields]), [['offer', `person:${HERSELF}`, ME, fields]]);
  assert.match((await get(location)).html, /Bewaard wat je graag doet.*Wandelen.*Op di · heel dichtbij.*Dotterbloem, Elmerwaard/s);
  await phone.sync();
  assert.equal([...desk.records.values()].filter(({kind}) => kind === 'offer').length, 1);
});

test('a street that nobody knows is told, mended, and the offer stops and begins again', async () => {
  const {phone, get, post, desk} = await aVolunteer();
  const id = anId();
  desk.put(elsewhere('offer', {subject: `person:${HERSELF}`, topic: 'social', record: id, fields: {likes: ['walks'], street: 'Dotrebloem', city: 'Elmerwaard', placed: false}, by: ME}), {by: ME, role: 'volunteer'});
  await phone.sync();
  assert.match((await get('/offers')).html, /Deze straat kent het kantoor niet\. Kijk of je straat en plaats goed geschreven zijn/);
  await post(`/offers/${id}`, withValues(await get(`/offers/${id}/edit`), {offer_street: 'Dotterbloem'}));
  assert.deepEqual(await said(phone), [['offer', {street: 'Dotterbloem'}]]);
  await post(`/offers/${id}/ending`, {op: anId(), end: 'yes'});
  assert.match((await get('/offers')).html, /Nu even niet.*Begin weer/s);
  await post(`/offers/${id}/ending`, {op: anId(), end: 'no'});
  assert.match((await get('/offers')).html, /Stop hiermee/);
  assert.equal((await get(`/offers/${anId()}/edit`)).status, 404);
});

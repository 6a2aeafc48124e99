/** Buurtcontacten and Ik: a contact in a few taps, and what became of everything that was written. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ANNIE, DE_WIT, NOTE, TASK, aNeighbourhood, withValues} from './neighbourhood.js';
import {lockPage} from '../../pwa/pages/lock.js';
import {TEAM, amina, anId} from './phones.js';

const OTHER_HAT = anId();
const twoHats = () => ({...amina(), hats: [...amina().hats, {id: OTHER_HAT, role: 'outreach', team: anId(), team_name: 'Buurtteam', organisation: anId(), organisation_name: 'Welzijn'}]});
const waiting = async (phone) => (await phone.waiting()).map(({change}) => change);

test('a contact is a place, a way and one line, and is seen on vandaag at once', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const form = await get('/contacts/new');
  const {location} = await post('/contacts', withValues(form, {place: 'park', way: 'talk', text: 'Koffie op het bankje'}));
  assert.match((await get(location)).html, /Buurtcontact bewaard\. Nu nog alleen op deze telefoon\..*Vandaag.*10:00.*Gesprek.*Park · Amina, wijkverpleegkundige bij Thuiszorg.*Koffie op het bankje/s);
  assert.match((await get('/today')).html, /In de buurt.*Koffie op het bankje.*alleen op deze telefoon/s);
  const [{subject, topic, fields}] = await waiting(phone);
  assert.deepEqual([subject, topic, fields.place, fields.day], [`team:${TEAM}`, 'social', 'park', '2026-11-22']);
});

test('a contact with a name is about that resident and reads in their timeline', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const form = await get('/contacts/new');
  await post('/contacts', withValues(form, {way: 'listening', resident: ANNIE, text: 'Bel me op 06-12345678', place_name: 'Bankje bij de sluis'}));
  assert.equal((await waiting(phone))[0].subject, `resident:${ANNIE}`);
  assert.match((await get('/contacts')).html, /Luisteren met Annie de Wit.*Bankje bij de sluis/s);
  assert.match((await get(`/households/${DE_WIT}`)).html, /Bel me op 06-12345678/);
});

test('a contact without a name holds no number either: it asks while typing and does not save', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const values = withValues(await get('/contacts/new'), {place: 'street', text: 'Woont op 3, 06-12345678', signal: 'mail jan@example.nl'});
  const {html: asked} = await post('/drafts', values);
  assert.match(asked, /#warn-text.*een telefoonnummer.*#warn-signal.*een mailadres/s);
  const {status, html} = await post('/contacts', values);
  assert.equal(status, 422);
  assert.match(html, /id="wrong-text">Hier lijkt een telefoonnummer te staan\..*id="wrong-signal">Hier lijkt een mailadres/s);
  assert.match(html, /Woont op 3, 06-12345678/);
  assert.deepEqual(await phone.waiting(), []);
});

test('a signal goes with its contact, through its own lens', async () => {
  const {phone, get, post} = await aNeighbourhood();
  await post('/contacts', withValues(await get('/contacts/new'), {place: 'square', lens: 'community', signal: 'De bankjes zijn weg'}));
  const [contact, signal] = await waiting(phone);
  assert.deepEqual([signal.kind, signal.fields.contact, signal.fields.lens], ['signal', contact.record, 'community']);
  assert.match((await get('/contacts')).html, /1 contact.*Plein.*Samenleven.*De bankjes zijn weg/s);
});

test('a lens alone makes a signal of what was written, and asks for words when there are none', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const form = await get('/contacts/new');
  assert.match((await post('/contacts', withValues(form, {place: 'square', lens: 'health'}))).html, /id="wrong-signal">Schrijf wat je opvalt/);
  await post('/contacts', withValues(form, {place: 'square', lens: 'health', text: 'De bankjes zijn weg'}));
  const [contact, signal] = await waiting(phone);
  assert.deepEqual([signal.fields.text, signal.fields.lens, signal.fields.contact], ['De bankjes zijn weg', 'health', contact.record]);
  assert.equal((await get('/contacts')).html.split('De bankjes zijn weg').length, 2);
  const {html} = await post('/contacts', withValues(await get('/contacts/new'), {lens: 'health', text: 'Bel 06-12345678'}));
  assert.equal(html.split('id="wrong-text"').length, 2);
});

test('without connection ik says that sending goes by itself', async () => {
  const {env, get, post} = await aNeighbourhood();
  await post('/contacts', withValues(await get('/contacts/new'), {way: 'talk'}));
  assert.match((await get('/profile')).html, /Verstuur nu/);
  env.on = false;
  const {html} = await get('/profile');
  assert.match(html, /Er is nu geen verbinding/);
  assert.doesNotMatch(html, /Verstuur nu/);
});

test('an empty contact asks for something, and somebody who is gone for another choice', async () => {
  const {get, post} = await aNeighbourhood();
  const form = await get('/contacts/new');
  assert.match((await post('/contacts', withValues(form, {}))).html, /Kies een plek of een soort contact/);
  assert.match((await post('/contacts', withValues(form, {resident: anId(), text: 'Hallo'}))).html, /Hallo.*Deze naam staat niet meer op je telefoon/s);
});

test('a language chosen here is spoken at once, without any network', async () => {
  const {env, get, post} = await aNeighbourhood();
  env.on = false;
  const {location} = await post('/profile/language', {language: 'en'});
  assert.match((await get(location)).html, /You now read Naober in English\./);
  assert.match((await get('/today')).html, /lang="en".*no connection, everything is kept.*Good morning/s);
  await post('/profile/language', {language: 'tlh'});
  assert.equal(env.speaker().language, 'en');
});

test('a word chosen here is used on every page, and no other', async () => {
  const {get, post} = await aNeighbourhood();
  await post('/profile/word', {word: 'inhabitant'});
  const {html} = await get(`/households/${DE_WIT}/visits/new`);
  assert.match(html, /Inwoner/);
  assert.doesNotMatch(html, /[Cc]liënt|[Pp]atiënt|[Bb]ewoner|[Bb]urger|[Kk]lant/);
  await post('/profile/word', {word: 'name'});
  assert.match((await get(`/households/${DE_WIT}/visits/new`)).html, /<span>Annie<\/span>.*<span>Annie<\/span>/s);
});

test('another hat signs what is written from then on, and reads no more than its profession', async () => {
  const {phone, get, post} = await aNeighbourhood({me: twoHats()});
  assert.match((await get('/profile')).html, /Welke pet draag je nu\?.*wijkverpleegkundige bij Thuiszorg.*sociaal werker bij Welzijn, Buurtteam/s);
  await post('/profile/hat', {hat: OTHER_HAT});
  await post('/profile/hat', {hat: anId()});
  const form = await get(`/households/${DE_WIT}/visits/new`);
  assert.doesNotMatch(form.html, /text_body|m_pulse/);
  await post(`/households/${DE_WIT}/visits`, withValues(form, {strength: 'Lacht.'}));
  assert.deepEqual((await waiting(phone)).map(({by}) => by), [OTHER_HAT, OTHER_HAT]);
});

test('ik says what is on its way, what is held and what came back, and why', async () => {
  const {desk, phone, get, post, remove} = await aNeighbourhood();
  await post(`/households/${DE_WIT}/visits`, withValues(await get(`/households/${DE_WIT}/visits/new`), {text_body: 'Wond <i>dicht</i>', m_pulse: '72'}));
  assert.match((await get('/profile')).html, /3 dingen staan alleen op deze telefoon\..*Bezoek · Familie De Wit.*geschreven vandaag 10:00.*Notitie<\/b> Wond &lt;i&gt;dicht.*Meting<\/b> Hartslag 72 per minuut/s);
  desk.verdict = ({kind}) => ({visit: 'stored', note: 'held', measurement: 'refused'})[kind];
  await phone.sync();
  const {html} = await get('/profile');
  assert.match(html, /Je teamleider bewaart 1 ding\. 1 ding kwam terug\..*vastgehouden.*Je team komt hier niet, of niet meer\..*teruggestuurd.*Gelezen, haal weg/s);
  const [, id] = /hx-delete="\/profile\/waiting\/([^"]+)"/.exec(html);
  assert.equal((html.match(/hx-delete/g) ?? []).length, 1);
  assert.equal((await remove(`/profile/waiting/${id}`)).location, '/profile');
  assert.match((await get('/profile')).html, /Je teamleider bewaart 1 ding\.</);
});

test('what the office refused names the field and what to do', async () => {
  const {desk, phone, get, post} = await aNeighbourhood();
  await post(`/notes/${NOTE}/additions?in=${DE_WIT}`, {op: anId(), form: 'x', text: 'Nog iets'});
  desk.receive = ({id}) => ({id, is: 'refused', reason: 'shape', fields: [{field: 'text', why: 'too_long'}, {field: 'stamp', why: 'type'}]});
  await phone.sync();
  assert.match((await get('/profile')).html, /Hier klopt iets niet aan\..*Tekst: Dit is te lang\..*Een gegeven dat Naober zelf invult: Dit klopt niet\./s);
});

test('an answer to a task waits under its own words', async () => {
  const {get, post} = await aNeighbourhood();
  await post(`/tasks/${TASK}/completion`, {op: anId(), outcome: 'could_not', text: 'Dicht'});
  assert.match((await get('/profile')).html, /Antwoord op een taak · Familie De Wit.*Lukte niet: Zalf ophalen\nDicht/s);
});

test('leaving says what would be lost first', async () => {
  const {phone, get, post} = await aNeighbourhood();
  assert.match((await get('/profile/leaving')).html, /data-act="leave"/);
  await post('/contacts', withValues(await get('/contacts/new'), {place: 'park'}));
  assert.match((await get('/profile/leaving')).html, /1 ding staat alleen op deze telefoon.*data-act="sync".*data-act="leave-anyway"/s);
  await phone.sync();
  assert.match((await get('/profile/leaving')).html, /data-act="leave"/);
});

test('the invitation to install stays away once it was declined', async () => {
  const {env, get, post} = await aNeighbourhood();
  env.hinted = {text: env.say('install.text'), offered: true};
  assert.match((await get('/today')).html, /beginscherm.*data-act="install"/s);
  await post('/profile/hints', {});
  assert.doesNotMatch((await get('/today')).html, /beginscherm/);
});

test('a locked phone shows whom it opens for and nothing else', async () => {
  const {env, phone} = await aNeighbourhood();
  phone.lock();
  const html = await lockPage(env, {slots: [{n: 0, text: env.say('lock.unlock'), first: true}], demo: true, signIn: true, trouble: env.say('lock.wrong')}).text();
  assert.match(html, /Naober is op slot.*Deze passkey hoort niet bij deze kluis\..*voorbeeldwijk.*data-act="unlock" data-slot="0".*Ontgrendelen.*Met een andere passkey/s);
  assert.doesNotMatch(html, /id="connection"|class="tabs"/);
  assert.match(await lockPage(env, {signIn: true}).text(), /Welkom bij Naober.*Inloggen/s);
});

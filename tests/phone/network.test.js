/** The people round a household on Amina's phone: as a picture, a week and a list, how they are, and what is deliberately otherwise. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ANNIE, DE_WIT, aNeighbourhood, withValues} from './neighbourhood.js';
import {HAT, anId, elsewhere} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const NETWORK = `${ROOT}/network`;

/** Helpers as a colleague wrote them: {name: fields} -> {name: id}. */
async function helped(helpers) {
  const there = await aNeighbourhood();
  const ids = {};
  for (const [name, fields] of Object.entries(helpers)) {
    ids[name] = anId();
    there.desk.put(elsewhere('helper', {subject: `household:${DE_WIT}`, topic: 'practical', record: ids[name], fields: {name, relation: 'neighbour', ...fields}}));
  }
  await there.phone.sync();
  return {...there, ids};
}

function added(page, fields) {
  return withValues(page, {helper_name: 'Riet de Boer', helper_relation: 'neighbour', ...fields});
}

test('an empty network invites', async () => {
  const {get} = await aNeighbourhood();
  const {html} = await get(NETWORK);
  assert.match(html, /Wie is er om familie De Wit heen\?.*Zet erbij wie er is\..*helpers\/new/s);
  assert.doesNotMatch(html, /class="card rings"/);
  assert.match((await get(ROOT)).html, new RegExp(`href="${NETWORK}"><svg.*</svg>Netwerk`));
});

test('somebody is added without signal and stands in picture, week and list', async () => {
  const {get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/helpers/new`);
  assert.match(form.html, /Zij mogen dit zien, verbeteren en laten weghalen.*Wie is het\?.*Fam/s);
  const values = added(form, {helper_near: 'street', helper_phone: '06-00000123', helper_weekdays: ['0', '3'], helper_can: ['groceries', 'company'], helper_agreed: 'yes', helper_agreed_on: '2026-03-03', helper_limits: 'Niet tillen'});
  const {location} = await post(`${ROOT}/helpers`, values);
  const {html} = await get(location);
  assert.match(html, /Bewaard wie er is\. Nu nog alleen op deze telefoon/);
  assert.match(html, /aria-label="Om familie De Wit heen staat 1 iemand\. In de straat: Riet de Boer\."/);
  assert.match(html, /class="yes" d="M-11,12.*>Riet<\/text>/s);
  assert.match(html, /zondag<small>vandaag.*niemand.*Gepland: Amina.*maandag<\/b><span class="words"><strong>Riet.*dinsdag.*niemand/s);
  assert.match(html, /Riet de Boer<\/h3><p class="quiet">Buur · In de straat.*akkoord sinds 3 maart 2026.*Boodschappen.*Gezelschap.*Op ma en do.*Niet vragen: Niet tillen.*tel:0600000123.*Bel Riet de Boer/s);
});

test('a helper without a name or a relation comes back as it was typed', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const {status, html} = await post(`${ROOT}/helpers`, withValues(await get(`${ROOT}/helpers/new`), {helper_does: 'Soep', helper_phone: 'bel maar'}));
  assert.equal(status, 422);
  assert.match(html, /wrong-helper_name.*Typ een telefoonnummer.*Soep/s);
  assert.match(html, /Wie iemand is mag niet leeg zijn/);
  assert.deepEqual(await phone.waiting(), []);
});

test('who does not want to be asked is drawn so, and comes on no day', async () => {
  const {get} = await helped({Rob: {agreed: 'no', weekdays: [0, 1, 2, 3, 4, 5, 6]}, Ali: {agreed: 'unasked', weekdays: [2]}});
  const {html} = await get(NETWORK);
  assert.match(html, /class="no" d=.*Gestippeld: wil niet gevraagd worden/s);
  assert.match(html, /class="unasked".*Open: nog niet gevraagd/s);
  assert.equal(html.match(/class="gap"/g).length, 6);
  assert.match(html, /nog niet gevraagd.*wil niet gevraagd worden/s);
});

test('a task that somebody took on is a day that is covered', async () => {
  const {desk, phone, get, ids} = await helped({Ali: {agreed: 'yes'}});
  desk.put(elsewhere('task', {subject: `household:${DE_WIT}`, topic: 'practical', fields: {what: 'Gras maaien', due: '2026-11-25', helper: ids.Ali}}));
  await phone.sync();
  const {html} = await get(NETWORK);
  assert.match(html, /woensdag<\/b><span class="words"><strong>Ali/);
  assert.match(html, /Doet nu 1 taak: Gras maaien/);
});

test('what changed about a helper is written, and nothing else', async () => {
  const {phone, get, post, ids} = await helped({Ali: {agreed: 'unasked', weekdays: [2], can: ['garden'], near: 'street'}});
  const path = `/helpers/${ids.Ali}`;
  const form = await get(`${path}/edit?in=${DE_WIT}`);
  assert.match(form.html, /value="2" checked.*value="unasked" checked/s);
  const {location} = await post(`${path}?in=${DE_WIT}`, withValues(form, {helper_weekdays: ['2', '4'], helper_agreed: 'yes'}));
  assert.deepEqual((await phone.waiting()).map(({change}) => change.fields), [{weekdays: [2, 4], agreed: 'yes'}]);
  assert.match((await get(location)).html, /Ali<\/h1>.*Op wo en vr/s);
  const unchanged = await post(`${path}?in=${DE_WIT}`, withValues(await get(`${path}/edit?in=${DE_WIT}`), {}));
  assert.equal(unchanged.location, `${path}?in=${DE_WIT}`);
});

test('what two wrote about a helper at the same time stands side by side', async () => {
  const {desk, phone, get, ids} = await helped({Ali: {near: 'street'}});
  for (const near of ['home', 'further']) {
    desk.put(elsewhere('helper', {subject: `household:${DE_WIT}`, topic: 'practical', record: ids.Ali, seen: 1, n: 2, fields: {near}}), {device: near});
  }
  await phone.sync();
  assert.match((await get(`/helpers/${ids.Ali}?in=${DE_WIT}`)).html, /Hoe dichtbij, ook geschreven door Iemand die je telefoon niet kent: (Woont er ook|Verder weg)/);
  assert.match((await get(`/helpers/${ids.Ali}/edit?in=${DE_WIT}`)).html, /Ook geschreven door.*name="settle_helper_near"/s);
});

test('who is let go stands under before, out of the picture, and may come back', async () => {
  const {get, post, ids} = await helped({Ali: {}, Nel: {}});
  const path = `/helpers/${ids.Ali}`;
  await post(`${path}/ending?in=${DE_WIT}`, {op: anId(), end: 'yes'});
  const {html} = await get(NETWORK);
  assert.match(html, /Eerder.*Ali.*tot en met 21 november 2026/s);
  assert.doesNotMatch(html, />Ali<\/text>/);
  assert.match((await get(`${path}?in=${DE_WIT}`)).html, /Weer helper/);
  await post(`${path}/ending?in=${DE_WIT}`, {op: anId(), end: 'no'});
  assert.match((await get(NETWORK)).html, />Ali<\/text>/);
});

test('what stood about a helper is taken away at their word', async () => {
  const {phone, get, post, ids} = await helped({Ali: {phone: '06-00000123', does: 'Kijkt of het licht aangaat', weekdays: [1], agreed: 'yes', near: 'street'}});
  const path = `/helpers/${ids.Ali}`;
  assert.doesNotMatch((await get(`${path}?in=${DE_WIT}`)).html, /Haal weg/);
  await post(`${path}/ending?in=${DE_WIT}`, {op: anId(), end: 'yes'});
  assert.match((await get(`${path}?in=${DE_WIT}`)).html, /Haal weg wat hier staat/);
  const {location} = await post(`${path}/withdrawal?in=${DE_WIT}`, {op: anId()});
  await phone.sync();
  for (const html of [(await get(location)).html, (await get(`${path}?in=${DE_WIT}`)).html]) assert.doesNotMatch(html, /Ali|06-00000123|licht aangaat|In de straat/);
  assert.match((await get(location)).html, /Eerder.*Buur/s);
});

test('what was explained to a helper is listed on their page', async () => {
  const {get, post, ids} = await helped({Ali: {}});
  const form = await get(`/helpers/${ids.Ali}/instructions/new?in=${DE_WIT}`);
  const empty = await post(`/helpers/${ids.Ali}/instructions?in=${DE_WIT}`, withValues(form, {}));
  assert.equal(empty.status, 422);
  const {location} = await post(`/helpers/${ids.Ali}/instructions?in=${DE_WIT}`, withValues(form, {what: 'Steunkousen aan', showed: 'yes'}));
  const {html} = await get(location);
  assert.match(html, /Uitleg bewaard\..*Steunkousen aan.*22 november 2026 · Amina.*Voorgedaan/s);
  assert.doesNotMatch(html, /Begrepen/);
});

test('what is deliberately otherwise is said on household and network until it ends, and asks to be looked at in time', async () => {
  const {clock, get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/pauses/new`);
  assert.equal((await post(`${ROOT}/pauses`, withValues(form, {what: 'lead_taken'}))).status, 422);
  assert.match((await post(`${ROOT}/pauses`, withValues(form, {what: 'lead_taken', why: 'Ziek', review: '2026-11-22'}))).html, /Kies een dag na het begin/);
  const {location} = await post(`${ROOT}/pauses`, withValues(form, {what: 'lead_taken', why: 'Wim ligt in het ziekenhuis.', agreed: 'yes', review: '2026-11-24'}));
  for (const path of [location, ROOT]) {
    const {html} = await get(path);
    assert.match(html, /Regie tijdelijk overgenomen.*Wim ligt in het ziekenhuis\..*Sinds 22 november 2026\. Samen besproken en akkoord\. <strong>Opnieuw bekijken op 24 november/s);
  }
  clock.at += 2 * 24 * 3600_000;
  const {html} = await get(ROOT);
  assert.match(html, /notice ochre.*Kijk opnieuw: klopt dit nog\?/s);
  await post(/action="(\/pauses[^"]*)"/.exec(html)[1], {op: anId()});
  assert.doesNotMatch((await get(ROOT)).html, /Regie tijdelijk/);
});

test('how it goes is shown when that was agreed to, and else for me alone', async () => {
  const {get, post} = await helped({Anja: {relation: 'carer'}, Ali: {}});
  const page = await get(NETWORK);
  assert.match(page.html, /Hoe gaat het met Annie\?.*Hoe gaat het met Anja\?/s);
  assert.doesNotMatch(page.html, /Hoe gaat het met Ali|Voor jou alleen/);
  const path = `${ROOT}/loads/new?whose=${ANNIE}`;
  const form = await get(path);
  assert.match(form.html, /type="range".*Draagkracht 5 van 10: gaat wel\./s);
  assert.match((await post('/drafts', withValues(form, {strength: '9', burden: '1'}))).html, /#said-strength.*Draagkracht 9 van 10: staat stevig\..*Draaglast 1 van 10: weinig\./s);
  await post(`${ROOT}/loads?whose=${ANNIE}`, withValues(form, {strength: '3', burden: '8', text: 'Slaap slecht'}));
  assert.match((await get(NETWORK)).html, /Nog niets om hier te tonen.*Voor jou alleen.*Draagkracht 3 van 10.*Slaap slecht/s);
  for (const strength of ['6', '7']) await post(`${ROOT}/loads?whose=${ANNIE}`, withValues(await get(path), {strength, shown: 'yes'}));
  assert.match((await get(NETWORK)).html, /Draagkracht 7 van 10.*<polyline class="strength" points="12,36 268,30".*Voor jou alleen/s);
});

test('what somebody does not want shown any more is for me alone', async () => {
  const {get, post} = await helped({});
  const form = await get(`${ROOT}/loads/new?whose=${ANNIE}`);
  await post(`${ROOT}/loads?whose=${ANNIE}`, withValues(form, {strength: '8', shown: 'yes', text: 'Gaat best'}));
  const {html} = await get(NETWORK);
  assert.doesNotMatch(html, /Voor jou alleen/);
  await post(/action="([^"]*loads\/hiding[^"]*)"/.exec(html)[1], {op: anId()});
  assert.match((await get(NETWORK)).html, /Nog niets om hier te tonen.*Voor jou alleen.*Gaat best/s);
});

test('what is not on this phone is not there', async () => {
  const {get, post} = await aNeighbourhood();
  const other = anId();
  for (const path of [`/households/${other}/network`, `/helpers/${other}?in=${DE_WIT}`, `${ROOT}/loads/new?whose=${HAT}`, `/households/${other}/pauses/new`]) assert.equal((await get(path)).status, 404, path);
  for (const path of [`/pauses/${other}/ending?in=${DE_WIT}`, `/askings/${other}/answer?in=${DE_WIT}`, `/households/${other}/askings`, `/helpers/${other}/ending?in=${DE_WIT}`]) {
    assert.equal((await post(path, {op: anId()})).status, 404, path);
  }
});

test('the network goes to another system with signal, after one more touch, and only when somebody agreed', async () => {
  const nobody = await helped({Ali: {agreed: 'unasked'}});
  assert.doesNotMatch((await nobody.get(NETWORK)).html, /ander systeem/);
  const there = await helped({Ali: {agreed: 'yes'}});
  assert.match((await there.get(NETWORK)).html, /Geef mee aan een ander systeem.*data-act="verify"/s);
  there.phone.verified = () => true;
  assert.match((await there.get(NETWORK)).html, new RegExp(`<a class="button" href="/networks/${DE_WIT}" hx-boost="false">.*Bewaar het bestand`));
  there.env.on = false;
  assert.match((await there.get(NETWORK)).html, /Hiervoor is verbinding nodig\./);
});

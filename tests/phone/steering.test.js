/** How help is steered on Amina's phone, without signal: escalating, stepping down, evaluating, deviating with a reason, and what gets stuck. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as merge from '../../sync/merge.js';
import {ANNIE, DE_WIT, PLAN, WIM, aNeighbourhood, withValues} from './neighbourhood.js';
import {anId, elsewhere} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const STEERING = `${ROOT}/steering`;
const DAY_MS = 24 * 3600 * 1000;

/** A form of this kind filled in and sent: {status, html, location, id}. */
async function written({get, post}, kind, fields) {
  const page = await get(`${STEERING}/new?kind=${kind}`);
  const given = await post(`${STEERING}?kind=${kind}`, withValues(page, fields));
  return {...given, id: given.location && new URL(given.location, 'https://x').searchParams.get('saved')};
}

const step = async ({get, post}, id, fields) => post(`/steering/${id}?in=${DE_WIT}`, withValues(await get(`/steering/${id}?in=${DE_WIT}`), fields));

async function of(phone, subject, kind) {
  return (await phone.records(subject)).filter((one) => one.kind === kind).map((one) => merge.shown(one).fields);
}

test('a household has one way in, which says what can be done', async () => {
  const {get} = await aNeighbourhood();
  assert.match((await get(ROOT)).html, new RegExp(`href="${STEERING}"><svg.*</svg>Hoe nu verder`));
  const {html} = await get(STEERING);
  assert.match(html, /Hoe nu verder met familie De Wit\?.*Opschalen.*Afschalen.*Evaluatie.*Afwijken met reden.*Hier loopt het vast/s);
  assert.doesNotMatch(html, /Loopt nu|Eerder vastgelegd/);
});

test('an escalation shows whom to call without signal, and reads under the topic that was chosen', async () => {
  const there = await aNeighbourhood();
  there.desk.put(elsewhere('involved', {subject: `resident:${ANNIE}`, topic: 'practical', fields: {organisation: 'Huisartsenpraktijk', name: 'dr. Bos', phone: '030-0000111'}}));
  await there.phone.sync();
  const page = await there.get(`${STEERING}/new?kind=escalation`);
  assert.match(page.html, /tel:112.*tel:08002000.*tel:08000113.*dr\. Bos, Huisartsenpraktijk.*030-0000111/s);
  const about = {resident: WIM, topic: 'mind', reasons: ['psychiatry', 'own_limit'], recipient: 'gp', question: 'Kan de dokter meekijken?', respond_by: '2026-11-24'};
  assert.match((await there.post('/drafts', withValues(page, {...about, recipient: ''}))).html, /#readers/);
  const {location, id} = await written(there, 'escalation', about);
  assert.equal(location, `${STEERING}?saved=${id}`);
  const {html} = await there.get(location);
  assert.match(html, /Bewaard\. Nu nog alleen op deze telefoon.*Loopt nu.*Opgeschaald: antwoord afwachten.*Kan de dokter meekijken\? · antwoord verwacht dinsdag 24 november/s);
  const [{change}] = await there.phone.waiting();
  assert.deepEqual([change.subject, change.topic, change.fields.reasons, change.fields.day], [`resident:${WIM}`, 'mind', ['psychiatry', 'own_limit'], '2026-11-22']);
  assert.match((await there.get(ROOT)).html, /Opgeschaald: antwoord afwachten/);
});

test('an escalation without a question or whom it is for comes back as it was typed', async () => {
  const there = await aNeighbourhood();
  const {status, html} = await written(there, 'escalation', {with: 'praktijk Bos', respond_by: '2026-11-01'});
  assert.equal(status, 422);
  assert.match(html, /value="praktijk Bos".*wrong-question.*wrong-respond_by/s);
  assert.match(html, /wrong-recipient/);
  assert.deepEqual(await there.phone.waiting(), []);
});

test('an escalation without an answer is due the day after, quietly, on Vandaag and with the household, until it is answered', async () => {
  const there = await aNeighbourhood();
  const {id} = await written(there, 'escalation', {recipient: 'gp', question: 'Kan de dokter meekijken?', respond_by: '2026-11-24'});
  there.clock.at += 2 * DAY_MS;
  assert.doesNotMatch((await there.get('/today')).html, /Opnieuw kijken/);
  there.clock.at += DAY_MS;
  assert.match((await there.get('/today')).html, /Opnieuw kijken.*Opgeschaald: antwoord afwachten.*Familie De Wit · Kan de dokter.*nu kijken/s);
  assert.match((await there.get(`/steering/${id}?in=${DE_WIT}`)).html, /De dag is voorbij en er is nog geen antwoord.*tel:112/s);
  assert.equal((await step(there, id, {step: 'answered'})).status, 422);
  const {location} = await step(there, id, {step: 'answered', came_of_it: 'Dokter komt donderdag.'});
  assert.match((await there.get(location)).html, /Wat eruit kwam<\/dt><dd>Dokter komt donderdag\./);
  assert.doesNotMatch((await there.get('/today')).html, /Opnieuw kijken/);
  await step(there, id, {step: 'closed'});
  const {html} = await there.get(STEERING);
  assert.doesNotMatch(html, /Loopt nu/);
  assert.match(html, /Eerder vastgelegd.*Kan de dokter meekijken/s);
  assert.doesNotMatch((await there.get(`/steering/${id}?in=${DE_WIT}`)).html, /<textarea/);
});

test('stepping down needs who takes over or that nothing is needed, and ends the plan in the same save', async () => {
  const there = await aNeighbourhood();
  const fields = {plan: PLAN, how: 'stop', end: 'yes', why: 'Wond is dicht.', check_on: '2026-11-27'};
  assert.match((await written(there, 'step_down', fields)).html, /wrong-takes_over/);
  const {id} = await written(there, 'step_down', {...fields, takes_over: 'nothing_needed'});
  assert.deepEqual((await there.phone.waiting()).map(({change: {kind, fields: {until}}}) => [kind, until]), [['step_down', undefined], ['schedule', '2026-11-21']]);
  assert.doesNotMatch((await there.get(ROOT)).html, /Gepland/);
  there.clock.at += 5 * DAY_MS;
  assert.match((await there.get('/today')).html, /Afgeschaald: gaat het goed zo\?.*nu kijken/s);
  assert.match((await there.get(`/steering/${id}?in=${DE_WIT}`)).html, /Wond verzorgen.*Stoppen.*Niets meer nodig/s);
  await step(there, id, {step: 'checked', came_of_it: 'Gaat goed.'});
  assert.deepEqual((await of(there.phone, `household:${DE_WIT}`, 'step_down')).map((one) => [one.came_of_it, one.checked_on]), [['Gaat goed.', '2026-11-27']]);
  assert.doesNotMatch((await there.get('/today')).html, /Afgeschaald/);
});

test('less of a plan leaves the plan as it is', async () => {
  const there = await aNeighbourhood();
  await written(there, 'step_down', {plan: PLAN, how: 'reduce', end: 'yes', why: 'Dochter doet de helft.', takes_over: 'network'});
  assert.deepEqual((await there.phone.waiting()).map(({change: {kind}}) => kind), ['step_down']);
});

test('each party answers the same question by itself, and the next day is free', async () => {
  const there = await aNeighbourhood();
  const {id} = await written(there, 'evaluation', {day: '2026-11-22'});
  assert.match((await there.get('/today')).html, /Zitten we nog op de goede weg\?/);
  assert.equal((await step(there, id, {step: 'opinion'})).status, 422);
  await step(there, id, {step: 'opinion', party: 'resident', name: 'Annie', text: 'Ik wil vaker naar buiten.'});
  await step(there, id, {step: 'opinion', party: 'network', text: 'Het gaat zo.'});
  const page = await there.get(`/steering/${id}?in=${DE_WIT}`);
  assert.match(page.html, /De cliënt · Annie.*Ik wil vaker naar buiten\..*Familie of netwerk.*Het gaat zo\./s);
  assert.equal((await step(there, id, {step: 'held', next: '2026-11-22'})).status, 422);
  await step(there, id, {step: 'held', next: '2027-02-14'});
  assert.deepEqual((await of(there.phone, `resident:${ANNIE}`, 'evaluation')).map((one) => [one.day, one.held_on ?? null]), [['2026-11-22', '2026-11-22'], ['2027-02-14', null]]);
  assert.equal((await of(there.phone, `resident:${ANNIE}`, 'opinion')).length, 2);
  assert.match((await there.get(STEERING)).html, /Loopt nu.*afgesproken: zondag 14 februari 2027.*Eerder vastgelegd.*Zitten we nog op de goede weg\?/s);
});

test('nobody signs a deviation without its reason, and afterwards there is only a new version beside the old one', async () => {
  const there = await aNeighbourhood();
  assert.match((await written(there, 'deviation', {rule: 'Elke dag wegen'})).html, /wrong-why/);
  const {id} = await written(there, 'deviation', {rule: 'Elke dag wegen', why: 'Zij wordt er bang van.', informed: 'Huisarts'});
  const page = await there.get(`/steering/${id}?in=${DE_WIT}`);
  assert.doesNotMatch(page.html, /<textarea|name="step"/);
  const renewed = await there.get(`${STEERING}/new?kind=deviation&replaces=${id}`);
  assert.match(renewed.html, /value="Elke dag wegen".*Zij wordt er bang van\./s);
  const {location} = await there.post(`${STEERING}?kind=deviation&replaces=${id}`, withValues(renewed, {why: 'Zij wordt er bang van en eet dan niet.'}));
  const html = (await there.get(location)).html;
  assert.equal(html.match(/Elke dag wegen/g).length, 1);
  const latest = new URL(location, 'https://x').searchParams.get('saved');
  assert.match((await there.get(`/steering/${latest}?in=${DE_WIT}`)).html, /eet dan niet\..*Eerdere versies.*Zij wordt er bang van\./s);
  assert.match((await there.get(`/steering/${id}?in=${DE_WIT}`)).html, new RegExp(`/steering/${latest}.*Er is een nieuwere versie`));
});

test('what gets stuck asks quietly for names, and stands in no way', async () => {
  const there = await aNeighbourhood();
  const page = await there.get(`${STEERING}/new?kind=obstacle`);
  const said = async (text) => (await there.post('/drafts', withValues(page, {text}))).html;
  assert.match(await said('Annie in de Kadestraat wacht acht maanden'), /#warn-text.*een naam, een adres te staan/s);
  assert.doesNotMatch(await said('De wachtlijst is acht maanden'), /Hier lijkt/);
  const {location} = await written(there, 'obstacle', {sort: 'waiting_list', text: 'De wachtlijst voor Annie is acht maanden'});
  assert.match((await there.get(location)).html, /Eerder vastgelegd.*De wachtlijst voor Annie.*Hier loopt het vast/s);
});

test('a half-written form comes back, of its own kind', async () => {
  const there = await aNeighbourhood();
  await there.post('/drafts', withValues(await there.get(`${STEERING}/new?kind=deviation`), {why: 'Halverwege'}));
  assert.match((await there.get(`${STEERING}/new?kind=deviation`)).html, /je concept staat er weer.*Halverwege/s);
  assert.doesNotMatch((await there.get(`${STEERING}/new?kind=escalation`)).html, /Halverwege/);
});

test('what is not here, or is no such thing, is not there', async () => {
  const {get, post} = await aNeighbourhood();
  for (const path of [`/households/${anId()}/steering`, `${STEERING}/new?kind=task`, `/steering/${anId()}?in=${DE_WIT}`, `/steering/${PLAN}?in=${DE_WIT}`]) assert.equal((await get(path)).status, 404, path);
  assert.equal((await post(`/steering/${anId()}?in=${DE_WIT}`, {op: anId(), step: 'closed'})).status, 404);
  assert.equal((await post(`${STEERING}?kind=reading`, {op: anId()})).status, 404);
});

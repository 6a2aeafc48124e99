/** Wie mag wat weten: asked at the table, read back in plain words, as easily refused and taken back, offline. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ANNIE, BOUAZZA, DE_WIT, FATIMA, FENNA_HERSELF, WELFARE, WELFARE_TEAM, aNeighbourhood, withValues} from './neighbourhood.js';
import {TEAM, anId, elsewhere} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const BUDDY = {resident: ANNIE, to: `team:${WELFARE_TEAM}`, topics: ['social', 'money'], purpose: 'Om samen een maatje te zoeken.', period: 'other', until: '2027-03-01'};
const waiting = async (phone) => (await phone.waiting()).map(({change}) => change);

async function asked(world, fields = {}, root = ROOT) {
  const form = await world.get(`${root}/consents/new`);
  return world.post(`${root}/consents`, withValues(form, {...BUDDY, answer: 'yes', ...fields}));
}

test('the sentence is read back while switches are touched, and nothing is chosen beforehand', async () => {
  const {get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/consents/new`);
  assert.match(form.html, /Zet hieronder aan waar het over gaat\./);
  assert.doesNotMatch(form.html, /role="switch"[^>]* checked/);
  const {html} = await post('/drafts', withValues(form, BUDDY));
  assert.match(html, /#whom"[^>]*>Sociaal werk · Buurtteam van Welzijn<.*#sentence"[^>]*>Mag weten wat we bespreken over uw contacten en uw geld, om samen een maatje te zoeken\. Tot en met 1 maart 2027\. Niet wat er eerder is opgeschreven\. Dit gaat nergens anders over, dus ook niet over hoe u zich voelt en uw gezondheid\./);
});

test('a yes is a card per recipient with its sentence, its words and its true state', async () => {
  const world = await aNeighbourhood();
  const {location} = await asked(world, {present: 'dochter Els'});
  const [{subject, topic, fields}] = await waiting(world.phone);
  assert.deepEqual([subject, topic, fields.to_kind, fields.to, fields.topics, fields.until, fields.before], [`resident:${ANNIE}`, 'practical', 'team', WELFARE_TEAM, ['social', 'money'], '2027-03-01', false]);
  assert.match(fields.words, /^Sociaal werk · Buurtteam van Welzijn\nMag weten .*\nJa, dat mag$/s);
  const {html} = await world.get(location);
  assert.match(html, /Afspraak bewaard\. Nu nog alleen op deze telefoon\..*Wijkteam komt bij u thuis\..*Sociaal werk · Buurtteam van Welzijn.*Mag weten.*Sinds 22 november 2026\. Gesproken, met erbij: dochter Els\..*Opgeschreven door Amina.*alleen op deze telefoon.*Intrekken/s);
  await world.phone.sync();
  assert.match((await world.get(location)).html, /Het kantoor heeft het ontvangen/);
});

test('to withdraw is one tap, offline too, and allowing again opens the form filled in but for money', async () => {
  const world = await aNeighbourhood();
  const {location} = await asked(world);
  world.desk.fault = 'before';
  const [, action] = /action="(\/consents[^"]+)"/.exec((await world.get(location)).html);
  const {html} = await world.get((await world.post(action, {op: anId()})).location);
  assert.match(html, /Ingetrokken\. Nu nog alleen op deze telefoon\..*Ingetrokken of afgelopen.*Ingetrokken op 22 november 2026.*Opnieuw toestaan/s);
  assert.equal((await waiting(world.phone)).at(-1).fields.withdrawn, true);
  assert.match(html, /Van welke telefoons het weg is, staat hier zodra er bereik is\./);
  await world.post(action, {op: anId()});
  assert.equal((await waiting(world.phone)).length, 2);
  const again = await world.get(/href="([^"]+again=[^"]+)"/.exec(html)[1]);
  assert.match(again.html, new RegExp(`value="${ANNIE}" checked.*value="team:${WELFARE_TEAM}" selected.*value="social" checked.*value="money">`, 's'));
});

test('once the office has heard of a withdrawal, the page asks it from how many phones it is gone', async () => {
  const world = await aNeighbourhood();
  const {location} = await asked(world);
  const [, action, id] = /action="(\/consents\/([^/]+)[^"]+)"/.exec((await world.get(location)).html);
  const after = (await world.post(action, {op: anId()})).location;
  await world.phone.sync();
  assert.match((await world.get(after)).html, new RegExp(`hx-get="/receipts/${id}"`));
  world.env.on = false;
  assert.doesNotMatch((await world.get(after)).html, /hx-get="\/receipts/);
});

test('a no is as short as a yes, does not run out, and takes back the yes it covers', async () => {
  const world = await aNeighbourhood();
  await asked(world);
  const {location} = await asked(world, {answer: 'no'});
  const {html} = await world.get(location);
  assert.match(html, /Liever niet: dat is bewaard\..*Er is nog niets afgesproken.*U wilt liever niet dat Buurtteam van Welzijn weet wat we bespreken over uw contacten en uw geld\..*Ingetrokken op/s);
  const [, no, back] = await waiting(world.phone);
  assert.deepEqual([no.fields.answer, no.fields.until, back.fields.withdrawn], ['no', undefined, true]);
});

test('a no to part of it leaves the rest of the yes, and says so', async () => {
  const world = await aNeighbourhood();
  await asked(world);
  const {location} = await asked(world, {answer: 'no', topics: ['money']});
  assert.match((await world.get(location)).html, /Mag weten wat we bespreken over uw contacten, om.*Wat u liever niet wilt.*over uw geld\./s);
});

test('a yes to part of what was refused leaves the rest refused', async () => {
  const world = await aNeighbourhood();
  await asked(world, {answer: 'no'});
  await asked(world, {topics: ['social']});
  const all = await waiting(world.phone);
  assert.deepEqual(all.slice(1).map(({fields: {answer, topics, withdrawn}}) => [answer, topics, withdrawn]), [['yes', ['social'], undefined], [undefined, undefined, true], ['no', ['money'], undefined]]);
});

test('what is missing is asked for beside its field and nothing typed is lost', async () => {
  const world = await aNeighbourhood();
  const {status, html} = await asked(world, {resident: [], to: '', topics: [], until: '2026-11-01'});
  assert.equal(status, 422);
  assert.match(html, /Kies over wie het gaat\..*Kies wie het mag weten\..*Zet ten minste één onderwerp aan\..*value="Om samen een maatje te zoeken\.".*Kies een dag die nog komt\./s);
  assert.deepEqual(await waiting(world.phone), []);
});

test('a half-filled form comes back, and who lives alone is not asked for', async () => {
  const {get, post} = await aNeighbourhood();
  const form = await get(`/households/${BOUAZZA}/consents/new`);
  assert.match(form.html, new RegExp(`type="hidden" name="resident" value="${FATIMA}"`));
  await post('/drafts', withValues(form, {purpose: 'voor de post'}));
  assert.match((await get(`/households/${BOUAZZA}/consents/new`)).html, /je concept staat er weer.*value="voor de post"/s);
});

test('agreement with help and consent as a ground stand apart and open nothing', async () => {
  const world = await aNeighbourhood();
  const {location} = await asked(world, {about: 'help', topics: ['practical']});
  assert.match((await world.get(location)).html, /Er is nog niets afgesproken.*Andere afspraken.*leest niemand meer of minder mee.*Mag u helpen\. Het gaat over uw dagelijkse dingen/s);
  assert.match((await world.get(`${ROOT}/tasks/new`)).html, /Wijkteam leest dit\. Vrijwilligers lezen niets\./);
});

test('before writing one line says who reads it, and a no counts', async () => {
  const world = await aNeighbourhood();
  await asked(world, {topics: ['social', 'mind']});
  assert.match((await world.get(`${ROOT}/visits/new`)).html, /id="readers">Wijkteam leest dit\. Buurtteam leest alleen sociaal en geest\. Vrijwilligers lezen niets\./);
  await asked(world, {to: `person:${FENNA_HERSELF}`, topics: ['mind'], answer: 'no'});
  await asked(world, {to: `team:${TEAM}`, topics: ['mind'], answer: 'no'});
  assert.match((await world.get(`${ROOT}/visits/new`)).html, /Wijkteam leest dit, maar niet geest\..*Fenna Smit leest alleen sociaal\./);
});

test('an organisation is named once for its teams, and many readers are counted', async () => {
  const world = await aNeighbourhood();
  await asked(world, {to: `organisation:${WELFARE}`, topics: ['practical', 'social']});
  assert.match((await world.get(`${ROOT}/schedules/new`)).html, /Wijkteam leest dit\. Welzijn leest mee\. Vrijwilligers lezen niets\./);
  const contact = withValues(await world.get('/contacts/new'), {resident: ANNIE, text: 'Koffie'});
  assert.match((await world.post('/drafts', contact)).html, /#readers"[^>]*>Wijkteam leest dit\. Welzijn leest mee\./);
});

test('a lead reads what was opened to one of the team, and a volunteer who was named reads nothing', async () => {
  const world = await aNeighbourhood();
  const [bas, vera] = [anId(), anId()];
  for (const [person, name, role] of [[bas, 'Bas Lead', 'lead'], [vera, 'Vera Vrij', 'volunteer']]) {
    world.desk.put(elsewhere('colleague', {subject: `organisation:${WELFARE}`, topic: 'practical', fields: {person, name, role, team: WELFARE_TEAM, team_name: 'Buurtteam', organisation_name: 'Welzijn'}}));
  }
  await world.phone.sync();
  await asked(world, {to: `person:${FENNA_HERSELF}`, topics: ['mind', 'social']});
  await asked(world, {to: `person:${vera}`, topics: ['practical']});
  assert.match((await world.get(`${ROOT}/visits/new`)).html, /id="readers">Wijkteam leest dit\. Fenna Smit leest alleen sociaal en geest\. Bas Lead leest alleen sociaal en geest\. Vrijwilligers lezen niets\./);
});

test('a team of volunteers that was named is not told to read, nor its organisation', async () => {
  const world = await aNeighbourhood();
  const [buddies, house] = [anId(), anId()];
  const fields = {person: anId(), name: 'Vera Vrij', role: 'volunteer', team: buddies, team_name: 'Maatjes', organisation_name: 'De Haard'};
  world.desk.put(elsewhere('colleague', {subject: `organisation:${house}`, topic: 'practical', fields}));
  world.desk.pairs = [...world.desk.pairs, [`organisation:${house}`, 'practical', null]];
  await world.phone.sync();
  for (const to of [`team:${buddies}`, `organisation:${house}`]) await asked(world, {to, topics: ['practical']});
  assert.match((await world.get(`${ROOT}/visits/new`)).html, /id="readers">Wijkteam leest dit\. Vrijwilligers lezen niets\.</);
});

test('who holds a household by a word alone is not told that the team reads along', async () => {
  const world = await aNeighbourhood();
  world.desk.pairs = world.desk.pairs.map(([subject, topic, until]) => [subject, topic, until, 0, subject === `household:${BOUAZZA}` || subject === `resident:${FATIMA}` ? 'consent' : 'care']);
  await world.phone.sync();
  assert.match((await world.get(`/households/${BOUAZZA}/tasks/new`)).html, /id="readers">Wijkteam leest niet mee\./);
  assert.match((await world.get(`${ROOT}/tasks/new`)).html, /id="readers">Wijkteam leest dit\./);
});

test('what is practical of a household stays with the care, whatever its residents would rather not', async () => {
  const world = await aNeighbourhood();
  await asked(world, {to: `team:${TEAM}`, topics: ['practical'], answer: 'no'}, `/households/${BOUAZZA}`);
  await asked(world, {resident: FATIMA, to: `team:${TEAM}`, topics: ['practical'], answer: 'no'}, `/households/${BOUAZZA}`);
  assert.match((await world.get(`/households/${BOUAZZA}/tasks/new`)).html, /id="readers">Wijkteam leest dit\./);
  assert.match((await world.get(`/residents/${FATIMA}/edit?in=${BOUAZZA}`)).html, /id="readers">Wijkteam leest niet mee\./);
  assert.match((await world.get(`/households/${BOUAZZA}/residents/new`)).html, /id="readers">Wijkteam leest dit\./);
});

test('a page of somebody who is not on this phone, or a consent that is not there, says nothing', async () => {
  const {get, post} = await aNeighbourhood();
  for (const path of [`/households/${anId()}/consents`, `/households/${anId()}/consents/new`, `/households/${anId()}/shares`, `/why/${anId()}?in=${DE_WIT}`]) assert.equal((await get(path)).status, 404);
  assert.equal((await post(`/consents/${anId()}/withdrawal?in=${DE_WIT}`, {op: anId()})).status, 404);
});

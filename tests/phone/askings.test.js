/** Could somebody nearby do this? Asked beside a new plan or task, skipped with one tap, and answered later. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {DE_WIT, PLAN, aNeighbourhood, withValues} from './neighbourhood.js';
import {anId, elsewhere} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const SUBJECT = {subject: `household:${DE_WIT}`, topic: 'practical'};
const DAY_MS = 24 * 3600_000;
const GERRIT = anId();

/** A household that is known for a fortnight, with these helpers {name: fields}. */
async function known(helpers) {
  const there = await aNeighbourhood();
  there.clock.at += 14 * DAY_MS;
  const ids = Object.fromEntries(Object.keys(helpers).map((name) => [name, anId()]));
  const put = (kind, fields, record) => there.desk.put(elsewhere(kind, {...SUBJECT, fields, record}));
  for (const [name, fields] of Object.entries(helpers)) put('helper', {name, relation: 'neighbour', agreed: 'yes', ...fields}, ids[name]);
  await there.phone.sync();
  return {...there, ids, put};
}

async function planned({get, post}, fields) {
  const {location} = await post(`${ROOT}/schedules`, withValues(await get(`${ROOT}/schedules/new`), fields));
  return {path: location, plan: /schedules\/([^?]+)/.exec(location)[1], ...(await get(location))};
}

function names({html}) {
  return [...html.matchAll(/<strong>Vraag (\w+)<\/strong>/g)].map(([, name]) => name);
}

test('a new household is not asked about, nor one whose network is left out on purpose', async () => {
  const fresh = await aNeighbourhood();
  assert.doesNotMatch((await planned(fresh, {what: 'Koffie'})).html, /Kan iemand dichtbij/);
  const there = await known({Ali: {}});
  there.put('pause', {what: 'network_left_out', why: 'Wil dat zelf zo', since: '2026-11-22'});
  await there.phone.sync();
  assert.doesNotMatch((await planned(there, {what: 'Koffie'})).html, /Kan iemand dichtbij|Vraag iemand dichtbij/);
  const {location} = await there.post(`${ROOT}/tasks`, withValues(await there.get(`${ROOT}/tasks/new`), {task_what: 'Lamp'}));
  assert.match(location, /^\/households\//);
});

test('the best comes first: whose day it is, who is near, who likes it, who was asked least', async () => {
  const there = await known({
    Far: {near: 'further', weekdays: [1]}, Near: {near: 'street'}, Likes: {near: 'street', can: ['groceries']}, Busy: {near: 'street', can: ['groceries']}, Never: {agreed: 'no'}, Other: {near: 'home', weekdays: [4]},
  });
  there.put('asking', {plan: PLAN, outcome: 'asked', helper: there.ids.Busy, way: 'spoken', at: there.clock.at - DAY_MS});
  there.put('asking', {plan: PLAN, outcome: 'asked', helper: there.ids.Likes, way: 'spoken', at: there.clock.at - 100 * DAY_MS});
  await there.phone.sync();
  const page = await planned(there, {what: 'Samen boodschappen doen', start: '2026-12-08'});
  assert.deepEqual(names(page), ['Far', 'Likes', 'Busy', 'Near', 'Other']);
  assert.match(page.html, /Vraag Far<\/strong><small>komt die dag al · verder weg · nog nooit gevraagd/);
  assert.match(page.html, /Vraag Busy<\/strong><small>in de straat · 1 keer gevraagd/);
});

test('who carries much is told so', async () => {
  const there = await known({Anja: {weekdays: [0, 1, 2, 3]}});
  assert.match((await planned(there, {what: 'Koffie'})).html, /Vraag Anja.*doet al veel/s);
});

test('one tap skips, and nothing asks again by itself', async () => {
  const there = await known({Ali: {}});
  const {path, plan, html} = await planned(there, {what: 'Koffie'});
  assert.match(html, /Kan iemand dichtbij dit doen\?.*name="outcome" value="skipped">Sla over/s);
  const {location} = await there.post(`${ROOT}/askings`, {op: anId(), plan, outcome: 'skipped'});
  const after = (await there.get(location)).html;
  assert.match(after, /Bewaard\. Nu nog alleen op deze telefoon\..*Niet gevraagd/s);
  assert.doesNotMatch(after, /Kan iemand dichtbij dit doen/);
  assert.match((await there.get(path)).html, /Vraag iemand dichtbij/);
});

test('one tap asks, and the answer is filled in later', async () => {
  const there = await known({Riet: {}});
  const {plan} = await planned(there, {what: 'Koffie'});
  const {location} = await there.post(`${ROOT}/askings`, {op: anId(), plan, helper: there.ids.Riet});
  const {html} = await there.get(location);
  assert.match(html, /Riet is gevraagd.*Zei ja.*Zei nee/s);
  const asked = (await there.phone.waiting()).at(-1).change.fields;
  assert.deepEqual([asked.outcome, asked.helper, asked.way], ['asked', there.ids.Riet, 'spoken']);
  const answered = await there.post(/action="(\/askings[^"]*)"/.exec(html)[1], {op: anId(), answer: 'no'});
  assert.match((await there.get(answered.location)).html, /Riet: nee/);
});

test('a yes to a task makes it that helper’s, and it is shown on the household', async () => {
  const there = await known({Riet: {}});
  const {location} = await there.post(`${ROOT}/tasks`, withValues(await there.get(`${ROOT}/tasks/new`), {task_what: 'Lamp ophangen'}));
  const page = await there.get(location);
  assert.match(page.html, /Taak bewaard\..*Kan iemand dichtbij dit doen\?/s);
  const plan = /tasks\/([^?]+)/.exec(location)[1];
  const asked = await there.get((await there.post(`${ROOT}/askings`, {op: anId(), plan, helper: there.ids.Riet})).location);
  const act = /action="(\/askings[^"]*)"/.exec(asked.html)[1];
  await there.post(act, {op: anId(), answer: 'yes'});
  assert.equal((await there.phone.waiting()).at(-1).change.fields.helper, there.ids.Riet);
  assert.match((await there.get(`/tasks/${plan}`)).html, /Riet: ja.*Toch nee/s);
  assert.match((await there.get(`${ROOT}/network`)).html, /Doet nu 1 taak: Lamp ophangen/);
  await there.post(act, {op: anId(), answer: 'no'});
  assert.match((await there.get(`/tasks/${plan}`)).html, /Riet: nee.*Toch ja/s);
  assert.doesNotMatch((await there.get(`${ROOT}/network`)).html, /Doet nu/);
});

test('a no of anybody is an answer like any other', async () => {
  const there = await known({});
  const {plan, html} = await planned(there, {what: 'Koffie'});
  assert.match(html, /Er staat nog niemand in het netwerk\..*De cliënt wil het niet.*De arts raadt het af/s);
  for (const outcome of ['nobody', 'resident_refused', 'doctor_refused']) await there.post(`${ROOT}/askings`, {op: anId(), plan, outcome});
  const after = await there.get(`/schedules/${plan}?in=${DE_WIT}`);
  for (const words of ['Er was niemand om te vragen', 'De cliënt wilde het liever niet', 'De arts raadde het af']) assert.ok(after.html.includes(words), words);
  assert.doesNotMatch(after.html, /chip alarm/);
});

test('who does not want to be asked cannot be, and what is no plan is not there', async () => {
  const there = await known({Rob: {agreed: 'no'}});
  const {plan} = await planned(there, {what: 'Koffie'});
  const before = (await there.phone.waiting()).length;
  await there.post(`${ROOT}/askings`, {op: anId(), plan, helper: there.ids.Rob});
  assert.equal((await there.phone.waiting()).length, before);
  assert.equal((await there.post(`${ROOT}/askings`, {op: anId(), plan: anId(), outcome: 'skipped'})).status, 404);
});

test('who has an account is asked on their own phone when the task has a day, and the office tells what came of it', async () => {
  const there = await known({Gerrit: {relation: 'volunteer', volunteer: GERRIT}});
  const {location} = await there.post(`${ROOT}/tasks`, withValues(await there.get(`${ROOT}/tasks/new`), {task_what: 'Naar de markt', task_soon: 'tomorrow'}));
  assert.match((await there.get(location)).html, /Vraag Gerrit<\/strong><small>krijgt het op de eigen telefoon · nog nooit gevraagd/);
  const plan = /tasks\/([^?]+)/.exec(location)[1];
  await there.post(`${ROOT}/askings`, {op: anId(), plan, helper: there.ids.Gerrit});
  const {change} = (await there.phone.waiting()).at(-1);
  assert.deepEqual([change.kind, change.fields.volunteer, change.fields.call], ['task', GERRIT, 'Amina']);
  await there.phone.sync();
  there.put('asking', {plan, outcome: 'asked', volunteer: GERRIT, way: 'app', answer: 'yes'});
  await there.phone.sync();
  const {html} = await there.get(`/tasks/${plan}`);
  assert.match(html, /Gerrit: ja/);
  assert.doesNotMatch(html, /Zei ja/);
  assert.match((await there.get(`${ROOT}/network`)).html, /Doet nu 1 taak: Naar de markt/);
});

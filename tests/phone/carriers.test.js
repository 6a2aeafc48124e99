/** Who carries the lines of a plan on Amina's phone: one tap, never asked for, in the same order everywhere, and told apart without colour. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {ANNIE, DE_WIT, PLAN, TASK, aNeighbourhood, withValues} from './neighbourhood.js';
import {anId, elsewhere} from './phones.js';

const ROOT = `/households/${DE_WIT}`;
const ORDER = /Zelf.*Netwerk.*Buurt.*Zorg en ondersteuning/s;

async function withTasks(...tasks) {
  const there = await aNeighbourhood();
  for (const fields of tasks) there.desk.put(elsewhere('task', {subject: `household:${DE_WIT}`, topic: 'practical', fields: {what: 'Iets', ...fields}}));
  await there.phone.sync();
  return there;
}

/** What the picture says, in words. */
function shares(html) {
  return /aria-label="(Er (?:is|zijn) nu [^"]*)"/.exec(html)?.[1];
}

test('a line that says nothing is reckoned by who does it', async () => {
  const {get} = await withTasks({helper: anId()}, {volunteer: anId()}, {carrier: 'self'});
  const {html} = await get(`${ROOT}/network`);
  assert.equal(shares(html), 'Er zijn nu 5 dingen gepland of te doen. Zelf: 1 van 5. Netwerk: 2 van 5. Buurt: 0 van 5. Zorg en ondersteuning: 2 van 5.');
  assert.match(html, /<span>Zelf<\/span><strong>1 van 5.*<span>Netwerk<\/span><strong>2 van 5.*<span>Buurt<\/span><strong>0 van 5.*<span>Zorg en ondersteuning<\/span><strong>2 van 5/s);
});

test('the bar has a part for each carrier that has any, in order, and is filled to its end', async () => {
  const {get} = await withTasks({carrier: 'neighbourhood'});
  const {html} = await get(`${ROOT}/network`);
  const bar = html.slice(html.indexOf('id="of-network"'), html.indexOf('<ul>', html.indexOf('id="of-network"')));
  const parts = [...bar.matchAll(/<rect class="(\w+)" fill="url\(#of-\w+\)" x="(\d+)" y="2" width="(\d+)"/g)].map(([, name, x, width]) => [name, Number(x), Number(width)]);
  assert.deepEqual(parts, [['neighbourhood', 0, 100], ['formal', 100, 200]]);
});

test('what was done or stopped is no line any more', async () => {
  const {get, post} = await withTasks({carrier: 'self'});
  assert.match(shares((await get(`${ROOT}/network`)).html), /3 dingen/);
  await post(`/tasks/${TASK}/completion?from=/tasks`, {op: anId(), outcome: 'done'});
  await post(`/schedules/${PLAN}/ending?in=${DE_WIT}`, {op: anId(), end: 'yes'});
  assert.match(shares((await get(`${ROOT}/network`)).html), /1 ding gepland.*Zelf: 1 van 1/);
});

test('each line of a household shows its carrier by a sign and a word', async () => {
  const {html} = await (await withTasks({what: 'Oefenen', carrier: 'self'})).get(ROOT);
  assert.match(html, /Wond verzorgen.*class="carrier"><svg class="icon" aria-hidden="true"><use href="#i-heart-pulse"\/><\/svg>Zorg en ondersteuning/s);
  assert.match(html, /Oefenen.*#i-circle-user"\/><\/svg>Zelf</s);
});

test('one tap changes who carries it, and what follows by itself is left to follow', async () => {
  const {phone, get, post} = await aNeighbourhood();
  for (const [path, id] of [[`/schedules/${PLAN}?in=${DE_WIT}`, PLAN], [`/tasks/${TASK}`, TASK]]) {
    assert.match((await get(path)).html, /Wie draagt dit\?.*value="self" aria-pressed="false".*value="formal" aria-pressed="true"/s);
    const {location} = await post(`/carriers/${id}?in=${DE_WIT}`, {op: anId(), carrier: 'network'});
    assert.match((await get(location)).html, /value="network" aria-pressed="true".*value="formal" aria-pressed="false"/s);
    await post(`/carriers/${id}?in=${DE_WIT}`, {op: anId(), carrier: 'formal'});
    await post(`/carriers/${id}?in=${DE_WIT}`, {op: anId(), carrier: 'formal'});
  }
  assert.deepEqual((await phone.waiting()).map(({change}) => change.fields), [{carrier: 'network'}, {carrier: null}, {carrier: 'network'}, {carrier: null}]);
  assert.equal((await post(`/carriers/${TASK}?in=${DE_WIT}`, {op: anId(), carrier: 'who knows'})).status, 404);
});

test('a form offers them in order with what is known chosen, and writes only what somebody chose', async () => {
  const {phone, get, post} = await aNeighbourhood();
  const form = await get(`${ROOT}/tasks/new`);
  assert.match(form.html, ORDER);
  assert.match(form.html, /name="carrier" value="formal" checked/);
  await post(`${ROOT}/tasks`, withValues(form, {task_what: 'Bellen'}));
  await post(`${ROOT}/tasks`, withValues(await get(`${ROOT}/tasks/new`), {task_what: 'Oefenen', carrier: 'self'}));
  await post(`${ROOT}/schedules`, withValues(await get(`${ROOT}/schedules/new`), {what: 'Koffie', carrier: 'neighbourhood'}));
  assert.deepEqual((await phone.waiting()).map(({change}) => change.fields.carrier), [undefined, 'self', 'neighbourhood']);
});

test('with a volunteer chosen it is the network’s, whatever stood there before', async () => {
  const {desk, phone, get, post} = await aNeighbourhood();
  const gerrit = anId();
  desk.put(elsewhere('colleague', {subject: `organisation:${anId()}`, topic: 'practical', record: gerrit, fields: {person: anId(), name: 'Gerrit', role: 'volunteer', team: anId(), team_name: 'Buren', organisation_name: 'De Haard'}}));
  desk.pairs = [...desk.pairs, [[...desk.records.values()].find(({id}) => id === gerrit).subject, 'practical', null]];
  await phone.sync();
  const values = withValues(await get(`${ROOT}/tasks/new`), {task_what: 'Rijden', task_soon: 'tomorrow', task_volunteer: gerrit});
  values.set('task_what', '');
  assert.match((await post(`${ROOT}/tasks`, values)).html, /name="carrier" value="network" checked/);
  values.set('task_what', 'Rijden');
  await post(`${ROOT}/tasks`, values);
  assert.deepEqual((await phone.waiting()).map(({change: {fields}}) => [fields.volunteer, fields.carrier]), [[gerrit, undefined]]);
});

test('a follow-up of a visit asks nothing about it', async () => {
  const {html} = await (await aNeighbourhood()).get(`${ROOT}/visits/new?schedule=${PLAN}&resident=${ANNIE}`);
  assert.doesNotMatch(html, /name="carrier"/);
});

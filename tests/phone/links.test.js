/** Links for who wants no account, on the nurse's phone: made without signal, shown once, and taken back. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {createHash} from 'node:crypto';
import * as merge from '../../sync/merge.js';
import {DE_WIT, aNeighbourhood, withValues} from './neighbourhood.js';
import {anId, elsewhere} from './phones.js';

const HOME = `household:${DE_WIT}`;
const DROPS = anId(), WALK = anId(), LATER = anId(), RIET = anId();

async function aStreet() {
  const there = await aNeighbourhood();
  const put = (kind, fields, record = anId()) => there.desk.put(elsewhere(kind, {subject: HOME, topic: 'practical', fields, record}));
  put('helper', {name: 'Riet', relation: 'neighbour'}, RIET);
  put('helper', {name: 'Nee', relation: 'neighbour', agreed: 'no'});
  put('helper', {name: 'Gerrit', relation: 'volunteer', volunteer: anId()});
  put('task', {what: 'Oogdruppels', due: '2026-11-23'}, DROPS);
  put('task', {what: 'Wandelen', due: '2026-11-20', every_days: 2, helper: RIET}, WALK);
  put('task', {what: 'Gras', due: '2026-12-20', helper: RIET}, LATER);
  await there.phone.sync();
  const kept = async (kind) => (await there.phone.records(HOME)).filter((one) => one.kind === kind).map((one) => merge.shown(one));
  return {...there, put, kept};
}

async function made(there, fields) {
  const path = `/tasks/${DROPS}/links`;
  return there.post(path, withValues(await there.get(path), {helper: RIET, scope: 'one', ...fields}));
}

test('a link is shown once; of its token the phone keeps the hash alone', async () => {
  const there = await aStreet();
  assert.match((await there.get(`/tasks/${DROPS}`)).html, new RegExp(`href="/tasks/${DROPS}/links"`));
  const page = await there.get(`/tasks/${DROPS}/links`);
  assert.match(page.html, /Riet/);
  assert.doesNotMatch(page.html, /Gerrit|Nee<|data-act="share"/);
  const {html, status} = await made(there);
  assert.equal(status, 200);
  const [, token] = /data-act="share" data-link="https:\/\/naober\.example\/l#([\w-]{22})"/.exec(html);
  const [{fields}] = await there.kept('link');
  assert.deepEqual(fields, {tasks: [DROPS], helper: RIET, token_hash: createHash('sha256').update(token).digest('hex'), until: '2026-11-24'});
  assert.ok(!JSON.stringify(await there.phone.records(HOME)).includes(token));
  const again = await there.get(`/tasks/${DROPS}/links`);
  assert.ok(!again.html.includes(token));
  assert.match(again.html, /Meegegeven links.*Riet.*Oogdruppels.*Werkt tot en met .*Trek in/s);
});

test('whom to call is said with it when nobody said so yet', async () => {
  const there = await aStreet();
  await made(there);
  assert.match((await there.kept('task')).find(({id}) => id === DROPS).fields.call, /^Amina/);
});

test('of a task that somebody took on they alone get a link', async () => {
  const there = await aStreet();
  there.put('helper', {name: 'Koos', relation: 'friend'});
  await there.phone.sync();
  assert.match((await there.get(`/tasks/${DROPS}/links`)).html, /Koos/);
  assert.doesNotMatch((await there.get(`/tasks/${WALK}/links`)).html, /Koos/);
});

test('a week of links brings along what the same helper took on for these days', async () => {
  const there = await aStreet();
  await made(there, {scope: 'week'});
  const [{fields}] = await there.kept('link');
  assert.deepEqual([fields.tasks, fields.until], [[DROPS, WALK], '2026-11-29']);
});

test('without a helper there is no link, nor of a task without a day or in a volunteer’s hands', async () => {
  const there = await aStreet();
  const wrong = await made(there, {helper: anId()});
  assert.deepEqual([wrong.status, /Kies voor wie de link is/.test(wrong.html)], [422, true]);
  for (const fields of [{what: 'Lamp'}, {what: 'Post', due: '2026-11-23', volunteer: anId()}]) {
    const id = anId();
    there.put('task', fields, id);
    await there.phone.sync();
    assert.equal((await there.get(`/tasks/${id}/links`)).status, 404);
    assert.doesNotMatch((await there.get(`/tasks/${id}`)).html, /links"/);
  }
});

test('a link is taken back without signal', async () => {
  const there = await aStreet();
  await made(there);
  const [{id}] = await there.kept('link');
  const {location} = await there.post(`/links/${id}/revocation?in=${DE_WIT}`, {op: anId()});
  assert.equal(location, `/tasks/${DROPS}/links?saved=${id}`);
  const {html} = await there.get(location);
  assert.match(html, /Ingetrokken\. Nu nog alleen op deze telefoon/);
  assert.doesNotMatch(html, /Trek in</);
});

test('what a helper answered is theirs on the page of the task, and says when it came too late', async () => {
  const there = await aStreet();
  const byOffice = (kind, fields) => there.desk.put(elsewhere(kind, {subject: HOME, topic: 'practical', fields, by: '00000000-0000-7000-8000-000000000000'}), {by: '00000000-0000-7000-8000-000000000000', role: 'office'});
  byOffice('completion', {task: DROPS, outcome: 'done', helper: RIET, day: '2026-11-23', late: true});
  await there.phone.sync();
  assert.match((await there.get(`/tasks/${DROPS}`)).html, /kwam binnen toen de link al klaar was.*Riet, helper uit de buurt/);
});

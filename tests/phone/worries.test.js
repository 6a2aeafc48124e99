/** A volunteer's worry and what was said of a task that somebody else does, on the phone of the household's nurse. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as merge from '../../sync/merge.js';
import {DE_WIT, VISIT, aNeighbourhood, filledIn, withValues} from './neighbourhood.js';
import {anId, elsewhere} from './phones.js';

const OFFICE = '00000000-0000-7000-8000-000000000000';
const GERRIT = anId(), TASK = anId(), WORRY = anId();
const HOME = `household:${DE_WIT}`;

/** Amina's phone, with volunteer Gerrit in who-is-who; `put` is the office's hand. */
async function aStreet(options) {
  const at = await aNeighbourhood(options);
  const put = (kind, fields, {record = anId(), subject = HOME, seen = 0} = {}) =>
    at.desk.put(elsewhere(kind, {subject, topic: 'practical', fields, record, seen, by: OFFICE}), {by: OFFICE, role: 'office'});
  const [organisation] = at.desk.pairs[0];
  put('colleague', {person: anId(), name: 'Gerrit Mulder', role: 'volunteer', team: anId(), team_name: 'Buren', organisation_name: 'De Haard'}, {record: GERRIT, subject: organisation});
  await at.phone.sync();
  return {...at, put};
}

const kept = async (phone, kind) => (await phone.records(HOME)).filter((one) => one.kind === kind).map((one) => merge.shown(one));

test('a task is given to a volunteer with how it is done, when, and whom to call', async () => {
  const {get, post, phone} = await aStreet();
  const page = await get(`/households/${DE_WIT}/tasks/new`);
  for (const words of ['Iemand anders doet het', 'Gerrit Mulder · De Haard', 'Niets uit het dossier']) assert.ok(page.html.includes(words), words);
  const asked = {task_what: 'Oogdruppels', task_volunteer: GERRIT, task_instructions: 'Eén druppel.', task_time: '09:00', task_call: 'Amina', task_call_phone: '06-1'};
  assert.ok((await post('/drafts', withValues(page, asked))).html.includes('Gerrit Mulder leest alleen wat er moet gebeuren, hoe en wanneer.'));
  const undated = await post(`/households/${DE_WIT}/tasks`, withValues(page, asked));
  assert.equal(undated.status, 422);
  assert.ok(undated.html.includes('Gerrit Mulder leest alleen') && !undated.html.includes('Vrijwilligers lezen niets'));
  assert.ok(undated.html.includes('Kies een dag'));
  assert.equal((await post(`/households/${DE_WIT}/tasks`, withValues(page, {...asked, task_soon: 'tomorrow'}))).status, 303);
  const {fields} = (await kept(phone, 'task')).find((one) => one.fields.what === 'Oogdruppels');
  assert.deepEqual([fields.volunteer, fields.due, fields.time, fields.instructions, fields.call, fields.call_phone], [GERRIT, '2026-11-23', '09:00', 'Eén druppel.', 'Amina', '06-1']);
  assert.ok((await get(`/households/${DE_WIT}`)).html.includes('gevraagd: Gerrit Mulder'));
  assert.ok(!(await get('/tasks')).html.includes('Oogdruppels'), 'what somebody else does is not on my list');
  assert.ok((await get('/tasks?whose=team')).html.includes('Oogdruppels'));
});

test('a repeating task counts a day at a time, and who did it is said', async () => {
  const {get, post, put, phone} = await aStreet();
  put('task', {what: 'Wandelen', due: '2026-11-20', every_days: 1, until: '2026-12-31', volunteer: GERRIT}, {record: TASK});
  put('asking', {plan: TASK, outcome: 'asked', volunteer: GERRIT, way: 'app', answer: 'yes'});
  put('completion', {task: TASK, outcome: 'done', day: '2026-11-20', volunteer: GERRIT, text: 'Tot de brug.'});
  await phone.sync();
  const {html} = await get(`/tasks/${TASK}?from=/tasks`);
  assert.ok(!html.includes('gevraagd: Gerrit'));
  for (const words of ['elke dag', 'gisteren · Gerrit Mulder doet het', 'Tot de brug.', 'Gerrit Mulder, vrijwilliger bij De Haard']) assert.ok(html.includes(words), words);
  const [, act] = /action="([^"]+completion[^"]*)"/.exec(html);
  await post(act.replaceAll('&amp;', '&'), {outcome: 'done', op: anId()});
  assert.deepEqual((await kept(phone, 'completion')).map(({fields}) => fields.day).sort(), ['2026-11-20', '2026-11-21']);
  assert.ok((await get(`/tasks/${TASK}?from=/tasks`)).html.includes('vandaag · Gerrit'));
});

test('what is asked already is said beside the form, and stands in no way', async () => {
  const {get, post, phone} = await aStreet();
  const page = await get(`/households/${DE_WIT}/tasks/new`);
  const said = async (what) => (await post('/drafts', withValues(page, {task_what: what}))).html;
  assert.ok((await said('Zalf ophalen bij de apotheek')).includes('Dit lijkt op wat er al staat: Zalf ophalen (gisteren · Amina).'));
  assert.ok(!(await said('Wandelen langs het water')).includes('Dit lijkt op'));
  assert.equal((await post(`/households/${DE_WIT}/tasks`, withValues(page, {task_what: 'Zalf halen en ophalen'}))).status, 303);
  assert.equal((await kept(phone, 'task')).length, 2);
});

test('the yes of who was asked before is no yes of who is asked now', async () => {
  const {get, put, phone} = await aStreet();
  put('task', {what: 'Wandelen', due: '2026-11-22', volunteer: GERRIT}, {record: TASK});
  put('asking', {plan: TASK, outcome: 'asked', volunteer: anId(), way: 'app', answer: 'yes'});
  await phone.sync();
  assert.ok((await get(`/households/${DE_WIT}`)).html.includes('gevraagd: Gerrit Mulder'));
});

test('a task must say on which days, and until a day that comes after', async () => {
  const {get, post} = await aStreet();
  const page = await get(`/households/${DE_WIT}/tasks/new`);
  for (const [fields, words] of [[{repeat: 'weekdays'}, 'weekdays'], [{repeat: 'every', every_days: '0'}, 'every_days'], [{repeat: 'every', every_days: '2', until: '2020-01-01'}, 'until']]) {
    const given = await post(`/households/${DE_WIT}/tasks`, withValues(page, {task_what: 'Wandelen', ...fields}));
    assert.equal(given.status, 422);
    assert.ok(given.html.includes(`id="wrong-${words}"`), words);
  }
});

test('a worry stands on Vandaag, with the household and with the visit it came from, until it is settled', async () => {
  const {get, post, put, phone} = await aStreet();
  put('task', {what: 'Oogdruppels', due: '2026-11-22', volunteer: GERRIT, visit: VISIT}, {record: TASK});
  put('worry', {text: 'Hij at niets.', task: TASK, volunteer: GERRIT, answer: anId(), visit: VISIT, at: Date.UTC(2026, 10, 22, 8, 50)}, {record: WORRY});
  await phone.sync();
  for (const path of ['/today', `/households/${DE_WIT}`, `/visits/${VISIT}?in=${DE_WIT}`]) {
    const {html} = await get(path);
    assert.ok(html.includes('Hij at niets.') && html.includes('Gerrit Mulder, vrijwilliger bij De Haard') && html.includes('>nieuw<'), path);
  }
  const page = await get(`/worries/${WORRY}`);
  assert.equal((await post(`/worries/${WORRY}/acknowledgements`, withValues(page, {step: 'advice'}))).status, 422);
  const taken = await post(`/worries/${WORRY}/acknowledgements`, withValues(page, {step: 'taken_up', text: 'Suiker laag?'}));
  assert.ok((await get(taken.location)).html.includes('Dit blijft binnen het team.'));
  assert.ok((await get('/today')).html.includes('>opgepakt<'));
  await post(`/worries/${WORRY}/acknowledgements`, withValues(await get(`/worries/${WORRY}`), {step: 'advice', text: 'Fijn dat je belde.', agreed: 'yes'}));
  assert.ok((await get(`/worries/${WORRY}`)).html.includes('Wie zich zorgen maakte leest dit.'));
  await post(`/worries/${WORRY}/acknowledgements`, withValues(await get(`/worries/${WORRY}`), {step: 'closed'}));
  assert.ok(!(await get('/today')).html.includes('Hij at niets.'));
  assert.deepEqual((await kept(phone, 'acknowledgement')).map(({fields}) => [fields.step, fields.agreed ?? false]), [['taken_up', false], ['advice', true], ['closed', false]]);
  assert.ok(!filledIn(await get(`/worries/${WORRY}`)).has('op'), 'what is settled asks nothing more');
});

test('a worry that is not here is not there', async () => {
  const {get, post} = await aStreet();
  assert.equal((await get(`/worries/${anId()}`)).status, 404);
  assert.equal((await post(`/worries/${anId()}/acknowledgements`, {step: 'closed'})).status, 404);
});

test('what somebody told by phone is noted for them, and says so', async () => {
  const {get, post, put, phone} = await aStreet();
  const RIET = anId();
  put('helper', {name: 'Riet van 12', relation: 'neighbour'}, {record: RIET});
  put('task', {what: 'Wandelen', due: '2026-11-22', helper: RIET}, {record: TASK});
  await phone.sync();
  const page = await get(`/tasks/${TASK}?from=/tasks`);
  assert.ok(page.html.includes('Iemand belde hierover'));
  const calls = `/tasks/${TASK}/calls`;
  assert.equal((await post(calls, {op: anId(), call_helper: RIET, outcome: 'worried'})).status, 422);
  const worried = await post(calls, {op: anId(), call_helper: RIET, call_text: 'Zij liep wankel.', outcome: 'worried'});
  assert.ok((await get(worried.location)).html.includes('Riet van 12, genoteerd door Amina'));
  await post(calls, {op: anId(), call_helper: RIET, call_text: 'Tot de brug.', outcome: 'done'});
  const [{fields}] = await kept(phone, 'completion').then((all) => all.filter((one) => one.fields.task === TASK));
  assert.deepEqual([fields.helper, fields.outcome, fields.text], [RIET, 'done', 'Tot de brug.']);
  assert.ok((await get(`/tasks/${TASK}?from=/tasks`)).html.includes('Riet van 12, genoteerd door Amina'));
  assert.ok((await get(`/households/${DE_WIT}`)).html.includes('Riet van 12, genoteerd door Amina'));
});

test('who is no helper is noted by name', async () => {
  const {post, put, phone} = await aStreet();
  put('task', {what: 'Wandelen', due: '2026-11-22', volunteer: GERRIT}, {record: TASK});
  await phone.sync();
  await post(`/tasks/${TASK}/calls`, {op: anId(), call_helper: '', call_name: 'Mia', call_text: 'Het regende.', outcome: 'could_not'});
  const [{fields}] = await kept(phone, 'completion').then((all) => all.filter((one) => one.fields.task === TASK));
  assert.deepEqual([fields.helper, fields.outcome, fields.text], [undefined, 'could_not', 'Mia belde. Het regende.']);
});

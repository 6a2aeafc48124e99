import assert from 'node:assert/strict';
import {test} from 'node:test';
import {BOUAZZA, aNeighbourhood} from './neighbourhood.js';
import {HAT, TEAM, anId, elsewhere} from './phones.js';

const GERRIT = anId();

/** A task in a volunteer's hands, due tomorrow; `said` what he answered. */
async function entrusted(there, {due = '2026-11-23', said = null, fields = {}} = {}) {
  const subject = `household:${BOUAZZA}`, task = anId();
  const put = (kind, record, told) => there.desk.put(elsewhere(kind, {subject, topic: 'practical', fields: told, record, by: HAT, stamp: '1795255200000-0000-0000beef'}), {by: HAT, role: 'nurse'});
  put('task', task, {what: 'Hond uitlaten', due, team: TEAM, volunteer: GERRIT, ...fields});
  put('asking', anId(), {plan: task, outcome: 'asked', volunteer: GERRIT, way: 'app', ...(said && {answer: said})});
  assert.equal((await there.phone.sync()).problem, null);
}

/** Whether Vandaag names the task at an hour (UTC; Amsterdam is one later), and with which mark. */
async function seen(there, day, hour) {
  there.env.now = () => Date.UTC(2026, 10, day, hour);
  there.env.today = () => `2026-11-${day}`;
  const {html} = await there.get('/today');
  return html.includes('Hond uitlaten') ? ['nog geen ja', 'niets gehoord'].filter((mark) => html.includes(mark)) : null;
}

test('a task to which nobody said yes stands on Vandaag from the evening before', async () => {
  const there = await aNeighbourhood();
  await entrusted(there);
  assert.equal(await seen(there, 22, 16), null);
  assert.deepEqual(await seen(there, 22, 17), ['nog geen ja']);
  assert.deepEqual(await seen(there, 23, 8), ['nog geen ja']);
});

test('a task of which nobody heard stands there from the evening of its day', async () => {
  const there = await aNeighbourhood();
  await entrusted(there, {said: 'yes'});
  assert.equal(await seen(there, 23, 18), null);
  assert.deepEqual(await seen(there, 23, 19), ['niets gehoord']);
  assert.deepEqual(await seen(there, 24, 7), ['niets gehoord']);
});

test('another team does not see it, and a helper without the app is not waited for', async () => {
  const there = await aNeighbourhood();
  await entrusted(there, {fields: {team: anId()}});
  await entrusted(there, {fields: {volunteer: null, helper: anId()}});
  assert.equal(await seen(there, 23, 20), null);
});

test('Ik says whether this phone reminds me, and where the browser has the last word there is no switch', async () => {
  const there = await aNeighbourhood();
  for (const [state, wanted] of [['off', 'aria-checked="false"'], ['on', 'aria-checked="true"'], ['denied', 'laat geen meldingen toe'], ['unsupported', 'kan geen meldingen geven']]) {
    there.env.reminding = state;
    const {html} = await there.get('/profile');
    assert.ok(html.includes(wanted), state);
    assert.equal(html.includes('role="switch"'), ['on', 'off'].includes(state), state);
  }
});

test('a phone that keeps nothing is not asked', async () => {
  const there = await aNeighbourhood();
  there.env.fleeting = () => true;
  assert.ok(!(await there.get('/profile')).html.includes('Herinneringen'));
});

test('the switch tells what came of it, and what was turned on is known by this person alone', async () => {
  const there = await aNeighbourhood();
  assert.equal((await there.post('/profile/reminders', {remind: 'on'})).location, '/profile?saved=reminded');
  assert.equal(there.phone.me().reminded, 'https://push.example/1');
  assert.ok((await there.get('/profile?saved=reminded')).html.includes('Deze telefoon herinnert je nu.'));
  assert.equal((await there.post('/profile/reminders', {remind: 'off'})).location, '/profile?saved=unreminded');
  assert.equal(there.phone.me().reminded, null);
  there.env.endpoint = null;
  assert.equal((await there.post('/profile/reminders', {remind: 'on'})).location, '/profile?saved=not_reminded');
});

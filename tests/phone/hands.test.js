/** In whose hands a task is on Amina's phone: nothing of one that stayed where it began, and of one that moved what this phone knows. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {DE_WIT, JOOST, TASK, aNeighbourhood} from './neighbourhood.js';
import {HAT, anId, elsewhere} from './phones.js';

async function moved(...changes) {
  const there = await aNeighbourhood();
  for (const [i, {fields, by = JOOST, role = 'nurse'}] of changes.entries()) {
    const stamp = `${Date.UTC(2026, 2, 3 + i, 9)}-0000-0000beef`;
    there.desk.put(elsewhere('task', {subject: `household:${DE_WIT}`, topic: 'practical', record: TASK, seen: i + 1, n: i + 2, by, stamp, fields}), {by, role});
  }
  await there.phone.sync();
  return there;
}

test('a task that stayed in one pair of hands says nothing of it', async () => {
  for (const changes of [[], [{fields: {due: '2026-12-01'}}]]) {
    const {get} = await moved(...changes);
    assert.doesNotMatch((await get(`/tasks/${TASK}`)).html, /\/hands\/|Nu .*, sinds/);
  }
});

test('one that moved says where it is, since when and through whom, and asks the office for the rest', async () => {
  const {get} = await moved({fields: {owner: JOOST}, by: HAT}, {fields: {what: 'Zalf halen'}});
  const {html} = await get(`/tasks/${TASK}`);
  assert.match(html, new RegExp(`hx-get="/hands/${TASK}" hx-trigger="load".*<p>Nu Joost Hofman, sinds 3 maart 2026 \\(door Amina\\)\\.`));
});

test('who took it themselves, or was given it by the office, has it through nobody', async () => {
  const {get} = await moved({fields: {owner: JOOST}, by: JOOST});
  assert.match((await get(`/tasks/${TASK}`)).html, /Nu Joost Hofman, sinds 3 maart 2026\.</);
  const back = await moved({fields: {owner: null}, by: anId(), role: 'office'});
  assert.match((await back.get(`/tasks/${TASK}`)).html, /Nu wie kan, sinds 3 maart 2026\.</);
});

test('without signal it says that the rest is not here', async () => {
  const {env, get} = await moved({fields: {owner: JOOST}, by: HAT});
  env.on = false;
  const {html} = await get(`/tasks/${TASK}`);
  assert.match(html, /Nu Joost Hofman.*Wie het eerder had, staat hier zodra er bereik is\./);
  assert.doesNotMatch(html, /hx-get="\/hands/);
});

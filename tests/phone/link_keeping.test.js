/** What a link opened is kept sealed, opens again without signal, and is gone when it is over; answers are sent when they can be. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {openLink} from '../../pwa/link_keeping.js';

const TOKEN = 'abcdefghijklmnopqrstu-';
const TASK = {task: 't', what: 'Oogdruppels', days: ['2026-11-23'], accepted: false, door: null};
const DOOR = {given: 'Jan', street: 'Rietgors 14', until: '2026-11-24'};

/** A browser with an office that answers `says[path]` (a status, or what it gives); `asked` is what it was asked. */
function aBrowser() {
  const kept = new Map(), asked = [];
  let turn = Promise.resolve();
  const storage = {getItem: (name) => kept.get(name) ?? null, setItem: (name, text) => kept.set(name, text), removeItem: (name) => kept.delete(name)};
  const at = {
    kept, asked, online: true, day: '2026-11-22', says: {'/l/opening': {again: false, until: '2026-11-30', tasks: [TASK]}, '/l/answers': null},
    env: {
      now: () => Date.UTC(2026, 10, 22, 9), today: () => at.day, random: (n) => crypto.getRandomValues(new Uint8Array(n)), subtle: crypto.subtle, storage,
      alone: (name, work) => (turn = turn.then(work)),
      fetch: async (path, {body}) => {
        if (!at.online) throw new TypeError('no network');
        const sent = JSON.parse(body);
        asked.push([path, sent]);
        const given = at.says[path] ?? {taken: sent.answers.map(({id}) => id)};
        return typeof given === 'number' ? new Response('{}', {status: given}) : Response.json(given);
      },
    },
  };
  return at;
}

test('what was opened lies on disk sealed, and opens from the message without signal', async () => {
  const at = aBrowser();
  await (await openLink(at.env, TOKEN)).sync();
  const disk = JSON.stringify([...at.kept]);
  for (const word of [TOKEN, 'Oogdruppels', btoa('Oogdruppels')]) assert.ok(!disk.includes(word), word);
  at.online = false;
  const again = await openLink(at.env, TOKEN);
  await again.sync();
  assert.deepEqual([again.tasks().map(({what}) => what), again.problem], [['Oogdruppels'], 'offline']);
  assert.deepEqual((await openLink(at.env, 'another-token-of-22-by')).tasks(), []);
});

test('the first time it asks once more, and not a third time', async () => {
  const at = aBrowser();
  at.says['/l/opening'] = {again: true, until: null, tasks: []};
  const link = await openLink(at.env, TOKEN);
  await link.sync();
  assert.deepEqual([at.asked.length, link.problem, at.kept.size], [2, 'cookies', 0]);
});

test('answers without signal show at once, outlive the page, and are sent once', async () => {
  const at = aBrowser();
  const link = await openLink(at.env, TOKEN);
  await link.sync();
  at.online = false;
  await link.answer({task: 't', day: '2026-11-23', answer: 'accepted'});
  await link.sync();
  assert.deepEqual(link.tasks().map(({accepted, done, waiting}) => [accepted, done, waiting]), [[true, null, true]]);
  await link.answer({task: 't', day: '2026-11-23', answer: 'done'});
  await link.answer({task: 't', day: '2026-11-23', answer: 'worried', text: 'Hij at niets.'});
  const again = await openLink(at.env, TOKEN);
  assert.deepEqual(again.tasks().map(({done}) => done), ['done']);
  at.online = true;
  at.says['/l/opening'] = 410;
  await again.sync();
  await again.sync();
  const sent = at.asked.filter(([path]) => path === '/l/answers').flatMap(([, {answers}]) => answers);
  assert.deepEqual(sent.map(({answer}) => answer), ['accepted', 'done', 'worried']);
  assert.equal(new Set(sent.map(({id}) => id)).size, 3);
  assert.match(sent[0].id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.deepEqual([again.tasks(), again.problem, at.kept.size], [[], 'over', 0]);
});

test('a no takes the task away, a day that is done shows the next', async () => {
  const at = aBrowser();
  at.says['/l/opening'].tasks = [{...TASK, days: ['2026-11-23', '2026-11-24'], accepted: true}];
  const link = await openLink(at.env, TOKEN);
  await link.sync();
  await link.answer({task: 't', day: '2026-11-23', answer: 'could_not'});
  assert.deepEqual(link.tasks().map(({day, done, more}) => [day, done, more]), [['2026-11-24', null, []]]);
  await link.answer({task: 't', answer: 'declined'});
  assert.deepEqual(link.tasks(), []);
});

test('two tabs of one browser lose nothing of each other', async () => {
  const at = aBrowser();
  const one = await openLink(at.env, TOKEN), other = await openLink(at.env, TOKEN);
  await one.sync();
  at.online = false;
  await Promise.all([one.answer({task: 't', answer: 'accepted'}), other.answer({task: 't', answer: 'worried', text: 'x'}), one.sync(), other.sync()]);
  assert.equal((await openLink(at.env, TOKEN)).waiting, 2);
});

for (const [status, problem] of [[404, 'unknown'], [409, 'taken'], [410, 'over']]) {
  test(`after a ${status} nothing stays, but what was not sent`, async () => {
    const at = aBrowser();
    const link = await openLink(at.env, TOKEN);
    await link.sync();
    at.says['/l/opening'] = status;
    await link.sync();
    assert.deepEqual([link.problem, link.tasks(), at.kept.size], [problem, [], 0]);
    at.says['/l/answers'] = 503;
    await link.answer({task: 't', answer: 'worried', text: 'x'});
    await link.sync();
    assert.deepEqual([link.problem, link.waiting, at.kept.size], ['busy', 1, 1]);
  });
}

test('without signal it ends by the calendar, and so does the door', async () => {
  const at = aBrowser();
  at.says['/l/opening'].tasks = [{...TASK, accepted: true, door: DOOR}];
  await (await openLink(at.env, TOKEN)).sync();
  at.online = false;
  at.day = '2026-11-25';
  assert.deepEqual((await openLink(at.env, TOKEN)).tasks().map(({door}) => door), [null]);
  at.day = '2026-12-01';
  const late = await openLink(at.env, TOKEN);
  assert.deepEqual([late.tasks(), late.ended()], [[], true]);
  at.day = '2026-11-22';
  assert.deepEqual((await openLink(at.env, TOKEN)).tasks(), [], 'a calendar that is put back brings nothing back');
});

test('a worry that is half written lies sealed on disk, stands there again, also when the link is over, and goes with its answer', async () => {
  const at = aBrowser();
  const link = await openLink(at.env, TOKEN);
  await link.sync();
  await link.write({task: 't', words: 'Hij at ni'});
  assert.ok(!JSON.stringify([...at.kept]).includes('Hij at'));
  await link.answer({task: 't', day: '2026-11-23', answer: 'accepted'});
  at.says['/l/opening'] = 410;
  await link.sync();
  const again = await openLink(at.env, TOKEN);
  assert.deepEqual(again.draft, {task: 't', words: 'Hij at ni'});
  await again.answer({task: 't', answer: 'worried', text: 'Hij at niets'});
  assert.equal(again.draft, null);
  await again.sync();
  assert.equal(at.kept.size, 0);
});

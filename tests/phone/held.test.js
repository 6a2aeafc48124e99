import assert from 'node:assert/strict';
import test from 'node:test';
import {DE_WIT, aNeighbourhood, withValues} from './neighbourhood.js';
import {anId, everything, restarted} from './phones.js';

const QUESTION = 'Was <b>mevrouw</b> er zelf bij?';

/** A visit with a note, both held; `later` is what the office says to who asks after them: Map change -> what the lead decided. */
async function held() {
  const all = await aNeighbourhood();
  const {desk, phone, get, post} = all;
  desk.verdict = () => 'held';
  await post(`/households/${DE_WIT}/visits`, withValues(await get(`/households/${DE_WIT}/visits/new`), {text_body: 'Wond dicht'}));
  await phone.sync();
  const [visit, note] = (await phone.waiting()).map(({change}) => change);
  const later = new Map();
  const sync = desk.sync.bind(desk);
  desk.sync = (asks) => {
    const answer = sync(asks);
    const news = (asks.held ?? []).filter(([id, known]) => later.has(id) && (later.get(id).version ?? 9) > known).map(([id]) => ({id, ...later.get(id)}));
    return answer.json().then((body) => Response.json({...body, results: [...body.results, ...news]}));
  };
  return {...all, visit, note, later};
}

const states = async (phone) => (await phone.waiting()).map(({state}) => state);

test('what a lead took into the file is received, once, and looks as the office has it', async () => {
  const {desk, phone, visit, note, later} = await held();
  assert.deepEqual(await states(phone), ['held', 'held']);
  for (const change of [visit, note]) later.set(change.id, {is: 'stored', version: desk.put(change, {device: phone.me().device})});
  await phone.sync();
  assert.deepEqual(await states(phone), []);
  const found = await phone.find(visit.record, visit.subject);
  assert.deepEqual([found.version, found.state], [1, undefined]);
  desk.asked = [];
  await phone.sync();
  assert.equal(desk.asked[0][1].held, undefined);
});

test('a question of the lead comes with what to do, and may be let go', async () => {
  const {phone, get, remove, visit, note, later} = await held();
  for (const {id} of [visit, note]) later.set(id, {is: 'refused', reason: 'returned', text: QUESTION});
  await phone.sync();
  assert.deepEqual(await states(phone), ['returned', 'returned']);
  const {html} = await get('/profile');
  assert.match(html, /teruggestuurd.*Je teamleider vraagt: “Was &lt;b&gt;mevrouw&lt;\/b&gt; er zelf bij\?” Bespreek het, of schrijf het opnieuw/s);
  assert.equal(html.split('Je teamleider vraagt').length, 2);
  assert.match(html, new RegExp(`href="/households/${DE_WIT}/visits/new"`));
  assert.equal(html.split('hx-delete').length, 2);
  await remove(`/profile/waiting/${visit.id}`);
  assert.deepEqual(await states(phone), []);
});

test('what was kept aside says why, can be let go, and is told once', async () => {
  const {desk, env, clock, phone, get, remove, visit, later} = await held();
  later.set(visit.id, {is: 'held', reason: 'kept', version: 41, text: 'Eerst bellen.'});
  await phone.sync();
  const {html} = await get('/profile');
  assert.match(html, /Je teamleider legde het apart: “Eerst bellen\.”/);
  desk.asked = [];
  const before = await everything(clock);
  await phone.sync();
  assert.deepEqual(desk.asked[0][1].held.find(([id]) => id === visit.id), [visit.id, 41]);
  assert.deepEqual((await everything(clock)).outbox, before.outbox);
  await remove(`/profile/waiting/${visit.id}`);
  assert.deepEqual(await states(phone), ['held']);
  assert.equal(env.phone, phone);
});

test('what waits for a lead without a decision is not let go', async () => {
  const {phone, remove, visit} = await held();
  await remove(`/profile/waiting/${visit.id}`);
  assert.deepEqual(await states(phone), ['held', 'held']);
});

test('an answer that was lost, or that comes twice, changes nothing of it', async () => {
  const {desk, clock, phone, visit, note, later} = await held();
  for (const change of [visit, note]) later.set(change.id, {is: 'stored', version: desk.put(change, {device: phone.me().device})});
  desk.fault = 'after';
  await phone.sync();
  assert.deepEqual(await states(phone), ['held', 'held']);
  desk.fault = null;
  const again = await restarted(clock);
  await again.sync();
  await again.sync();
  assert.deepEqual(await states(again), []);
  assert.equal((await again.records(visit.subject)).filter(({kind}) => kind === 'visit').length, 2);
});

test('news of a change that this phone does not have is passed over', async () => {
  const {desk, phone} = await held();
  const sync = desk.sync.bind(desk);
  desk.sync = (asks) => sync(asks).then((answer) => answer.json())
    .then((body) => Response.json({...body, results: [{id: anId(), is: 'stored', version: 3}, {id: anId(), is: 'odd'}]}));
  assert.equal((await phone.sync()).problem, null);
  assert.deepEqual(await states(phone), ['held', 'held']);
});

test('an office that came back from a backup is offered what was held too', async () => {
  const {desk, phone, visit, note} = await held();
  desk.epoch = 'two';
  desk.asked = [];
  await phone.sync();
  const offered = desk.asked.flatMap(([, asks]) => asks.changes ?? []).map(({id}) => id);
  assert.deepEqual(offered, [visit.id, note.id]);
});

test('a consent that had ended is a reason with words', async () => {
  const {desk, phone, get, post} = await aNeighbourhood();
  await post(`/households/${DE_WIT}/visits`, withValues(await get(`/households/${DE_WIT}/visits/new`), {text_body: 'Wond dicht'}));
  desk.receive = ({id}) => ({id, is: 'held', reason: 'consent_ended'});
  await phone.sync();
  assert.match((await get('/profile')).html, /De toestemming hiervoor was al geëindigd\./);
});

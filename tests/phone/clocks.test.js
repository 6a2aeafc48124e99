/** The clock of a phone, set wrong or turned back: what it shows ends by its day, what the office closed is gone by whatever day, and nothing written is lost. */
import assert from 'node:assert/strict';
import test from 'node:test';
import * as clock from '../../sync/clock.js';
import days from '../cases/days.json' with {type: 'json'};
import {local} from '../../pwa/i18n.js';
import {Desk, START, aPhone, anEnv, anId, elsewhere, everything, restarted} from './phones.js';

const DAY_MS = 24 * 3600 * 1000;
const YEARS_MS = 3652 * DAY_MS;
const RESIDENT = `resident:${anId()}`;
const JUMPS = [DAY_MS, -DAY_MS, YEARS_MS, -YEARS_MS, -1, 3600_000, -3600_000];
const THEIRS = 'Van een ander';

test('the day of an instant is the day in the office', () => {
  for (const {it, given, gives} of days) assert.equal(local(given).date, gives, it);
});

/** A phone that holds a colleague's note until a day, and has one of its own to send. */
async function aGuest(until) {
  const desk = new Desk();
  desk.pairs = [[RESIDENT, 'mind', until], [RESIDENT, 'social', null]];
  desk.put(elsewhere('note', {subject: RESIDENT, topic: 'mind', fields: {text: THEIRS}}));
  desk.put(elsewhere('note', {subject: RESIDENT, topic: 'social', fields: {text: 'Zonder einde'}}));
  const env = anEnv({fetch: desk.fetch});
  const phone = await aPhone(env);
  assert.equal((await phone.sync()).problem, null);
  return {desk, env, phone};
}

async function texts(phone) {
  return (await phone.records(RESIDENT)).map(({fields}) => Object.values(fields.text)[0]).sort();
}

test('a clock turned back brings nothing back of what was erased', async () => {
  const {env} = await aGuest('2026-11-23');
  env.at = START + 2 * DAY_MS;
  let phone = await restarted(env);
  assert.deepEqual(await texts(phone), ['Zonder einde']);
  assert.equal((await everything(env)).blobs.length, 1);
  phone.lock();
  for (const back of JUMPS) {
    env.at = START + back;
    phone = await restarted(env);
    assert.ok(!(await texts(phone)).includes(THEIRS));
    phone.lock();
  }
});

test('a clock turned back before the last day is over lengthens a period until the office is heard, and no further', async () => {
  const {desk, env, phone} = await aGuest('2026-11-23');
  desk.pairs = [[RESIDENT, 'social', null]];
  env.at = START - YEARS_MS;
  assert.ok((await texts(phone)).includes(THEIRS));
  assert.equal((await phone.sync()).erased > 0, true);
  assert.deepEqual(await texts(phone), ['Zonder einde']);
  assert.equal((await everything(env)).blobs.length, 1);
});

test('a clock that was ahead hides what it should not, loses nothing, and what is still open comes again', async () => {
  const {desk, env} = await aGuest('2026-12-31');
  env.at = START + YEARS_MS;
  let phone = await restarted(env);
  const {changes: [mine]} = await phone.add([phone.change('note', {subject: RESIDENT, topic: 'mind', fields: {text: 'Van mij'}})]);
  assert.deepEqual(await texts(phone), ['Van mij', 'Zonder einde']);
  phone.lock();
  env.at = START;
  phone = await restarted(env);
  assert.equal((await phone.sync()).problem, null);
  assert.deepEqual(await texts(phone), [THEIRS, 'Van mij', 'Zonder einde']);
  assert.ok(desk.known.has(mine.id));
});

test('whatever the clock does between two writes or during a sync, writes are in order and nothing falls over', async () => {
  const {desk, env, phone} = await aGuest('2026-12-31');
  const {fetch} = env;
  env.fetch = async (path, options) => {
    const answer = await fetch(path, options);
    env.at -= YEARS_MS;
    return answer;
  };
  const made = [];
  for (const jump of JUMPS) {
    env.at = START + jump;
    const {changes} = await phone.add([phone.change('note', {subject: RESIDENT, topic: 'social', fields: {text: `Na ${jump}`}})]);
    made.push(...changes);
    assert.equal((await phone.sync()).problem, null);
  }
  env.at = START;
  await phone.sync();
  assert.deepEqual(made.map(({stamp}) => stamp), made.map(({stamp}) => stamp).sort());
  assert.ok(made.every(({stamp}) => clock.parse(stamp)));
  assert.ok(made.every(({id}) => desk.known.has(id)));
  assert.equal((await phone.waiting()).length, 0);
});

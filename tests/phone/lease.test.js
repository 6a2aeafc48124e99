/** A phone that is out of touch: open while its lease runs, closed for reading after it, and always open for what somebody writes. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {LEASE_MS, lapsed} from '../../pwa/lease.js';
import {DE_WIT, aNeighbourhood, withValues} from './neighbourhood.js';
import {restarted} from './phones.js';

const DAY_MS = 24 * 3600 * 1000;
const NAMES = /De Wit|Bouazza|Kadestraat/;

test('the lease runs seven days from the last contact, and a clock that is put back ends it', () => {
  assert.equal(lapsed(LEASE_MS - 1, 0, 0), false);
  assert.equal(lapsed(LEASE_MS, 0, 0), true);
  assert.equal(lapsed(5 * DAY_MS, 4 * DAY_MS, 6 * DAY_MS), false);
  assert.equal(lapsed(5 * DAY_MS - 1, 4 * DAY_MS, 6 * DAY_MS), true);
  assert.equal(lapsed(3 * DAY_MS - 1, 4 * DAY_MS, 0), true);
  assert.equal(lapsed(LEASE_MS, null, 0), false);
});

test('after seven days without contact no page shows anybody, and what is written is kept and handed in', async () => {
  const {clock, desk, phone, get, post} = await aNeighbourhood();
  assert.match((await get('/today')).html, NAMES);
  const form = withValues(await get('/contacts/new'), {place: 'park', way: 'talk', text: 'Koffie op het bankje'});
  clock.at += LEASE_MS;
  for (const path of ['/today', '/households', `/households/${DE_WIT}`, '/tasks', '/contacts', '/profile', '/profile/phone']) {
    const {html} = await get(path);
    assert.match(html, /Te lang zonder contact.*data-act="sync"/s, path);
    assert.doesNotMatch(html, NAMES, path);
  }
  assert.doesNotMatch((await post('/households/matches', {q: 'wit'})).html, NAMES);
  const before = phone.status().waiting;
  assert.equal((await post('/contacts', form)).status, 303);
  assert.equal(phone.status().waiting, before + 1);
  assert.equal((await phone.sync()).problem, null);
  assert.equal(phone.lapsed(), false);
  assert.match((await get('/today')).html, /Goede/);
  assert.ok([...desk.records.values()].some(({kind}) => kind === 'contact'));
});

test('a clock put back to where the lease still ran opens nothing, also after a restart, until the office has spoken', async () => {
  const {clock} = await aNeighbourhood();
  clock.at += 6 * DAY_MS;
  let phone = await restarted(clock);
  assert.equal(phone.lapsed(), false);
  clock.at -= 3 * DAY_MS;
  phone = await restarted(clock);
  assert.equal(phone.lapsed(), true);
  assert.equal((await restarted(clock)).lapsed(), true);
  assert.equal((await phone.sync()).problem, null);
  assert.equal(phone.lapsed(), false);
  assert.equal((await restarted(clock)).lapsed(), false);
});

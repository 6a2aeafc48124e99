import assert from 'node:assert/strict';
import test from 'node:test';
import {HIDDEN_MS, IDLE_MS, Idle} from '../../pwa/idle.js';
import {chance} from './chance.js';

const NOON = 1_795_341_600_000;

/** Two clocks and what they watch over, just unlocked. */
function watched(lock) {
  const clocks = {wall: NOON, mono: 0};
  const idle = new Idle({now: () => clocks.wall, ticks: () => clocks.mono});
  idle.begin({lock});
  const pass = (ms) => { clocks.wall += ms; clocks.mono += ms; };
  return {clocks, idle, pass};
}

test('it is due three minutes after the last touch, and not a moment earlier', () => {
  const {idle, pass} = watched();
  pass(IDLE_MS - 1);
  assert.equal(idle.due(), false);
  idle.touch();
  pass(IDLE_MS - 1);
  assert.equal(idle.due(), false);
  pass(1);
  assert.equal(idle.due(), true);
});

test('hidden it is due after half a minute, whoever touched it before', () => {
  const {idle, pass} = watched();
  idle.hide();
  pass(HIDDEN_MS - 1);
  assert.equal(idle.due(), false);
  pass(1);
  assert.equal(idle.due(), true);
});

test('looked at again in time, only touching counts', () => {
  const {idle, pass} = watched();
  idle.hide();
  pass(HIDDEN_MS - 1);
  idle.see();
  pass(IDLE_MS - HIDDEN_MS);
  assert.equal(idle.due(), false);
  pass(1);
  assert.equal(idle.due(), true);
});

test('hidden here while another tab is looked at and touched, it stays open', () => {
  const {idle, pass} = watched();
  idle.hide();
  for (let n = 0; n < 100; n += 1) {
    pass(HIDDEN_MS - 1);
    if (n % 2) idle.see({elsewhere: true});
    else idle.touch();
    assert.equal(idle.due(), false);
  }
  pass(HIDDEN_MS);
  assert.equal(idle.due(), true);
});

test('who comes too late does not open it again, whatever they do', () => {
  const {idle, pass} = watched();
  pass(IDLE_MS);
  for (const act of ['touch', 'see', 'hide']) idle[act]();
  assert.equal(idle.due(), true);
  idle.begin();
  assert.equal(idle.due(), false);
});

test('asleep with a clock that stands still, the other one counts; put back, it is due at once', () => {
  const asleep = watched();
  asleep.clocks.wall += IDLE_MS;
  assert.equal(asleep.idle.due(), true);
  const stopped = watched();
  stopped.clocks.mono += IDLE_MS;
  assert.equal(stopped.idle.due(), true);
  const back = watched();
  back.clocks.wall -= 60_000;
  assert.equal(back.idle.due(), true);
  const corrected = watched();
  corrected.clocks.wall -= 500;
  assert.equal(corrected.idle.due(), false);
});

test('an organisation may have it sooner, and not later', () => {
  for (const [lock, idleMs, hiddenMs] of [[{idle: 60, hidden: 5}, 60_000, 5000], [{idle: null, hidden: null}, IDLE_MS, HIDDEN_MS], [{idle: 900, hidden: 900}, IDLE_MS, HIDDEN_MS]]) {
    const still = watched(lock);
    still.pass(idleMs - 1);
    assert.equal(still.idle.due(), false);
    still.pass(1);
    assert.equal(still.idle.due(), true);
    const away = watched(lock);
    away.idle.hide();
    away.pass(hiddenMs - 1);
    assert.equal(away.idle.due(), false);
    away.pass(1);
    assert.equal(away.idle.due(), true);
  }
});

test('in a thousand orders of events nobody gets round it', () => {
  for (let seed = 1; seed <= 1000; seed += 1) {
    const rng = chance(seed);
    const {clocks, idle, pass} = watched();
    const real = {at: 0, touched: 0, seen: 0, away: false, locked: false};
    for (let step = 0; step < 60; step += 1) {
      const ms = Math.floor(rng() ** 3 * 60_000);
      const asleep = rng() < 0.1;
      if (asleep) clocks.wall += ms; else pass(ms);
      real.at += ms;
      if (rng() < 0.1) clocks.wall += Math.floor((rng() - 0.5) * 2 * 86_400_000);
      if (real.at - real.touched >= IDLE_MS || (real.away && real.at - real.seen >= HIDDEN_MS)) real.locked = true;
      const act = ['touch', 'see', 'hide', 'look'][Math.floor(rng() * 4)];
      if (act === 'touch') idle.touch();
      if (act === 'see') idle.see();
      if (act === 'hide') idle.hide();
      if (real.locked) assert.equal(idle.due(), true, `seed ${seed}, step ${step}: still open`);
      if (idle.due()) {
        // Unlocked with the passkey, as often as it takes.
        idle.begin();
        Object.assign(real, {touched: real.at, seen: real.at, away: false, locked: false});
        continue;
      }
      if (act === 'touch') Object.assign(real, {touched: real.at, seen: real.at});
      if (act === 'see') Object.assign(real, {seen: real.at, away: false});
      if (act === 'hide') Object.assign(real, {seen: real.at, away: true});
    }
  }
});

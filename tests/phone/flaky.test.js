/** A browser that loses its databases at any operation: the phone opens them again or says that it could not; nothing is lost or doubled. */
import assert from 'node:assert/strict';
import test, {after} from 'node:test';
import {makePhone} from '../../pwa/phone.js';
import {chance} from './chance.js';
import {Flaky, WAYS} from './flaky.js';
import {Desk, SECRET, TEAM, amina, anEnv} from './phones.js';
import {forget, quick} from './subtle.js';
import {hurry} from './swift.js';

const ERRORS = Number(process.env.NAOBER_LOST ?? 600);
const SEED = Number(process.env.NAOBER_SEED ?? 1);
const ACTS = 40;
// What comes through when the second try fails too: the page says so, and whoever pressed presses again.
const SAYS = new Set(['UnknownError', 'InvalidStateError', 'AbortError']);
const met = Object.fromEntries(WAYS.map((way) => [way, 0]));
const told = {saved: 0, said: 0, again: 0};

hurry();
after(() => console.log(JSON.stringify({...met, ...told})));

/** A phone whose browser loses something at each eighth operation, and sometimes twice in a row. */
async function aPhone(random) {
  const fails = (ways) => {
    if (!flaky.on || random() > (flaky.last ? 0.4 : 0.12)) return (flaky.last = null);
    flaky.last = ways[Math.floor(random() * ways.length)];
    met[flaky.last] += 1;
    return flaky.last;
  };
  const flaky = new Flaky((ways) => fails(ways));
  const desk = new Desk();
  desk.pairs = [[`team:${TEAM}`, 'social', null]];
  const env = {...anEnv({fetch: desk.fetch, indexedDB: flaky}), subtle: quick, random: (n) => Uint8Array.from({length: n}, () => Math.floor(random() * 256))};
  const phone = makePhone(env);
  await phone.create(SECRET, {demo: true}, amina());
  await phone.sync();
  return {desk, flaky, phone};
}

/** Until it works, as often as it says that it did not. */
async function until(work) {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!SAYS.has(error.name)) throw error;
      told.said += 1;
    }
  }
}

async function write(phone, text, op) {
  const change = phone.change('contact', {subject: `team:${TEAM}`, topic: 'social', fields: {day: '2026-11-22', text}});
  const {changes, again} = await until(() => phone.add([change], {op, draft: 'contact-new'}));
  told.saved += 1;
  told.again += again;
  return changes[0];
}

async function again(phone) {
  phone.lock();
  const [slot] = await until(() => phone.slots());
  await until(() => phone.unlock(slot, SECRET));
  await until(() => phone.tidy());
}

async function play(seed) {
  const random = chance(seed);
  const {desk, flaky, phone} = await aPhone(random);
  flaky.on = true;
  const saved = [];
  let typed = null;
  for (let act = 0; act < ACTS; act += 1) {
    const chosen = random();
    if (chosen < 0.4) {
      saved.push(await write(phone, `Woorden ${act}`, `op ${act}`));
      typed = null;
    } else if (chosen < 0.6) await until(() => phone.sync());
    else if (chosen < 0.75) await until(() => phone.drafts.keep('contact-new', [['text', typed = `Half ${act}`]]));
    else if (chosen < 0.9) await until(() => phone.records(`team:${TEAM}`));
    else await again(phone);
  }
  flaky.on = false;
  assert.equal((await phone.sync()).problem, null);
  return {desk, phone, saved, typed};
}

test(`${ERRORS} errors from seed ${SEED} on`, {timeout: 1_700_000}, async () => {
  const errors = () => Object.values(met).reduce((sum, n) => sum + n, 0);
  for (let seed = SEED; errors() < ERRORS; seed += 1) {
    try {
      const {desk, phone, saved, typed} = await play(seed);
      assert.deepEqual([...desk.known.keys()].sort(), saved.map(({id}) => id).sort(), 'lost or doubled');
      assert.deepEqual(saved.map(({n}) => n), saved.map((_, at) => at + 1));
      assert.equal((await phone.records(`team:${TEAM}`)).length, saved.length);
      assert.equal((await phone.waiting()).length, 0);
      assert.deepEqual(await phone.drafts.find('contact-new'), typed && [['text', typed]]);
      phone.lock();
    } catch (error) {
      error.message = `NAOBER_SEED=${seed} NAOBER_LOST=1: ${error.message}`;
      throw error;
    } finally {
      forget();
    }
  }
  for (const [what, n] of Object.entries({...met, ...told})) assert.ok(n > 0, what);
});

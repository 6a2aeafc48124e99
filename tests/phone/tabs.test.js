/** Two tabs at once: writing, locking, renewing and syncing in any order; one sync at a time, both locked within a second, nothing lost or doubled. */
import assert from 'node:assert/strict';
import test, {after} from 'node:test';
import * as merge from '../../sync/merge.js';
import {chance} from './chance.js';
import {TEAM, anId} from './phones.js';
import {forget} from './subtle.js';
import {hurry} from './swift.js';
import {Browser} from './tabs.js';

const ORDERS = Number(process.env.NAOBER_TABS ?? 200);
const SEED = Number(process.env.NAOBER_SEED ?? 1);
const ACTS = 4;
const LOCKED_MS_MAX = 1000, SPOKEN_MS = 3;
const HOUSE = `household:${anId()}`;
// What may stand in the way of somebody whose phone locks under their hands; they do it again.
const LOCKED_UNDER = new Set(['Locked', 'AbortError']);
const seen = {saved: 0, locks: 0, renewed: 0, syncs: 0, slowest: 0};

hurry();
after(() => console.log(JSON.stringify({orders: ORDERS, ...seen})));

/** One order of what two people with one phone do. */
class Order {
  saved = new Map();
  drafts = new Set();

  constructor(seed) {
    this.random = chance(seed);
    this.browser = new Browser(this.random);
    this.browser.desk.pairs = [[HOUSE, 'practical', null], [`team:${TEAM}`, 'social', null]];
  }

  async play() {
    const {browser, browser: {tabs: [first]}} = this;
    await browser.begin();
    await this.write(first, () => first.phone.change('task', {subject: HOUSE, topic: 'practical', fields: {what: 'Zalf halen'}}), (change) => { this.task = change.record; });
    await first.phone.sync();
    await Promise.all(browser.tabs.map((tab, n) => this.work(tab, n)));
    // The last word of one tab to the other may still be on its way.
    await new Promise((resolve) => { setTimeout(resolve, SPOKEN_MS); });
    for (const tab of browser.tabs) {
      if (!tab.phone.opened()) await tab.unlock();
      assert.equal((await tab.phone.sync()).problem, null);
    }
  }

  async work(tab, n) {
    for (let act = 0; act < ACTS; act += 1) {
      await this.browser.pause();
      const chosen = this.random();
      const words = `${n} ${act}`;
      if (!tab.phone.opened()) await tab.unlock();
      if (chosen < 0.3) await this.write(tab, () => this.contact(tab, words));
      else if (chosen < 0.55) await this.write(tab, () => this.edit(tab, words));
      else if (chosen < 0.75) this.sync(tab);
      else if (chosen < 0.88) await this.lock(tab);
      else await this.renew(tab, words);
    }
  }

  contact(tab, text) {
    return tab.phone.change('contact', {subject: `team:${TEAM}`, topic: 'social', fields: {day: '2026-11-22', text}});
  }

  async edit(tab, what) {
    return tab.phone.change('task', {record: await tab.phone.find(this.task, HOUSE), fields: {what}});
  }

  /** Until the screen says *bewaard*: who was locked out comes back and presses again. */
  async write(tab, make, then = () => {}) {
    const op = `op ${this.random()}`;
    for (;;) {
      try {
        const {changes: [change]} = await tab.noted((async () => tab.phone.add([await make()], {op}))());
        this.saved.set(change.id, change);
        seen.saved += 1;
        return then(change);
      } catch (error) {
        if (!LOCKED_UNDER.has(error.name)) throw error;
        if (!tab.phone.opened()) await tab.unlock();
      }
    }
  }

  sync(tab) {
    seen.syncs += 1;
    tab.phone.sync().catch((error) => { if (!LOCKED_UNDER.has(error.name)) throw error; });
  }

  async lock(tab) {
    const other = this.browser.tabs.find((one) => one !== tab);
    const [open, before, {phone}, began] = [other.phone.opened(), other.locked, other, performance.now()];
    await tab.lock();
    seen.locks += 1;
    while (open && other.phone === phone && phone.opened() && other.locked === before) {
      assert.ok(performance.now() - began < LOCKED_MS_MAX, 'the other tab stays open');
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    seen.slowest = Math.max(seen.slowest, Math.round(performance.now() - began));
  }

  async renew(tab, text) {
    await tab.renew(text).then(() => this.drafts.add(text), (error) => { if (!LOCKED_UNDER.has(error.name)) throw error; });
    seen.renewed += 1;
  }

  async check() {
    const {browser: {desk, most, tabs}} = this;
    assert.ok(most <= 1, `${most} requests at once`);
    for (const id of this.saved.keys()) assert.ok(desk.known.has(id), `lost: ${id}`);
    assert.equal(desk.known.size, this.saved.size, 'something came in that nobody saved');
    const numbers = [...this.saved.values()].map(({n}) => n).sort((a, b) => a - b);
    assert.deepEqual(numbers, numbers.map((_, at) => at + 1), 'numbers doubled or left out');
    for (const {phone} of tabs) {
      assert.equal((await phone.waiting()).length, 0);
      const {state, ...shown} = await phone.find(this.task, HOUSE);
      assert.equal(merge.text(shown), merge.text(desk.records.get(this.task)));
      if (this.drafts.size) assert.ok(this.drafts.has(new Map(await phone.drafts.find('contact-new')).get('text')));
    }
  }
}

test(`${ORDERS} orders from seed ${SEED} on`, {timeout: 1_700_000}, async () => {
  for (let seed = SEED; seed < SEED + ORDERS; seed += 1) {
    const order = new Order(seed);
    try {
      await order.play();
      await order.check();
    } catch (error) {
      error.message = `NAOBER_SEED=${seed} NAOBER_TABS=1: ${error.message}`;
      throw error;
    } finally {
      order.browser.end();
      forget();
    }
  }
  for (const [what, n] of Object.entries(seen)) assert.ok(n > 0, what);
});

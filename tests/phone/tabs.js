/** Two tabs of one browser for tests: one storage, one set of locks and one channel between them, with the guard and the ways of the real page. */
import {IDBFactory, IDBKeyRange} from 'fake-indexeddb';
import {makePhone} from '../../pwa/phone.js';
import {Desk, SECRET, START, amina} from './phones.js';
import {quick} from './subtle.js';

const KEEP_MS = 1000;

globalThis.window ??= {addEventListener() {}};
globalThis.document ??= {hidden: false, addEventListener() {}, documentElement: {toggleAttribute() {}}};
const {Guard} = await import('../../pwa/guard.js');

/** Web Locks: one holder at a time of each name, in the order of asking; who gives up waiting does not get it any more. */
export class Locks {
  last = new Map();

  async request(name, {signal}, work) {
    const before = this.last.get(name);
    let done;
    this.last.set(name, new Promise((resolve) => { done = resolve; }));
    try {
      await before;
      signal?.throwIfAborted();
      return await work();
    } finally {
      done();
    }
  }
}

/** A browser with an office; requests take as many turns of the loop as chance has it. */
export class Browser {
  storage = new IDBFactory();
  locks = new Locks();
  desk = new Desk();
  asking = 0;
  most = 0;

  constructor(random) {
    this.random = random;
    this.tabs = [new Tab(this), new Tab(this)];
  }

  async begin() {
    const [first, second] = this.tabs;
    await first.phone.create(SECRET, {demo: true}, amina());
    first.guard.begin(null);
    await second.unlock();
  }

  end() {
    for (const tab of this.tabs) tab.close();
  }

  async pause() {
    for (let turns = Math.floor(this.random() * 8); turns > 0; turns -= 1) await new Promise((resolve) => { setImmediate(resolve); });
  }

  fetch = async (path, asked) => {
    this.asking += 1;
    this.most = Math.max(this.most, this.asking);
    try {
      await this.pause();
      const answer = await this.desk.fetch(path, asked);
      await this.pause();
      asked.signal?.throwIfAborted();
      return answer;
    } finally {
      this.asking -= 1;
    }
  };

  env() {
    return {
      indexedDB: this.storage, IDBKeyRange, subtle: quick, locks: this.locks, fetch: this.fetch,
      now: () => START, today: () => '2026-11-22', random: (n) => Uint8Array.from({length: n}, () => Math.floor(this.random() * 256)),
      sleep: (ms, signal) => new Promise((resolve, reject) => { signal?.addEventListener('abort', () => reject(signal.reason)); }),
    };
  }
}

/** A page: as app.js opens, locks and renews it. */
class Tab {
  locked = 0;
  asked = new Set();

  constructor(browser) {
    this.browser = browser;
    this.load();
  }

  load() {
    this.phone = makePhone(this.browser.env());
    this.guard = new Guard({opened: () => this.phone.opened(), lock: (how) => this.lock(how), warn() {}});
  }

  /** Who is locked out again by the other tab at that moment touches once more. */
  async unlock() {
    const [slot] = await this.phone.slots();
    for (;;) {
      try {
        await this.phone.unlock(slot, SECRET);
        break;
      } catch (error) {
        if (error.name !== 'Locked') throw error;
      }
    }
    this.guard.begin(null);
  }

  /** What a page asks of the phone is waited for when it locks, as Screen.quiet() does. */
  noted(answering) {
    this.asked.add(answering);
    answering.finally(() => this.asked.delete(answering)).catch(() => {});
    return answering;
  }

  async lock({told = false} = {}) {
    this.guard.end({told});
    let late;
    await Promise.race([Promise.allSettled(this.asked), new Promise((resolve) => { late = setTimeout(resolve, KEEP_MS); })]);
    clearTimeout(late);
    this.phone.lock();
    this.locked += 1;
  }

  /** A new version: half-written text is kept, then the page begins anew. */
  async renew(text) {
    await this.noted(this.phone.drafts.keep('contact-new', [['text', text]]));
    this.close();
    this.load();
    await this.unlock();
  }

  close() {
    this.guard.end({told: true});
    this.guard.tabs.close();
    this.phone.lock();
  }
}

/** A device's IndexedDB that dies or fills up at the step that was planned: each transaction is a numbered step. */
import {Wrapped} from './wrapped.js';

export class Killed extends Error { name = 'Killed'; }

/** Wraps a factory; `plan({at, how})` makes step `at` end, and with `lasting` all that come after it: before | during | after (killed), full (no room), lost (connection gone). */
export class Faulty extends Wrapped {
  dead = false;
  steps = 0;
  planned = null;
  open_ = [];

  constructor(factory) {
    super(factory);
    this.died = new Promise((resolve) => { this.die = () => resolve({killed: true}); });
  }

  plan(planned) {
    this.planned = planned;
    this.steps = 0;
  }

  /** Nothing this browser still does reaches storage or network. */
  kill() {
    this.dead = true;
    this.die();
  }

  close() {
    for (const db of this.open_) db.close();
  }

  open(...asked) {
    if (this.dead) throw new Killed('the browser is gone');
    return super.open(...asked);
  }

  deleteDatabase(name) {
    if (this.dead) throw new Killed('the browser is gone');
    return super.deleteDatabase(name);
  }

  watch(db) {
    this.open_.push(db);
    const begin = db.transaction.bind(db);
    db.transaction = (stores, mode, options) => {
      if (this.dead) throw new Killed('the browser is gone');
      this.steps += 1;
      const {at, how: ends, lasting} = this.planned ?? {};
      const how = at === this.steps || (lasting && at < this.steps) ? ends : null;
      if (how === null || (how === 'full' && mode !== 'readwrite')) return begin(stores, mode, options);
      return this.fail(how, () => begin(stores, mode, options), db);
    };
  }

  fail(how, begin, db) {
    if (how === 'before') {
      this.kill();
      throw new Killed('killed before a step');
    }
    if (how === 'lost') {
      db.close();
      throw new DOMException('the connection is closing', 'InvalidStateError');
    }
    const transaction = begin();
    if (how === 'after') transaction.addEventListener('complete', () => { this.silence(transaction); });
    else setImmediate(() => this.undo(how, transaction));
    return transaction;
  }

  /** Committed, but the page never heard of it. */
  silence(transaction) {
    transaction.oncomplete = null;
    this.kill();
  }

  undo(how, transaction) {
    try {
      if (how === 'during') transaction.onabort = null;
      transaction._abort(how === 'full' ? 'QuotaExceededError' : 'AbortError');
    } catch {
      // It had ended already.
    }
    if (how === 'during') this.kill();
  }
}

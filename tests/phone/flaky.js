/** A browser that loses its databases now and then, as Safari does: at opening, at the beginning of a step, half-way, or after it was written and before it said so. */
import {IDBFactory} from 'fake-indexeddb';
import {Wrapped} from './wrapped.js';

const WORDS = 'Connection to Indexed Database server lost. Refresh the page to try again';
export const WAYS = ['open', 'closed', 'unknown', 'half-way', 'unsaid', 'closing'];

/** Wraps a factory; `fails(ways)` gives the way in which the next operation goes wrong, one of these, or null. */
export class Flaky extends Wrapped {
  constructor(fails) {
    super(new IDBFactory());
    this.fails = fails;
  }

  open(...asked) {
    return this.fails(['open']) ? broken() : super.open(...asked);
  }

  watch(db) {
    const begin = db.transaction.bind(db);
    db.transaction = (...asked) => {
      const how = this.fails(WAYS.slice(1));
      if (how === 'closed') {
        db.close();
        throw new DOMException('The database connection is closing.', 'InvalidStateError');
      }
      if (how === 'unknown') throw lost();
      const transaction = begin(...asked);
      if (how === 'half-way') setImmediate(() => undone(transaction));
      if (how === 'unsaid') transaction.addEventListener('complete', () => unsaid(transaction));
      if (how === 'closing') setImmediate(() => { db.close(); db.onclose?.(); });
      return transaction;
    };
  }
}

function lost() {
  return new DOMException(WORDS, 'UnknownError');
}

function broken() {
  const request = {error: lost(), result: null};
  setImmediate(() => request.onerror?.());
  return request;
}

function undone(transaction) {
  try {
    transaction._abort('UnknownError');
  } catch {
    // It had ended already.
  }
}

/** Everything is on the disk, and the page hears that it is not. */
function unsaid(transaction) {
  transaction.oncomplete = null;
  Object.defineProperty(transaction, 'error', {value: lost()});
  transaction.onabort?.();
}

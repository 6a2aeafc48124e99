/** The only file that touches IndexedDB: rows with pseudonymous keys and sealed contents, written in strict, all-or-nothing steps. */
import {Memory} from './memory.js';

export class Full extends Error { name = 'Full'; }

const SCHEMA = {
  meta: {keyPath: 'k'},
  filled: {keyPath: 'p'},
  blobs: {keyPath: ['c', 'p', 'q']},
  records: {keyPath: 'i', indexes: {c: {multiEntry: true}, p: {}}},
  outbox: {keyPath: 'n', indexes: {c: {multiEntry: true}, r: {}, o: {}}},
  drafts: {keyPath: 'd'},
  reads: {keyPath: 'i'},
};
const SLOTS = {meta: {keyPath: 'k'}, slots: {keyPath: 'name'}};
const LOST = new Set(['InvalidStateError', 'UnknownError']);

/** The store of one person on this device; opens at first use and again when the browser dropped the connection. */
export function makeStore(env, name) {
  return new Store(env, name, SCHEMA);
}

/** The same, on a device that keeps nothing. */
export function makeFleeting() {
  return new Memory('fleeting', SCHEMA);
}

/** The list of vaults on this device: what unlocking needs before any key is there. */
export function makeSlots(env) {
  return new Store(env, 'naober', SLOTS);
}

class Store {
  db = null;

  constructor({indexedDB, IDBKeyRange}, name, schema) {
    Object.assign(this, {indexedDB, IDBKeyRange, name, schema});
  }

  /** Answers several asks out of one transaction: [store, query?, index?, limit?] -> rows. query: undefined = all, {only}, {from, to}. */
  read(asks) {
    return this.inside('readonly', asks.map(([store]) => store), (transaction) => {
      const requests = asks.map(([store, query, index, limit]) => source(transaction, store, index).getAll(this.range(query), limit));
      return () => requests.map((request) => request.result);
    });
  }

  async get(store, key) {
    const [[row]] = await this.read([[store, {only: key}]]);
    return row ?? null;
  }

  /**
   * One step, whole or not at all: {put: [[store, row]], drop: [[store, query?]], when: [[store, key, name, value]]}.
   * Resolves to true once it is on disk, or to false, with nothing written, when a `when` no longer holds.
   */
  commit({put = [], drop = [], when = []}) {
    const stores = [...new Set(['meta', ...put.map(first), ...drop.map(first), ...when.map(first)])];
    return this.inside('readwrite', stores, (transaction, fail) => {
      let held = true;
      this.checks(transaction, when, (holds) => {
        held = holds;
        if (!holds) return;
        try {
          turn(transaction);
          for (const [store, query] of drop) this.erase(transaction.objectStore(store), query);
          for (const [store, row] of put) transaction.objectStore(store).put(row);
        } catch (error) {
          fail(error);
        }
      });
      return () => held;
    });
  }

  /** Erases rows [[store, query], …] in one step that writes nothing, the turn neither: on a full phone it must not need room. */
  free(drop) {
    return this.inside('readwrite', [...new Set(drop.map(first))], (transaction) => {
      for (const [store, query] of drop) this.erase(transaction.objectStore(store), query);
      return () => true;
    });
  }

  checks(transaction, when, then) {
    let left = when.length;
    let holds = true;
    if (!left) then(true);
    for (const [store, key, field, value] of when) {
      transaction.objectStore(store).get(key).onsuccess = ({target}) => {
        holds = holds && (target.result?.[field] ?? null) === value;
        left -= 1;
        if (!left) then(holds);
      };
    }
  }

  erase(target, query) {
    if (query === undefined) target.clear();
    else target.delete(this.range(query));
  }

  range(query) {
    if (query === undefined) return undefined;
    return 'only' in query ? this.IDBKeyRange.only(query.only) : this.IDBKeyRange.bound(query.from, query.to);
  }

  async inside(mode, stores, work, again = true) {
    try {
      const transaction = (await this.opened()).transaction(stores, mode, {durability: 'strict'});
      return await this.finished(transaction, work);
    } catch (error) {
      if (error.name === 'QuotaExceededError') throw new Full('no room left on this device: nothing was written', {cause: error});
      if (!again || !LOST.has(error.name)) throw error;
      this.close();
      return this.inside(mode, stores, work, false);
    }
  }

  finished(transaction, work) {
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(result());
      transaction.onabort = () => reject(transaction.error ?? new DOMException('aborted', 'AbortError'));
      const fail = (error) => {
        reject(error);
        transaction.abort();
      };
      let result;
      try {
        result = work(transaction, fail);
      } catch (error) {
        fail(error);
      }
    });
  }

  opened() {
    this.db ??= this.connect();
    this.db.catch(() => { this.db = null; });
    return this.db;
  }

  connect() {
    return new Promise((resolve, reject) => {
      const request = this.indexedDB.open(this.name, 1);
      request.onupgradeneeded = () => create(request.result, this.schema);
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        request.result.onclose = () => { this.db = null; };
        request.result.onversionchange = () => this.close();
        resolve(request.result);
      };
    });
  }

  close() {
    this.db?.then((connection) => connection.close(), () => {});
    this.db = null;
  }

  /** Deletes the whole database of this name. */
  destroy() {
    this.close();
    return new Promise((resolve, reject) => {
      const request = this.indexedDB.deleteDatabase(this.name);
      request.onsuccess = () => resolve();
      request.onerror = () => reject(request.error);
    });
  }
}

function create(db, schema) {
  for (const [store, {keyPath, indexes = {}}] of Object.entries(schema)) {
    const made = db.createObjectStore(store, {keyPath});
    for (const [index, options] of Object.entries(indexes)) made.createIndex(index, index, options);
  }
}

/**
 * Every commit moves the turn on: whoever keeps something in memory sees by it that rows have changed, in whichever tab. It is asked first and
 * comes last: when its answer is there all rows are on their way, and the step need not wait until each of them was confirmed.
 */
function turn(transaction) {
  const meta = transaction.objectStore('meta');
  meta.get('turn').onsuccess = ({target}) => {
    meta.put({k: 'turn', t: (target.result?.t ?? 0) + 1});
    transaction.commit();
  };
}

function source(transaction, store, index) {
  const target = transaction.objectStore(store);
  return index ? target.index(index) : target;
}

function first([store]) {
  return store;
}

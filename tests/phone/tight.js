/** A device's IndexedDB on a disk with an end: `limit` bytes, of which every row that is put takes its size, and from which what is erased gives it back. */
import {Wrapped} from './wrapped.js';

const ROW = 40;

/** Wraps a factory; what does not fit ends its transaction as a browser does. `gives` false: what is erased gives no room back. */
export class Tight extends Wrapped {
  limit = Infinity;
  gives = true;
  stores = new Map();
  gone = 0;

  watch(db) {
    for (const [name, raw] of db._rawDatabase.rawObjectStores) this.measure(`${db.name} ${name}`, raw);
  }

  measure(name, raw) {
    if (this.stores.get(name) === raw) return;
    this.stores.set(name, raw);
    const [put, erase] = [raw.storeRecord.bind(raw), raw.deleteRecord.bind(raw)];
    raw.storeRecord = (row, ...more) => {
      if (this.used() + size(row.value) > this.limit) throw new DOMException('no room', 'QuotaExceededError');
      return put(row, ...more);
    };
    raw.deleteRecord = (...asked) => {
      const before = this.gives ? 0 : this.used();
      const done = erase(...asked);
      if (!this.gives) this.gone += before - this.used();
      return done;
    };
  }

  used() {
    let bytes = this.gone;
    for (const raw of this.stores.values()) for (const {value} of raw.records.values()) bytes += size(value);
    return bytes;
  }

  /** From now on so many bytes are left. */
  left(bytes) {
    this.limit = this.used() + bytes;
  }
}

function size({s, h}) {
  return ROW + (s?.byteLength ?? 0) + (h?.s.byteLength ?? 0);
}

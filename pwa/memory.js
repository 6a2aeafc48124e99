/** A store that lives as long as the page: for a device that can seal nothing, and so keeps nothing. */

/** The stores of store.js in memory, over the same schema. */
export class Memory {
  rows = new Map();

  constructor(name, schema) {
    Object.assign(this, {name, schema});
    for (const store of Object.keys(schema)) this.rows.set(store, new Map());
  }

  async read(asks) {
    return asks.map(([store, query, index, limit]) => this.found(store, query, index).slice(0, limit).map(([, row]) => row));
  }

  async get(store, key) {
    return this.rows.get(store).get(JSON.stringify(key)) ?? null;
  }

  async commit({put = [], drop = [], when = []}) {
    for (const [store, key, name, value] of when) {
      if (((await this.get(store, key))?.[name] ?? null) !== value) return false;
    }
    for (const [store, query] of drop) {
      for (const [key] of this.found(store, query)) this.rows.get(store).delete(JSON.stringify(key));
    }
    for (const [store, row] of put) this.rows.get(store).set(JSON.stringify(this.keyOf(store, row)), row);
    const turn = await this.get('meta', 'turn');
    this.rows.get('meta').set('"turn"', {k: 'turn', t: (turn?.t ?? 0) + 1});
    return true;
  }

  close() {}

  async destroy() {
    for (const rows of this.rows.values()) rows.clear();
  }

  /** [[key, row], …] in order of the key asked by, as an index gives them. */
  found(store, query, index) {
    const all = [];
    for (const row of this.rows.get(store).values()) {
      const own = this.keyOf(store, row);
      for (const key of index ? [row[index]].flat() : [own]) {
        if (key !== undefined && within(key, query)) all.push([own, row, key]);
      }
    }
    return all.sort((a, b) => compare(a[2], b[2]) || compare(a[0], b[0]));
  }

  keyOf(store, row) {
    const {keyPath} = this.schema[store];
    return Array.isArray(keyPath) ? keyPath.map((part) => row[part]) : row[keyPath];
  }
}

function within(key, query) {
  if (query === undefined) return true;
  if ('only' in query) return compare(key, query.only) === 0;
  return compare(key, query.from) >= 0 && compare(key, query.to) <= 0;
}

/** The order of IndexedDB's keys: numbers before texts before lists. */
function compare(a, b) {
  const [left, right] = [kind(a), kind(b)];
  if (left !== right) return left - right;
  if (left < 2) return a < b ? -1 : a > b ? 1 : 0;
  for (let i = 0; i < Math.min(a.length, b.length); i += 1) {
    const order = compare(a[i], b[i]);
    if (order) return order;
  }
  return a.length - b.length;
}

function kind(key) {
  return Array.isArray(key) ? 2 : typeof key === 'number' ? 0 : 1;
}

/** Phones for tests: real vault, store and WebCrypto on fake-indexeddb, with clock, randomness and network in the test's hands. */
import {webcrypto} from 'node:crypto';
import {IDBFactory, IDBKeyRange} from 'fake-indexeddb';
import * as merge from '../../sync/merge.js';
import kinds from '../../sync/kinds.json' with {type: 'json'};
import {oldest} from '../../pwa/oldest.js';
import {makePhone} from '../../pwa/phone.js';

export const SECRET = new Uint8Array(32).fill(7);
export const OTHER_SECRET = new Uint8Array(32).fill(8);
export const START = Date.UTC(2026, 10, 22, 9);

let ids = 0;

/** A fresh UUIDv7, in order. */
export function anId() {
  ids += 1;
  return `0199c0de-0000-7000-8000-${ids.toString(16).padStart(12, '0')}`;
}

/** Nurse Amina: one hat in one care team. */
export const HAT = anId();
export const TEAM = anId();
export function amina(device = anId()) {
  return {person: '0199c0de-0000-7000-8000-00000000aaaa', device, name: 'Amina', language: 'nl', word: 'client', demo: true,
    hats: [{id: HAT, role: 'nurse', team: TEAM, team_name: 'Wijkteam', organisation: anId(), organisation_name: 'Thuiszorg'}]};
}

/** What a phone is given: {now, today, random, fetch, indexedDB, …}; env.at is its clock in ms, env.fetch its network. */
export function anEnv({fetch, indexedDB = new IDBFactory(), at = START} = {}) {
  const env = {
    at, indexedDB, IDBKeyRange, subtle: webcrypto.subtle, locks: null,
    now: () => env.at,
    today: () => new Date(env.at).toISOString().slice(0, 10),
    random: (n) => webcrypto.getRandomValues(new Uint8Array(n)),
    fetch: fetch ?? (async () => { throw new TypeError('no network'); }),
    oldest,
    sleep: (ms, signal) => new Promise((resolve, reject) => { signal?.addEventListener('abort', () => reject(signal.reason)); }),
  };
  return env;
}

/** An unlocked phone of Amina's. */
export async function aPhone(env = anEnv(), me = amina()) {
  const phone = makePhone(env);
  await phone.create(SECRET, {demo: true, device: me.device}, me);
  return phone;
}

/** The same device after a restart of the browser: same storage, nothing in memory. */
export async function restarted(env) {
  const phone = makePhone(env);
  const [slot] = await phone.slots();
  await phone.unlock(slot, SECRET);
  await phone.tidy();
  return phone;
}

/** Every row of every store of every database, as {store: rows}. */
export async function everything({indexedDB}) {
  const found = {};
  for (const {name} of await indexedDB.databases()) {
    const db = await done(indexedDB.open(name));
    for (const store of db.objectStoreNames) found[store] = await done(db.transaction(store).objectStore(store).getAll());
    db.close();
  }
  return found;
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** A desk that speaks the office's side of the wire in memory: for faults that the real office does not make on request. */
export class Desk {
  records = new Map();
  known = new Map();
  log = [];
  asked = [];
  pairs = [];
  hats = [];
  epoch = 'one';
  verdict = () => 'stored';
  fault = null;

  fetch = async (path, {body}) => {
    const asks = JSON.parse(body);
    this.asked.push([path, asks, body.length]);
    if (this.fault === 'before') throw new TypeError('no network');
    const answer = path === '/sync' ? this.sync(asks) : this.history(asks);
    if (this.fault === 'after') throw new TypeError('line broke');
    if (typeof this.fault === 'number') return Response.json({error: {code: 'bad'}}, {status: this.fault});
    return answer;
  };

  put(change, {by = change.by, role = 'nurse', device = 'elsewhere'} = {}) {
    const base = this.records.get(change.record) ?? null;
    const version = (base?.version ?? 0) + 1;
    const write = {by, role, stamp: change.stamp, version, seen: change.seen, device, n: change.n};
    this.records.set(change.record, merge.apply(base, change, write, kinds.kinds[change.kind]));
    this.log = this.log.filter((id) => id !== change.record).concat(change.record);
    this.moved = (this.moved ?? 0) + 1;
    this.at ??= new Map();
    this.at.set(change.record, this.moved);
    return version;
  }

  sync({cursor, device, changes, entitled, epoch}) {
    const since = epoch === this.epoch ? cursor : null;
    const results = changes.map((change) => this.receive(change, device));
    const digest = JSON.stringify(this.pairs);
    const may = (record) => this.pairs.some(([subject, topic]) => subject === record.subject && topic === record.topic);
    const fresh = this.log.filter((id) => since === null ? kinds.kinds[this.records.get(id).kind].first : this.at.get(id) > since);
    return Response.json({format: 1, epoch: this.epoch, now: START, results, records: fresh.map((id) => this.records.get(id)).filter(may),
      entitled: digest === entitled ? null : {digest, pairs: this.pairs, hats: this.hats}, cursor: this.moved ?? 0, more: false});
  }

  receive(change, device) {
    if (this.known.has(change.id)) return {id: change.id, is: 'known', version: this.known.get(change.id)};
    const is = this.verdict(change);
    if (is !== 'stored') return {id: change.id, is, reason: 'no_care_relation'};
    this.known.set(change.id, this.put(change, {device}));
    return {id: change.id, is, version: this.known.get(change.id)};
  }

  history({pairs}) {
    const lines = pairs.map(([subject, topic]) => {
      const list = [...this.records.values()].filter((record) => record.subject === subject && record.topic === topic);
      if (!this.pairs.some((pair) => pair[0] === subject && pair[1] === topic)) {
        return `${JSON.stringify({subject, topic, gone: true})}\t[${list.filter((record) => this.hats.includes(merge.shown(record).by)).map(merge.text)}]\n`;
      }
      return `${JSON.stringify({subject, topic, part: 0, last: true, n: list.length, upto: this.moved ?? 0})}\t[${list.map(merge.text)}]\n`;
    });
    return new Response(this.cut ? lines.join('').slice(0, this.cut) : lines.join(''));
  }
}

/** A change as another device would have sent it. */
export function elsewhere(kind, {subject, topic, fields, record = anId(), seen = 0, by = anId(), n = 1, stamp = '1763800000000-0000-0000beef'}) {
  return {id: anId(), kind, record, subject, topic, stamp, seen, n, by, fields};
}

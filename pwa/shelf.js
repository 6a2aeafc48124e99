/** What pages read: blobs and rows from the office with my own unsettled changes laid over them; seals through the vault, keeps through the store. */
import kinds from '../sync/kinds.json' with {type: 'json'};
import * as merge from '../sync/merge.js';
import * as rules from '../sync/rules.js';
import {padded, parsed} from './vault.js';

const FORMAT = 1;
const SCAN = 24;
const MARK = 12;
// A household and those who live there, and the one before it.
const LOOKED = 12;
export const KEPT_MS = 30 * 24 * 3600 * 1000;
export const WAITS = 0;
export const RECEIVED = 1;
export const HELD = 2;
export const RETURNED = 3;
const NO_SCOPE = {t: -1, scope: null, of: new Map(), hats: new Set()};
const NOTHING_FIRST = {t: -1, day: '', records: null};
const STATE = ['phone', undefined, 'held', 'returned'];

/** Seals a value as JSON into a row's `s`, bound to (store, row id, version, format). */
export async function sealed(vault, label, id, version, text) {
  return vault.seal(label, place(label, id, version), padded(text));
}

/** The value that sealed() put away. */
export async function unsealed(vault, label, id, version, bytes) {
  return parsed(await vault.unseal(label, place(label, id, version), bytes));
}

export function place(label, id, version) {
  return JSON.stringify([label, id, version, FORMAT]);
}

/** Shelf over env {today()}, vault, store and mine() -> Set of every hat that was ever mine. */
export class Shelf {
  scopeSeen = NO_SCOPE;
  firstSeen = NOTHING_FIRST;
  firstRows = new Map();
  changes = new Map();
  looked = new Set();

  constructor({env, vault, store, mine}) {
    Object.assign(this, {env, vault, store, mine});
  }

  /** Everything of one subject that may be shown today; settled: without my changes that the office has not received. */
  async records(subject, {settled = false} = {}) {
    const c = await this.vault.tag(subject);
    if (!settled) this.look(c);
    const [blobs, rows, own, scope] = await this.store.read([
      ['blobs', {from: [c], to: [c, []]}], ['records', {only: c}, 'c'], ['outbox', {only: c}, 'c'], ['meta', {only: 'scope'}]]);
    const found = new Map();
    for (const list of await Promise.all(blobs.map((one) => this.openBlob(one)))) list.forEach((record) => newest(found, record));
    for (const record of await Promise.all(rows.map((one) => this.openRow(one)))) newest(found, record);
    const over = settled ? own.filter((one) => one.r === RECEIVED) : own;
    overlay(found, await Promise.all(over.map((one) => this.openChange(one))));
    await this.readScope(scope[0]);
    const day = this.env.today();
    return [...found.values()].filter((record) => record.subject === subject && this.visible(record, day));
  }

  /** Remembers what was read last: that is before somebody now. */
  look(c) {
    this.looked.delete(c);
    this.looked.add(c);
    if (this.looked.size > LOOKED) this.looked.delete(this.looked.values().next().value);
  }

  /** Everything a phone needs before history, of all subjects; kept in memory until a row changes, the day ends or the vault locks. */
  async first() {
    const day = this.env.today();
    if (this.firstSeen.day === day && this.firstSeen.t === (await this.store.get('meta', 'turn'))?.t) return [...this.firstSeen.records];
    const c = await this.vault.tag('first');
    const [rows, own, scope, at] = await this.store.read([
      ['records', {only: c}, 'c'], ['outbox', {only: c}, 'c'], ['meta', {only: 'scope'}], ['meta', {only: 'turn'}]]);
    const found = new Map();
    for (const record of await this.openAgain(rows)) newest(found, record);
    overlay(found, await Promise.all(own.map((one) => this.openChange(one))));
    await this.readScope(scope[0]);
    const list = this.firsts([...found.values()].filter((one) => this.visible(one, day)), day);
    this.firstSeen = {t: at[0]?.t, day, records: list};
    return [...list];
  }

  /** The rows of first(), opened; a row that was opened last time is not opened again: it is known by the random bytes it begins with. */
  async openAgain(rows) {
    const before = this.firstRows;
    const marks = rows.map(({s}) => s.subarray(0, MARK).join());
    const opened = await Promise.all(rows.map((one, at) => before.get(marks[at]) ?? this.openRow(one)));
    this.firstRows = new Map(opened.map((record, at) => [marks[at], record]));
    return opened;
  }

  /** One record by id; without its subject every blob may have to be opened. */
  async find(id, subject, options) {
    const of = subject ?? await this.subjectOf(id);
    if (!of) return null;
    return (await this.records(of, options)).find((record) => record.id === id) ?? null;
  }

  async subjectOf(id) {
    const row = await this.store.get('records', await this.vault.tag(id));
    if (row) return (await this.openRow(row)).subject;
    const [own] = await this.store.read([['outbox']]);
    const change = (await Promise.all(own.map((one) => this.openChange(one)))).find((mine) => mine.change.record === id);
    return change ? change.change.subject : this.scan(id);
  }

  async scan(id) {
    const needle = JSON.stringify(id);
    const text = new TextDecoder();
    for await (const [, bytes] of this.history()) {
      const record = text.decode(bytes).includes(needle) && parsed(bytes).find((one) => one.id === id);
      if (record) return record.subject;
    }
    return null;
  }

  /** All history that lies here as [row, bytes], a few blobs at a time in memory. */
  async *history() {
    for (let from = []; ;) {
      const [blobs] = await this.store.read([['blobs', {from, to: [[]]}, undefined, SCAN]]);
      const lists = await Promise.all(blobs.map((one) => this.blobBytes(one)));
      yield* blobs.map((one, n) => [one, lists[n]]);
      if (blobs.length < SCAN) return;
      const last = blobs.at(-1);
      from = [last.c, last.p, last.q + 1];
    }
  }

  /** Rows for records that the office sent: a list of [store, row] for one commit. */
  async rows(list) {
    return Promise.all(list.map(async (record) => ['records', await this.row(record)]));
  }

  async row(record) {
    const i = await this.vault.tag(record.id);
    const s = await sealed(this.vault, 'records', i, record.version, merge.text(record));
    const c = await this.shelves(record.kind, record.subject, merge.shown(record).fields);
    return {i, c, p: await this.pairTag(record.subject, record.topic), v: record.version, s};
  }

  /** Those of these records that a phone needs before history. */
  firsts(list, day = this.env.today()) {
    return list.filter((record) => rules.first(record.kind, merge.shown(record).fields, day, kinds));
  }

  /** The tags of the shelves that a record with these plain fields stands on. */
  async shelves(kind, subject, fields) {
    const tags = [await this.vault.tag(subject)];
    if (rules.first(kind, fields, this.env.today(), kinds)) tags.push(await this.vault.tag('first'));
    return tags;
  }

  /** Row for one blob of a pair's history: bytes of a JSON array, sealed without reading them. */
  async blob({subject, topic, part, upto}, bytes) {
    const c = await this.vault.tag(subject), p = await this.pairTag(subject, topic);
    return {c, p, q: part, v: upto, s: await this.vault.seal('blobs', place('blobs', [c, p, part], upto), bytes)};
  }

  blobBytes({c, p, q, v, s}) {
    return this.vault.unseal('blobs', place('blobs', [c, p, q], v), s);
  }

  async openBlob(blobRow) {
    return parsed(await this.blobBytes(blobRow));
  }

  openRow({i, v, s}) {
    return unsealed(this.vault, 'records', i, v, s);
  }

  /** An outbox row opened: {row, change, role, device, at}; what was opened once is remembered until the vault locks. */
  async openChange(outboxRow) {
    const {n, i, s} = outboxRow;
    if (!this.changes.has(i)) this.remember(outboxRow, await unsealed(this.vault, 'outbox', [n, i], 0, s));
    return {row: outboxRow, ...this.changes.get(i)};
  }

  remember({i}, told) {
    this.changes.set(i, told);
  }

  pairTag(subject, topic) {
    return this.vault.tag(`${subject} ${topic}`);
  }

  /**
   * The step that erases pairs [[subject, topic], …] but keeps, as rows, the records I wrote myself: {put, drop, holes: pairs that had not come whole}.
   * `hats`: those of mine that the office knows; what ended by this phone's calendar meanwhile is such a pair too, once the office closes it.
   */
  async forget(pairs, hats = []) {
    if (!pairs.length) return {put: [], drop: [], holes: []};
    const mine = new Set([...hats, ...this.mine(), ...this.scopeSeen.hats]);
    const closing = await Promise.all(pairs.map(async ([subject, topic]) => [await this.vault.tag(subject), await this.pairTag(subject, topic)]));
    const ranges = closing.map(([c, p]) => ({from: [c, p], to: [c, p, []]}));
    // All pairs in one look: a transaction for each would take longer than all that is done with it.
    const found = await this.store.read(closing.flatMap(([, p], n) => [['blobs', ranges[n]], ['records', {only: p}, 'p'], ['filled', {only: p}]]));
    const parts = await Promise.all(closing.map((pair, n) => this.left(found.slice(3 * n, 3 * n + 2), mine)));
    return {
      put: parts.flatMap(({put}) => put),
      drop: closing.flatMap(([, p], n) => [...parts[n].drop, ['blobs', ranges[n]], ['filled', {only: p}]]),
      holes: pairs.filter((pair, n) => !found[3 * n + 2].some(({short}) => !short)).map(([subject, topic]) => [subject, topic]),
    };
  }

  /** Of a pair's blobs and rows: what I wrote, as rows to put, and the other rows to drop. */
  async left([blobs, list], mine) {
    const kept = new Map();
    for (const bytes of await Promise.all(blobs.map((one) => this.blobBytes(one)))) {
      if (names(bytes, mine)) parsed(bytes).filter((record) => this.isMine(record, mine)).forEach((record) => newest(kept, record));
    }
    const opened = await Promise.all(list.map((one) => this.openRow(one)));
    for (const record of opened) if (this.isMine(record, mine)) newest(kept, record);
    const drop = list.filter((one, n) => !this.isMine(opened[n], mine)).map(({i}) => ['records', {only: i}]);
    return {put: await this.rows([...kept.values()]), drop};
  }

  /** What this person may hold: {digest, pairs, late} as last told by the office, or null before the first answer. */
  async scope() {
    await this.readScope(await this.store.get('meta', 'scope'));
    return this.scopeSeen.scope;
  }

  async readScope(row) {
    if (this.scopeSeen.t === (row?.t ?? 0)) return;
    const value = row ? await unsealed(this.vault, 'meta', 'scope', row.t, row.s) : null;
    const of = new Map();
    for (const pair of value?.pairs ?? []) of.set(pair[0], [...(of.get(pair[0]) ?? []), pair]);
    this.scopeSeen = {t: row?.t ?? 0, scope: value, of, hats: new Set(value?.hats)};
  }

  visible(record, day) {
    const {subject, topic, state} = record;
    return state !== undefined || rules.may_hold(subject, topic, this.isMine(record), this.scopeSeen.of.get(subject) ?? [], day);
  }

  isMine(record, hats = null) {
    const {by} = merge.origin(record);
    return this.mine().has(by) || this.scopeSeen.hats.has(by) || Boolean(hats?.has(by));
  }

  /** Drops what was remembered in clear. */
  lock() {
    this.scopeSeen = NO_SCOPE;
    this.firstSeen = NOTHING_FIRST;
    this.firstRows = new Map();
    this.changes.clear();
    this.looked.clear();
  }
}

/** Lays own changes over records (Map id -> record), oldest first; a record keeps the version that the office gave it. */
export function overlay(found, own) {
  for (const {row, change, role, device} of own.sort((a, b) => a.row.n - b.row.n)) {
    const base = found.get(change.record) ?? null;
    if (!lies(row, change, base)) continue;
    const version = row.r === RECEIVED ? row.v : (base?.version ?? 0) + 1;
    const write = {by: change.by, role, stamp: change.stamp, version, seen: change.seen, device, n: change.n};
    const made = {...merge.apply(base, change, write, kinds.kinds[change.kind])};
    made.version = row.r === RECEIVED ? version : base?.version ?? 0;
    const state = STATE[Math.max(row.r === RECEIVED ? WAITS - 1 : row.r, base?.state ? STATE.indexOf(base.state) : -1)];
    if (state) made.state = state;
    found.set(made.id, made);
  }
}

/** Whether a change still has to be laid over its record: not when the office's version holds it, when it was returned, or when its record is gone. */
function lies(row, change, base) {
  if (row.r === RECEIVED && base && base.version >= row.v) return false;
  if (base?.writes[change.id]) return false;
  return base ? row.r !== RETURNED : change.seen === 0;
}

/** The latest stamp of all that was written in a record. */
export function latest(record) {
  return Object.values(record.writes).map((write) => write.stamp).reduce((a, b) => (a > b ? a : b));
}

/** Whether one of these ids stands in a blob: where none of my hats does, nothing is mine, and it need not be read. */
function names(bytes, ids) {
  const text = new TextDecoder().decode(bytes);
  return [...ids].some((id) => text.includes(id));
}

function newest(found, record) {
  const other = found.get(record.id);
  if (!other || other.version <= record.version) found.set(record.id, record);
}

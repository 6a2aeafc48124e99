/** Changes written on this device: numbered, stamped, sealed, and kept with what the office answered until 30 days after it was received. */
import * as clock from '../sync/clock.js';
import * as merge from '../sync/merge.js';
import {HELD, KEPT_MS, RECEIVED, RETURNED, WAITS, latest, sealed, unsealed} from './shelf.js';
import {padded} from './vault.js';

const TRIES = 50;
const SETTLE = 100;
const ANSWER = {stored: RECEIVED, known: RECEIVED, held: HELD, refused: RETURNED};
const NO_STATES = {t: -1, states: null};
const STATE = ['phone', 'received', 'held', 'returned'];

/** Outbox over env {now(), random(n)}, vault, store, shelf and me() -> what GET /me said (device and hats). */
export class Outbox {
  statesSeen = NO_STATES;

  constructor({env, vault, store, shelf, room, me}) {
    Object.assign(this, {env, vault, store, shelf, room, me});
  }

  /** A new id: UUIDv7 by this device's clock. */
  id() {
    return clock.uuid7(this.env.now(), [...this.env.random(10)].map((byte) => byte.toString(16).padStart(2, '0')).join(''));
  }

  /** A change ready for add(); `record` is the record on the screen when it is an edit (`over` says what lay under it, and is not sent); `own`: the record is its own subject. */
  change(kind, {subject, topic, fields, by, record = null, seen = null, own = false}) {
    const about = record?.id ?? this.id();
    return {
      id: this.id(), kind, record: about, subject: record?.subject ?? (own ? `${kind}:${about}` : subject), topic: record?.topic ?? topic,
      seen: seen ?? record?.version ?? 0, by: by ?? this.me().hats[0].id, fields,
      over: record && {stamp: latest(record), fields: merge.shown(record).fields},
    };
  }

  /**
   * Seals and keeps changes in one strict transaction, dropping the draft they came from. The same op with the same words gives the first changes
   * again; with other words (the same draft finished in two tabs) they are kept beside the first.
   */
  async add(changes, {op, draft = null} = {}) {
    for (let i = 0; i < TRIES; i += 1) {
      const {key, before, at} = await this.saved(op, changes);
      if (before.length) return {changes: before, again: true};
      const stamped = changes.map((one) => this.stamp(one, at));
      const made = await Promise.all(stamped.map((one, j) => this.row(one, key, changes[j].over)));
      const put = made.map(({row}) => ['outbox', row]);
      const drop = draft ? [['drafts', {only: await this.vault.tag(draft)}]] : [];
      put.push(['meta', await this.clockRow(at)]);
      const when = [['meta', 'clock', 't', at.t]];
      if (!await this.room.keep((marks) => this.store.commit({put: [...put, ...marks], drop, when}))) continue;
      for (const {row, body} of made) this.shelf.remember(row, JSON.parse(body));
      return {changes: stamped, again: false};
    }
    throw new Error('other tabs kept writing: try again');
  }

  /** The changes that were kept under this op with these very words, or the key under which they may be kept; and the clock. */
  async saved(op, changes) {
    for (let k = 0; op; k += 1) {
      const key = k ? `${op} ${k}` : op;
      // In one look: somebody waits for it.
      const [rows, [clockRow]] = await this.store.read([['outbox', {only: await this.vault.tag(key)}, 'o'], ['meta', {only: 'clock'}]]);
      const before = await Promise.all(rows.map(async (one) => (await this.shelf.openChange(one)).change));
      if (!before.length || said(before) === said(changes)) return {key, before, at: await this.clockOf(clockRow)};
    }
    return {key: null, before: [], at: await this.ticking()};
  }

  /** The persisted clock: {t: turn or null, n: last number, last: last stamp or null, ahead: ms the office is ahead of this device}. */
  async ticking() {
    return this.clockOf(await this.store.get('meta', 'clock'));
  }

  async clockOf(row) {
    if (!row) return {t: null, n: 0, last: null, ahead: 0};
    return {t: row.t, ...await unsealed(this.vault, 'meta', 'clock', row.t, row.s)};
  }

  async clockRow({t, n, last, ahead}) {
    const next = (t ?? 0) + 1;
    return {k: 'clock', t: next, s: await sealed(this.vault, 'meta', 'clock', next, JSON.stringify({n, last, ahead}))};
  }

  stamp({over, ...one}, at) {
    const {device} = this.me();
    const now = this.env.now() + at.ahead;
    at.last = over ? clock.receive(at.last, over.stamp, now, device) : clock.tick(at.last, now, device);
    at.n += 1;
    return {...one, stamp: at.last, n: at.n};
  }

  async row(one, op, over) {
    const {device, hats} = this.me();
    const i = await this.vault.tag(one.id);
    const role = hats.find((hat) => hat.id === one.by)?.role ?? '';
    const body = JSON.stringify({change: one, role, device, at: this.env.now()});
    const c = await this.shelf.shelves(one.kind, one.subject, {...over?.fields, ...one.fields});
    const [s, h] = await Promise.all([sealed(this.vault, 'outbox', [one.n, i], 0, body), this.enclosed(one)]);
    return {row: {n: one.n, i, ...(op && {o: await this.vault.tag(op)}), r: WAITS, v: 0, c, s, ...(h && {h})}, body};
  }

  /** Makes now what the first change will be sealed to the office with: nobody waits for it. */
  ready() {
    const {seal} = this.me();
    return seal && this.vault.enveloped(seal);
  }

  /** The change once more, sealed to the office: so it can be handed in while the vault is locked. */
  enclosed(one) {
    const {device, seal} = this.me();
    return seal ? this.vault.enclose(seal, device, padded(merge.text(one))) : null;
  }

  /** How many things wait: what one press of a button kept is one, however many changes it made. */
  async count() {
    const [rows] = await this.store.read([['outbox', {only: WAITS}, 'r']]);
    return new Set(rows.map(({o, n}) => o ?? n)).size;
  }

  /** The oldest waiting changes for one request, or the oldest after number `after`: at most `most` of them and about `bytes` of text. */
  async batch(most, bytes, after = 0) {
    const asked = after ? ['outbox', {from: after + 1, to: Infinity}, undefined, most] : ['outbox', {only: WAITS}, 'r', most];
    const [rows] = await this.store.read([asked]);
    const opened = await Promise.all(rows.filter(({r}) => r === WAITS).map((one) => this.shelf.openChange(one)));
    let size = 0;
    const fit = opened.findIndex(({change: one}) => (size += merge.text(one).length * 2) > bytes);
    return fit < 0 ? opened : opened.slice(0, Math.max(1, fit));
  }

  /** What the office holds for a team lead, to ask after: at most `most`. */
  async held(most) {
    const [rows] = await this.store.read([['outbox', {only: HELD}, 'r', most]]);
    return Promise.all(rows.map((one) => this.shelf.openChange(one)));
  }

  /** The rows to write for the office's results [{id, is, version?, reason?, fields?, text?}] on these changes; one without a result stays as it is. */
  async answered(sent, results) {
    const of = new Map(results.map((result) => [result.id, result]));
    const put = [];
    for (const {row: one, change: {id: changeId}} of sent) {
      const result = of.get(changeId);
      const r = ANSWER[result?.is];
      if (r === undefined) continue;
      const a = r === RECEIVED ? undefined : await this.answer(one, result);
      put.push(['outbox', {...one, r, v: result.version ?? 0, a, h: undefined}]);
    }
    return put;
  }

  answer(one, {reason, fields, text}) {
    return sealed(this.vault, 'outbox', [one.n, one.i, 'answer'], 0, JSON.stringify({reason, fields: fields ?? [], text, at: this.env.now()}));
  }

  async told({row: one, change: {id: changeId}, at}) {
    if (!one.a) return {state: STATE[one.r], reason: null, fields: [], at, id: changeId};
    return {...await unsealed(this.vault, 'outbox', [one.n, one.i, 'answer'], 0, one.a), state: STATE[one.r], id: changeId};
  }

  /** Map record id -> {state, reason, fields, at}: of all my changes to a record the one that went worst. */
  async states() {
    const turn = await this.store.get('meta', 'turn');
    if (this.statesSeen.states && this.statesSeen.t === turn?.t) return this.statesSeen.states;
    const worst = new Map();
    for (const one of await this.all()) {
      const {change: {record}, row: {r}} = one;
      if (!worst.has(record) || rank(worst.get(record).row.r) <= rank(r)) worst.set(record, one);
    }
    const found = await Promise.all([...worst].map(async ([record, one]) => [record, await this.told(one)]));
    this.statesSeen = {t: turn?.t, states: new Map(found)};
    return this.statesSeen.states;
  }

  /** Forgets what was opened. */
  lock() {
    this.statesSeen = NO_STATES;
  }

  async all() {
    const [rows] = await this.store.read([['outbox']]);
    return Promise.all(rows.map((one) => this.shelf.openChange(one)));
  }

  /** Everything of mine that the office has not received, oldest first: [{change, state, reason, fields, at}]. */
  async waiting() {
    const [waits, held, returned] = await this.store.read([WAITS, HELD, RETURNED].map((r) => ['outbox', {only: r}, 'r']));
    const rows = [...waits, ...held, ...returned].sort((a, b) => a.n - b.n);
    return Promise.all(rows.map(async (one) => {
      const opened = await this.shelf.openChange(one);
      return {change: opened.change, ...await this.told(opened)};
    }));
  }

  /** Lets go of a change that came back or was kept aside; its author has read why. */
  async dismiss(changeId) {
    const i = await this.vault.tag(changeId);
    const rows = await this.store.read([HELD, RETURNED].map((r) => ['outbox', {only: r}, 'r']));
    const one = rows.flat().find((row) => row.i === i && (row.r === RETURNED || row.v));
    if (one) await this.store.commit({drop: [['outbox', {only: one.n}]]});
  }

  /** The step that offers everything received or held again, after the office was restored from a backup: {put}. */
  async offerAgain() {
    const rows = await this.store.read([RECEIVED, HELD].map((r) => ['outbox', {only: r}, 'r']));
    return {put: rows.flat().map((one) => ['outbox', {...one, r: WAITS, v: 0}])};
  }

  /** The step that lets go of what was received 30 days ago; what only the outbox still shows becomes an ordinary row. */
  async settle() {
    const [rows] = await this.store.read([['outbox', {only: RECEIVED}, 'r', SETTLE]]);
    const opened = await Promise.all(rows.map((one) => this.shelf.openChange(one)));
    const old = opened.filter(({at}) => at < this.env.now() - KEPT_MS);
    const records = new Map();
    for (const {change: one} of old) {
      const record = await this.shelf.find(one.record, one.subject, {settled: true});
      if (record) records.set(record.id, record);
    }
    return {put: await this.shelf.rows([...records.values()]), drop: old.map(({row: one}) => ['outbox', {only: one.n}])};
  }
}

/** What changes say, whatever ids their records were given. */
function said(changes) {
  let text = merge.text(changes.map(({kind, subject, topic, fields}) => [kind, subject, topic, fields]));
  changes.forEach(({record}, i) => { text = text.replaceAll(record, `#${i}`); });
  return text;
}

function rank(r) {
  return [2, 0, 3, 4][r];
}

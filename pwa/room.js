/** Room on a full phone: what the office can give again makes way for what somebody wrote here, the oldest first. */
import {inForce} from './history.js';
import {KEPT_MS, RECEIVED, latest} from './shelf.js';
import {parsed} from './vault.js';

const STEP_BYTES = 256 * 1024;
// Where the browser gives no room back for what is erased, no more goes for nothing in a day.
const REST_MS = 24 * 3600 * 1000;

/** Room over env {now(), today()}, store, shelf and tell(). */
export class Room {
  marks = new Map();
  restsUntil = 0;
  short = false;
  wanted = new Set();
  asked = new Set();

  constructor({env, store, shelf, tell}) {
    Object.assign(this, {env, store, shelf, tell});
  }

  /** Does write(rows to put along), which keeps what somebody wrote; on a full phone once more, with room made for it. Throws Full when that does not help. */
  async keep(write) {
    try {
      return await this.written(write);
    } catch (error) {
      if (error.name !== 'Full' || this.env.now() < this.restsUntil || !await this.free(await this.oldest())) throw error;
    }
    this.restsUntil = this.env.now() + REST_MS;
    const done = await this.written(write);
    this.restsUntil = 0;
    return done;
  }

  async written(write) {
    const marks = [...this.marks.values()];
    const done = await write(marks);
    if (done) for (const [, {p}] of marks) this.marks.delete(p);
    return done;
  }

  /** Erases the oldest of these, one at a time, until there is room for a step: how many bytes went. A pair that is not whole any more is not marked as filled. */
  async free(oldest) {
    let bytes = 0;
    while (bytes < STEP_BYTES && oldest.length) {
      const {p, size, drop} = oldest.shift();
      if (p) this.mark(p);
      await this.store.free(p ? [...drop, ['filled', {only: p}]] : drop);
      bytes += size;
    }
    return bytes;
  }

  /** That a pair made way goes to the disk with the write it made way for: to erase needs no room, to write does. Who knows no `short` asks for the pair again. */
  mark(p) {
    this.marks.set(p, ['filled', {p, ended: true, short: this.env.today()}]);
    this.say(true);
  }

  /** What can be got again, the oldest first: [{p: tag of its pair or null, size: bytes, drop}]. What is not needed any more goes before it. */
  async oldest() {
    const own = await this.own();
    const open = await this.open();
    const here = new Map();
    const found = [];
    for await (const [row, records, key] of this.received()) {
      for (const {id, version} of records) here.set(id, Math.max(version, here.get(id) ?? 0));
      const about = [row.c].flat()[0];
      // What somebody has before them stays, and what nobody would give again.
      if (!records.length || !open.has(row.p) || this.shelf.looked.has(about)) continue;
      found.push({age: records.map(latest).reduce(later), ids: records.map(({id}) => id), p: row.p, size: row.s.length, drop: [key]});
    }
    const settled = own.filter((one) => this.settled(one, here));
    // What my own changes lie on stays too: without it they would tell half.
    const mine = new Set(own.filter((one) => !settled.includes(one)).map(({change}) => change.record));
    const free = found.filter(({ids}) => !ids.some((id) => mine.has(id))).sort((a, b) => (a.age < b.age ? -1 : 1));
    return [...settled.map(({row}) => ({p: null, size: row.s.length, drop: [['outbox', {only: row.n}]]})), ...free];
  }

  /** Whether a change of mine was received thirty days ago, and the office's record stands here without it. */
  settled({row, at, change}, here) {
    return row.r === RECEIVED && at < this.env.now() - KEPT_MS && here.get(change.record) >= row.v;
  }

  /** What came from the office and no first page needs: [row, its records, what erases it], a few at a time in memory. */
  async *received() {
    for await (const [row, bytes] of this.shelf.history()) yield [row, parsed(bytes), ['blobs', {only: [row.c, row.p, row.q]}]];
    const [rows] = await this.store.read([['records']]);
    for (const row of rows.filter(({c}) => c.length === 1)) yield [row, [await this.shelf.openRow(row)], ['records', {only: row.i}]];
  }

  async own() {
    const [rows] = await this.store.read([['outbox']]);
    return Promise.all(rows.map((row) => this.shelf.openChange(row)));
  }

  async open() {
    const pairs = inForce(await this.shelf.scope(), this.env.today());
    return new Set(await Promise.all(pairs.map(([subject, topic]) => this.shelf.pairTag(subject, topic))));
  }

  /** Which pairs have come whole, which made way, and which of these wait until tomorrow: Map tag -> whole | ended | short | waits. */
  async filled() {
    const [rows] = await this.store.read([['filled']]);
    const found = new Map([...rows, ...[...this.marks.values()].map(([, row]) => row)].map((row) => [row.p, this.state(row)]));
    this.say([...found.values()].some((state) => state === 'short' || state === 'waits'));
    return found;
  }

  state({ended, short}) {
    if (short) return short === this.env.today() ? 'waits' : 'short';
    return ended ? 'ended' : 'whole';
  }

  say(short) {
    if (short !== this.short) this.tell({short});
    this.short = short;
  }

  /** Whether something of these subjects made way. */
  async lacks(subjects) {
    if (!this.short) return false;
    const filled = await this.filled();
    const pairs = inForce(await this.shelf.scope(), this.env.today()).filter(([subject]) => subjects.includes(subject));
    const tags = await Promise.all(pairs.map(([subject, topic]) => this.shelf.pairTag(subject, topic)));
    return tags.some((p) => ['short', 'waits'].includes(filled.get(p)));
  }

  /** Somebody opened these: the next round asks for them without waiting, once; whether they were not asked for before. */
  want(subjects) {
    const fresh = subjects.filter((subject) => !this.asked.has(subject));
    for (const subject of fresh) {
      this.wanted.add(subject);
      this.asked.add(subject);
    }
    return fresh.length > 0;
  }

  /** The subjects that somebody opened since the last round. */
  wishes() {
    const {wanted} = this;
    this.wanted = new Set();
    return wanted;
  }
}

function later(a, b) {
  return a > b ? a : b;
}

/** Room on a full phone: what is kept free for that moment, and what the office can give again, make way for what somebody wrote here. */
import {inForce} from './history.js';

const STEP_BYTES = 256 * 1024;
// Where the browser gives no room back for what is erased, no more goes for nothing in a day.
const REST_MS = 24 * 3600 * 1000;

/** Room over env {now(), today(), and once later() is there reserve: {bytes, make(), drop()} or none, and oldest(has): what can go}, store, shelf and tell(). */
export class Room {
  marks = new Map();
  restsUntil = 0;
  short = false;
  wanted = new Set();
  asked = new Set();
  again = null;

  constructor(has) {
    this.has = has;
    const {env, store, shelf, tell} = has;
    Object.assign(this, {env, store, shelf, tell});
  }

  /** Does write(rows to put along), which keeps what somebody wrote; on a full phone again, with room made for it. Throws Full when that does not help. */
  async keep(write) {
    const ways = [() => this.giveUp(), () => this.makeWay()];
    for (;;) {
      try {
        const done = await this.written(write);
        if (!ways.length) this.restsUntil = 0;
        return done;
      } catch (error) {
        if (error.name !== 'Full') throw error;
        let made = false;
        while (!made && ways.length) made = await ways.shift()();
        if (!made) throw error;
      }
    }
  }

  /** Gives up what is kept free for this moment: whether there was any. That is there at once, whatever the browser does with what is erased; that goes afterwards. */
  async giveUp() {
    await this.fetched();
    if (!await this.env.reserve?.drop()) return false;
    this.refill();
    return true;
  }

  /** Keeps room free for the moment that there is none left; where there is too little now, what can be got again makes way for it, once a day. */
  async ready() {
    if (await this.kept() === false && ![...(await this.filled()).values()].includes('waits')) await this.refill();
  }

  refill() {
    this.again ??= this.refilled().catch(() => {}).finally(() => { this.again = null; });
    return this.again;
  }

  async refilled() {
    await this.makeWay(this.env.reserve.bytes + STEP_BYTES);
    await this.written((marks) => (marks.length ? this.store.commit({put: marks}) : true));
    await this.kept();
  }

  /** Whether room is kept free now: false when there is too little, null where the browser keeps no files. */
  async kept() {
    await this.fetched();
    const has = await this.env.reserve?.make() ?? null;
    if (has) this.restsUntil = 0;
    return has;
  }

  /** What making room takes comes after the first page; where it never came there is none to be made. */
  async fetched() {
    await this.env.later?.().catch(() => {});
  }

  /** Erases the oldest that can be got again: whether anything went. Until that was seen to help it is not done again today. */
  async makeWay(bytes = STEP_BYTES) {
    await this.fetched();
    if (this.env.now() < this.restsUntil || !this.env.oldest) return false;
    const freed = await this.free(await this.env.oldest(this.has), bytes);
    this.restsUntil = this.env.now() + REST_MS;
    return freed > 0;
  }

  async written(write) {
    const marks = [...this.marks.values()];
    const done = await write(marks);
    if (done) for (const [, {p}] of marks) this.marks.delete(p);
    return done;
  }

  /** Erases the oldest of these, one at a time, until so much went: how many bytes did. A pair that is not whole any more is not marked as filled. */
  async free(oldest, most) {
    let bytes = 0;
    while (bytes < most && oldest.length) {
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

/** The sync client: one request takes changes up and records down, history follows as a stream; one round at a time on a device. */
import kinds from '../sync/kinds.json' with {type: 'json'};
import {fill} from './history.js';
import {sealed, unsealed} from './shelf.js';
import {Trouble, heard, post} from './trouble.js';

const FORMAT = 1;
const KNOWS = kinds.knows;
const MOST = 500;
const BYTES = 900_000;
const AHEAD_MS = 2000;
const FRESH_MS = 300_000;
const FIRST_WAIT_MS = 2000, LAST_WAIT_MS = 300_000;
const SPLIT = new Set([400, 413, 422]);
const NOBODY_WAITS = new Set(['signed_out', 'device', 'revoked', 'upgrade']);

/** Exchange over env, store, vault, shelf, outbox, reads, me() and tell(what changed in the status, whether stored records changed). */
export class Exchange {
  running = null;
  again = false;
  stop = new AbortController();
  tries = 0;
  retry = null;

  constructor({env, vault, store, shelf, outbox, reads, room, me, tell}) {
    Object.assign(this, {env, vault, store, shelf, outbox, reads, room, me, tell});
  }

  /** One round, or one more after the round that runs: {sent, received, erased, waiting, problem}; a problem is a code, never thrown. */
  sync({signal} = {}) {
    this.again = true;
    this.running ??= this.rounds(signal).finally(() => {
      this.running = null;
      if (this.again) this.sync();
    });
    return this.running;
  }

  async rounds(signal) {
    this.retry?.abort();
    const both = signal ? AbortSignal.any([signal, this.stop.signal]) : this.stop.signal;
    const done = {sent: 0, received: 0, erased: 0, waiting: 0, problem: null};
    this.tell({sending: true});
    let failure = null;
    try {
      while (this.again && !both.aborted) {
        this.again = false;
        await this.alone(() => this.round(done, both), both);
      }
      this.tries = 0;
    } catch (error) {
      failure = error;
      done.problem = both.aborted ? null : this.problem(error);
    } finally {
      this.again = false;
    }
    this.tell({sending: false, filling: null, problem: done.problem});
    if (failure && !both.aborted) this.later(failure);
    return done;
  }

  alone(work, signal) {
    return this.env.locks ? this.env.locks.request(`sync ${this.store.name}`, {signal}, work) : work();
  }

  problem(error) {
    if (error instanceof Trouble) return error.code;
    if (error.name === 'Full') return 'full';
    this.tell({sending: false, filling: null, problem: 'broken'});
    throw error;
  }

  later(error) {
    if (NOBODY_WAITS.has(error.code)) return;
    const longest = Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** this.tries);
    const [a, b] = this.env.random(2);
    const wait = Math.max(error.wait ?? 0, Math.round(longest * (0.5 + (a * 256 + b) / 131072)));
    this.tries += 1;
    this.retry = new AbortController();
    this.tell({retryAt: this.env.now() + wait});
    this.env.sleep(wait, AbortSignal.any([this.retry.signal, this.stop.signal])).then(() => this.sync(), () => {});
  }

  async round(done, signal) {
    await this.clean();
    let next = null;
    let follows = null;
    let taking = null;
    for (let most = MOST; ;) {
      const sent = await (next ?? this.outbox.batch(most, BYTES));
      next = null;
      const before = done.sent;
      // While the office is busy with these, the ones after them are opened.
      const meanwhile = () => {
        next = sent.length === most ? this.outbox.batch(most, BYTES, sent.at(-1).row.n) : null;
        next?.catch(() => {});
      };
      try {
        const says = follows ?? await this.says();
        const answer = await this.ask(sent, says, signal, meanwhile);
        await taking;
        taking = this.take(answer, sent, says, done);
        taking.catch(() => {});
        // Receipts alone reach the disk while the next changes are on their way: whoever saved a hundred visits waits once.
        follows = (await next)?.length && receiptsOnly(answer, sent, says.at) ? following(says, answer) : null;
        if (!follows) await taking;
        most = Math.min(MOST, most * 2);
        if (!follows && done.sent - before < sent.length) next = null;
        if (!follows && !answer.more && !done.waiting) break;
      } catch (error) {
        follows = next = null;
        await taking;
        if (!SPLIT.has(error.status) || !sent.length) throw error;
        if (sent.length === 1) await this.giveBack(sent, error.reason);
        most = Math.max(1, sent.length >> 1);
      }
    }
    this.tell({needed: true});
    const {env, store, shelf, room} = this;
    await fill({env, store, shelf, room, device: this.me().device, word: await this.word()}, signal, (filling) => this.tell({filling}, true));
    if (room.short) await room.filled();
  }

  async giveBack([only], reason) {
    await this.store.commit({put: await this.outbox.answered([only], [{id: only.change.id, is: 'refused', reason}])});
  }

  /** What a request says beside the changes it takes up: where this phone is, what was read, what is asked after. */
  async says() {
    return {
      at: await this.place(), scope: await this.shelf.scope(), read: await this.reads.batch(MOST),
      held: await this.outbox.held(MOST), word: await this.word(),
    };
  }

  async ask(sent, {at, scope, read, held, word}, signal, meanwhile) {
    const began = this.env.now();
    const response = await post(this.env, '/sync', {
      format: FORMAT, device: this.me().device, epoch: at.epoch, cursor: at.cursor, entitled: scope?.digest ?? null,
      changes: sent.map(({change}) => change), reads: read.values, ...(held.length && {held: held.map(({row, change}) => [change.id, row.v])}),
    }, signal, word, meanwhile);
    const answer = await heard(this.env, response.json(), signal);
    return {...answer, ahead: answer.now - (began + this.env.now()) / 2};
  }

  /** What this device says of itself: in headers, which an office that does not know them leaves unread. */
  async word() {
    const persisted = this.env.protected?.() ?? null;
    const {n} = await this.outbox.ticking();
    return {'naober-knows': String(KNOWS), ...(n && {'naober-made': String(n)}), ...(persisted !== null && {'naober-persisted': String(Number(persisted))})};
  }

  /** This device was revoked: what it still had is in custody; with nothing left to hand in, the round ends. */
  async handIn(answer, sent, done) {
    await this.store.commit({put: await this.outbox.answered(sent, answer.results)});
    if (!sent.length) throw new Trouble('revoked');
    done.waiting = sent.length;
  }

  /** One answer is one step on disk: receipts, what must go, what is new, and the cursor behind it. */
  async take(answer, sent, {at, scope, read, held}, done) {
    if (answer.revoked) return this.handIn(answer, sent, done);
    const receipts = await this.outbox.answered(sent, answer.results);
    if (sent.length && !receipts.length) throw new Trouble('busy', {reason: 'no_receipts'});
    const step = {put: [...receipts, ...await this.outbox.answered(held, answer.results)], drop: read.drop, when: [['meta', 'cursor', 't', at.t]]};
    const next = {epoch: answer.epoch, cursor: answer.cursor, lastAt: this.env.now(), knows: KNOWS};
    if (at.epoch !== null && at.epoch !== answer.epoch) await this.restart(step, next);
    else await this.accept(step, answer, scope, done);
    const quiet = !step.put.length && !step.drop.length && at.cursor === next.cursor && next.lastAt - at.lastAt < FRESH_MS;
    if (!quiet) {
      step.put.push(['meta', await this.metaRow('cursor', at.t, next)]);
      if (!await this.store.commit(step)) throw new Trouble('busy', {reason: 'another_tab'});
    }
    done.sent += receipts.length;
    done.received += answer.records.length;
    done.waiting = await this.outbox.count();
    this.tell({lastAt: next.lastAt, waiting: done.waiting, problem: null}, !quiet);
    await this.correct(answer.ahead);
  }

  async accept(step, {entitled, records}, scope, done) {
    if (entitled) {
      const gone = without(scope?.pairs ?? [], entitled.pairs);
      const erasing = await this.shelf.forget(gone, entitled.hats);
      step.drop.push(...erasing.drop);
      step.put.push(...erasing.put);
      step.put.push(['meta', await this.newScope(entitled, scope, erasing.holes)]);
      done.erased += gone.length;
      // The next request says that it is gone: that is the receipt of a withdrawal.
      if (gone.length) this.again = true;
    }
    step.put.push(...await this.shelf.rows(records));
  }

  /** `holes`: pairs that closed before they had come whole; what I wrote of them is still asked for. */
  async newScope({digest, pairs, hats = []}, scope, more) {
    const open = new Set(pairs.map(([subject, topic]) => `${subject} ${topic}`));
    const holes = [...scope?.holes ?? [], ...more].filter(([subject, topic]) => !open.has(`${subject} ${topic}`));
    const late = scope ? without(pairs, scope.pairs) : [];
    const tags = await Promise.all(late.map(([subject, topic]) => this.shelf.pairTag(subject, topic)));
    const row = await this.store.get('meta', 'scope');
    return this.metaRow('scope', row?.t ?? null, {digest, pairs, hats, holes, late: [...scope?.late ?? [], ...tags]});
  }

  /** The office came back from a backup: what I wrote is offered again, all else is fetched again. */
  async restart(step, next) {
    const {put} = await this.outbox.offerAgain();
    step.put.push(...put, ['meta', await this.metaRow('scope', (await this.store.get('meta', 'scope'))?.t ?? null, {digest: null, pairs: [], late: []})]);
    step.drop.push(['records'], ['blobs'], ['filled']);
    next.cursor = null;
    this.again = true;
  }

  async place() {
    const row = await this.store.get('meta', 'cursor');
    if (!row) return {t: null, epoch: null, cursor: null, lastAt: 0};
    const at = {t: row.t, ...await unsealed(this.vault, 'meta', 'cursor', row.t, row.s)};
    // An app that knew fewer kinds was given none of the others: it begins anew.
    return at.knows === KNOWS ? at : {...at, cursor: null};
  }

  async metaRow(k, t, value) {
    const next = (t ?? 0) + 1;
    return {k, t: next, s: await sealed(this.vault, 'meta', k, next, JSON.stringify(value))};
  }

  async correct(ahead) {
    const at = await this.outbox.ticking();
    if (Math.abs(at.ahead - ahead) < AHEAD_MS) return;
    const row = await this.outbox.clockRow({...at, ahead: Math.round(ahead)});
    await this.store.commit({put: [['meta', row]], when: [['meta', 'clock', 't', at.t]]});
  }

  /** clean(), when no other tab is busy with this store. */
  async tidy() {
    await this.room.filled();
    return this.alone(() => this.clean());
  }

  /** Erases what ended meanwhile, and lets go of what was received long ago. */
  async clean() {
    const scope = await this.shelf.scope();
    const today = this.env.today();
    const ended = (scope?.pairs ?? []).filter(([, , until]) => until && until < today);
    for (const step of [await this.shelf.forget(ended), await this.outbox.settle()]) {
      if (step.put.length || step.drop.length) await this.store.commit(step);
    }
  }

  /** Stops the round that runs and forgets about trying again. */
  halt() {
    this.stop.abort();
    this.stop = new AbortController();
    this.tries = 0;
  }
}

/** The pairs that are not among the others; one that opens from another moment on is another pair. */
function without(pairs, others) {
  const key = ([subject, topic, , after]) => `${subject} ${topic} ${after ?? 0}`;
  const there = new Set(others.map(key));
  return pairs.filter((pair) => !there.has(key(pair)));
}

/** Whether an answer brings nothing but receipts, one for each change that was sent. */
function receiptsOnly({epoch, entitled, records, results}, sent, at) {
  if (epoch !== at.epoch || entitled || !records || records.length || results.length !== sent.length) return false;
  return results.every(({is}) => is === 'stored' || is === 'known');
}

/** What the next request says while such an answer is on its way to the disk: what was told or asked once is not said again. */
function following({at, ...says}, {epoch, cursor}) {
  return {...says, at: {...at, t: (at.t ?? 0) + 1, epoch, cursor}, read: {values: [], drop: []}, held: []};
}

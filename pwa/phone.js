/** One phone: vault, store, shelf, outbox and exchange bound together; all that pages call. */
import {Drafts} from './drafts.js';
import {Exchange} from './exchange.js';
import {lapsed} from './lease.js';
import {Outbox} from './outbox.js';
import {Reads} from './reads.js';
import {Room} from './room.js';
import {Shelf, sealed, unsealed} from './shelf.js';
import {makeFleeting, makeSlots, makeStore} from './store.js';
import {Locked, Vault, base64url, without} from './vault.js';

export class Unsent extends Error { name = 'Unsent'; }
export class Emptied extends Error { name = 'Emptied'; }

const IDLE = {waiting: 0, sending: false, filling: null, lastAt: null, problem: null, needed: false, short: false, retryAt: null};
const VERIFIED_MS = 180_000;
const utf8 = new TextEncoder();

/** A locked phone over env {now, today, random, fetch, pack, indexedDB, IDBKeyRange, subtle, locks, sleep}. */
export function makePhone(env) {
  return new Phone(env);
}

class Phone {
  watchers = new Set();
  parts = null;
  who = null;
  hats = new Set();
  keepsNothing = false;
  now = {...IDLE};
  near = null;
  slot = null;
  verifiedAt = null;

  constructor(env) {
    this.env = env;
    this.vault = new Vault(env);
    this.vaults = makeSlots(env);
    const parts = {drafts: ['keep', 'find', 'drop', 'all'], reads: ['note'], room: ['lacks', 'want']};
    for (const [part, names] of Object.entries(parts)) this[part] = lazily(this, part, names);
  }

  bind(store) {
    const has = {env: this.env, vault: this.vault, store, me: () => this.who, mine: () => this.hats};
    has.tell = (what, touched) => {
      if (this.parts !== has) return;
      if (what.lastAt) this.heard(what.lastAt);
      this.tell(what, touched);
    };
    has.shelf = new Shelf(has);
    has.room = new Room(has);
    Object.assign(has, {outbox: new Outbox(has), id: () => has.outbox.id()});
    Object.assign(has, {reads: new Reads(has), drafts: new Drafts(has)});
    has.exchange = new Exchange(has);
    this.parts = has;
  }

  open() {
    if (!this.opened()) throw new Locked('the vault is locked');
    return this.parts;
  }

  /** Whether this phone keeps nothing. */
  fleeting() {
    return this.keepsNothing;
  }

  /** Whether whoever holds this phone showed a short while ago that it is theirs: by unlocking that is not shown long enough for everything. */
  verified() {
    const since = this.env.now() - this.verifiedAt;
    return this.verifiedAt !== null && since >= 0 && since < VERIFIED_MS;
  }

  /** The secret of its own passkey, asked for once more while it is open; throws WrongSecret for another's. */
  async verify(slot, secret, credential = null) {
    await new Vault(this.env).open(slot, secret, credential);
    const at = this.env.now();
    this.verifiedAt = at;
    this.env.sleep(VERIFIED_MS).then(() => { if (this.verifiedAt === at) this.veil(); });
  }

  /** What was shown since leaves the screen. */
  veil() {
    this.verifiedAt = null;
    this.tell({}, true);
  }

  /** Whether this phone was out of touch for longer than its lease, or its clock was put back: it shows nothing until it has spoken to the office. */
  lapsed() {
    return lapsed(this.env.now(), this.now.lastAt, this.slot?.used ?? 0);
  }

  /** The office spoke: a clock that was ahead before is no clock that is put back now. */
  heard(at) {
    if (!(this.slot?.used > at)) return;
    this.slot = {...this.slot, used: at};
    this.keepSlot(this.slot.name, (slot) => ({...slot, used: at})).catch(() => {});
  }

  /** Vaults on this device, last used first; nothing in them is secret. */
  async slots() {
    const [rows] = await this.vaults.read([['slots']]);
    return rows.sort((a, b) => b.used - a.used);
  }

  /** Opens what lies under a slot before its key is there: it stays sealed, and is at hand when somebody unlocks. */
  ahead({name}) {
    return this.storeOf(name).opened();
  }

  storeOf(name) {
    if (this.near?.name !== name) this.near = makeStore(this.env, name);
    return this.near;
  }

  /** A new, open vault for me.person, replacing none that is there; returns its slot. */
  async create(secret, slot, who) {
    const name = `naober-${await this.personTag(who.person)}`;
    if (await this.vaults.get('slots', name)) throw new Error('this person has a vault on this device: unlock it');
    const kept = {...await this.vault.create(secret, slot), name, person: who.person, used: this.env.now()};
    await makeStore(this.env, name).destroy();
    this.bind(makeStore(this.env, name));
    await this.keepMe(who);
    await this.vaults.commit({put: [['slots', kept]]});
    this.slot = kept;
    return kept;
  }

  /** Opens a vault from slots() with the secret of one of its passkeys; throws WrongSecret, or Emptied when the browser threw its contents away. */
  async unlock(slot, secret, credential = null) {
    await this.vault.open(slot, secret, credential);
    this.bind(this.storeOf(slot.name));
    const {exchange, outbox, shelf} = this.parts;
    const [known, at, waiting, scope] = await Promise.all([this.readMe(), exchange.place(), outbox.count(), shelf.scope()]);
    if (!known) await this.emptied(slot);
    this.tell({waiting, lastAt: at.lastAt || null, needed: Boolean(scope)});
    this.slot = slot;
  }

  /** Locks, and unlocks at once with what a passkey gave; throws WrongSecret and stays open as it was. */
  async reopen(secret, credential) {
    const {slot} = this;
    await new Vault(this.env).open(slot, secret, credential);
    this.lock();
    await this.unlock(slot, secret, credential);
  }

  /** Whether a passkey opens this vault that never did so without network; the key of the demo needs none. */
  untried() {
    return Boolean(this.slot?.credential) && !this.who.tried;
  }

  /** Whether anything was ever written in this vault, half written forms included. */
  async written() {
    const {outbox, drafts} = this.open();
    const [{n}, half] = await Promise.all([outbox.ticking(), drafts.all()]);
    return n > 0 || half.length > 0;
  }

  /** What may wait for the first page: which vault was used last and until when, and to erase what ended while the phone was locked, which is hidden from the first moment. */
  async tidy() {
    const {exchange, outbox, room} = this.open();
    if (this.slot) await this.keepSlot(this.slot.name, (slot) => ({...slot, device: this.who.device, used: Math.max(slot.used, this.env.now())}));
    await outbox.ready();
    await exchange.tidy();
    if (this.slot) await room.ready();
  }

  /** One more passkey opens a vault from now on, which need not be open, {credential, salt, secret}; `by` is one that opens it, {credential, secret}. */
  async addKey(name, by, added) {
    const {others} = await this.vault.rewrap(await this.vaults.get('slots', name), by, added);
    return this.keepSlot(name, (slot) => ({...slot, others: [...(slot.others ?? []).filter(({credential}) => credential !== added.credential), others.at(-1)]}));
  }

  /** A passkey that opens a vault no more. The root key stays: nothing that lies here has to be sealed again, and the other passkeys may be anywhere. */
  dropKey(name, credential) {
    return this.keepSlot(name, (slot) => without(slot, credential));
  }

  /** Changes the slot as it is on the disk now, where another tab may have changed it too; a vault that was taken away stays away. */
  async keepSlot(name, changed) {
    for (;;) {
      const was = await this.vaults.get('slots', name);
      if (!was) return;
      const slot = {...changed(was), turn: (was.turn ?? 0) + 1};
      if (await this.vaults.commit({put: [['slots', slot]], when: [['slots', name, 'turn', was.turn ?? null]]})) {
        if (this.slot?.name === name) this.slot = slot;
        return;
      }
    }
  }

  /** Opens a phone that keeps nothing: all it holds is gone with the page. */
  async pass(who) {
    this.lock();
    await this.vault.create(this.env.random(32));
    this.bind(makeFleeting());
    this.keepsNothing = true;
    await this.keepMe(who);
  }

  /** Drops keys and everything read in clear, stops a running sync. */
  lock() {
    this.vault.lock();
    if (this.parts) {
      const {shelf, outbox, exchange, store} = this.parts;
      shelf.lock();
      outbox.lock();
      exchange.halt();
      store.close();
    }
    Object.assign(this, {parts: null, who: null, slot: null, verifiedAt: null, hats: new Set(), keepsNothing: false, now: {...IDLE}});
  }

  /** Keeps what GET /me said, sealed; hats that ended stay known as mine. */
  async keepMe(who) {
    const {store} = this.parts;
    const row = await store.get('meta', 'me');
    const t = (row?.t ?? 0) + 1;
    const was = new Set([...this.hats, ...who.hats.map((hat) => hat.id)]);
    const s = await sealed(this.vault, 'meta', 'me', t, JSON.stringify({who, was: [...was]}));
    await store.commit({put: [['meta', {k: 'me', t, s}]]});
    Object.assign(this, {who, hats: was});
  }

  async readMe() {
    const row = await this.parts.store.get('meta', 'me');
    if (!row) return false;
    const kept = await unsealed(this.vault, 'meta', 'me', row.t, row.s);
    Object.assign(this, {who: kept.who, hats: new Set(kept.was)});
    return true;
  }

  async emptied({name}) {
    this.lock();
    await this.vaults.commit({drop: [['slots', {only: name}]]});
    throw new Emptied('the browser removed what was kept here: sign in again');
  }

  /** Takes this vault off the device; throws Unsent while something was not received, unless told to. */
  async erase({unsent = false} = {}) {
    const {store, outbox, exchange} = this.open();
    if (!unsent && await outbox.count()) throw new Unsent('changes wait for the office: sync first');
    const {name} = store;
    this.lock();
    // A sync that is still on its way would make anew what is taken away here.
    await exchange.running?.catch(() => {});
    await this.vaults.commit({drop: [['slots', {only: name}]]});
    await makeStore(this.env, name).destroy();
  }

  async add(changes, options) {
    const {outbox} = this.open();
    const result = await outbox.add(changes, options);
    // To count takes the longer the more waits: it is counted at unlocking and at each sync, and added to here.
    this.tell({waiting: this.now.waiting + (result.again ? 0 : 1)}, true);
    return result;
  }

  async dismiss(changeId) {
    await this.open().outbox.dismiss(changeId);
    this.tell({}, true);
  }

  tell(what, touched = false) {
    this.now = {...this.now, ...('sending' in what || 'problem' in what ? {retryAt: null} : {}), ...what};
    for (const watcher of this.watchers) watcher(this.now, {touched});
  }

  /** Calls fn(status, {touched}) at every change until the returned function is called; touched = what pages may show changed. */
  watch(fn) {
    this.watchers.add(fn);
    return () => this.watchers.delete(fn);
  }

  opened() { return this.parts !== null && this.who !== null; }
  me() { return this.who; }
  status() { return this.now; }
  retryAt() { return this.now.retryAt; }
  first() { return this.open().shelf.first(); }
  records(subject) { return this.open().shelf.records(subject); }
  find(id, subject) { return this.open().shelf.find(id, subject); }
  id() { return this.open().outbox.id(); }
  change(kind, what) { return this.open().outbox.change(kind, what); }
  scope() { return this.open().shelf.scope(); }
  isMine(record) { return this.open().shelf.isMine(record); }
  states() { return this.open().outbox.states(); }
  waiting() { return this.open().outbox.waiting(); }
  sync(options) { return this.open().exchange.sync(options); }

  async personTag(person) {
    return base64url(new Uint8Array(await this.env.subtle.digest('SHA-256', utf8.encode(person)), 0, 16));
  }
}

function lazily(phone, part, names) {
  return Object.fromEntries(names.map((name) => [name, (...args) => phone.open()[part][name](...args)]));
}

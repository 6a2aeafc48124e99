/** Several real phones in one process, for tests/simulate.py: one JSON command a line comes in, answers and requests to the office go out. */
import {webcrypto} from 'node:crypto';
import {IDBFactory, IDBKeyRange} from 'fake-indexeddb';
import {oldest} from '../../pwa/oldest.js';
import * as merge from '../../sync/merge.js';
import {Faulty, Killed} from './faults.js';
import {Neighbour} from './neighbours.js';
import {away, listen, tell} from './pipe.js';
import {forget, quick} from './subtle.js';
import {hurry} from './swift.js';
import {ofVersion} from './versions.js';
import {aWorker} from './worker.js';

const SECRET = new Uint8Array(32).fill(7);
const SETTLE_TURNS = 4;
// What a worker meets on a bad line: its browser tries again.
const LINE = /^no network$|^line broke$|^\/\w+: the office answered 503$/;
const makePhone = await ofVersion(process.env.NAOBER_PHONE);
const devices = new Map();
const neighbours = new Map();
const asked = new Map();
let asks = 0;
let subtle = quick;
const real = Object.fromEntries(Object.keys(quick).map((name) => [name, (...given) => away(webcrypto.subtle[name](...given))]));

/** A device that outlives its browser: `storage` stays, `phone` and `env` are of this start of the browser. */
class Device {
  storage = new IDBFactory();
  clock = {at: 0, today: ''};

  constructor(name) {
    this.name = name;
    this.start();
  }

  start() {
    this.faulty = new Faulty(this.storage);
    this.env = {
      indexedDB: this.faulty, IDBKeyRange, subtle, locks: null,
      now: () => this.clock.at,
      today: () => this.clock.today,
      random: (n) => bytes(this, n),
      oldest,
      fetch: (path, options) => request(this.name, this.faulty, path, options),
      sleep: (ms, signal) => new Promise((resolve, reject) => { signal?.addEventListener('abort', () => reject(signal.reason)); }),
    };
    this.phone = makePhone(this.env);
  }

  async restart() {
    this.faulty.kill();
    await settled();
    this.faulty.close();
    this.start();
  }

}

/** Bytes of chance that depends on the seed alone (mulberry32), which `whose` has for now. */
function bytes(whose, n) {
  return Uint8Array.from({length: n}, () => {
    whose.chance = (whose.chance + 0x6d2b79f5) | 0;
    let t = Math.imul(whose.chance ^ (whose.chance >>> 15), 1 | whose.chance);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) & 255;
  });
}

const ACTS = {
  restart: () => true,
  make: ({phone}, {who}) => phone.create(SECRET, {demo: true, device: who.device}, who).then(() => true),
  sync: ({phone}) => phone.sync(),
  lock: ({phone}) => phone.lock(),
  erase: ({phone}) => phone.erase({unsent: true}),
  read: ({phone}, {subject, what}) => phone.reads.note(subject, what).then(() => true),
  gone: async ({phone}) => !(await phone.slots()).length,
  unlock, write, refresh, look, kept, spoil, handIn,
};

async function unlock({phone}) {
  const [slot] = await phone.slots();
  if (!slot) return false;
  await phone.unlock(slot, SECRET);
  await phone.tidy().catch(() => {});
  return true;
}

/** What a page does at "bewaard": the changes under one op; an edit is of the record as this phone shows it. */
async function write({phone}, {op, changes}) {
  const made = [];
  for (const {edit, as, ...what} of changes) {
    const record = edit ? await phone.find(edit, what.subject) : null;
    if (edit && !record) return {absent: true};
    for (const [field, n] of Object.entries(as ?? {})) what.fields[field] = Array.isArray(n) ? n.map((one) => made[one].record) : made[n].record;
    if (what.subject === 'household of') what.subject = `household:${made[0].record}`;
    made.push(phone.change(what.kind, {...what, record}));
  }
  const {changes: saved, again} = await phone.add(made, {op});
  return {saved: saved.map(({id, record, subject}) => ({id, record, subject})), again};
}

/** As app.js does after opening: hats may have been given or taken. */
async function refresh({phone, env}) {
  const said = await env.fetch('/me', {method: 'GET'}).then((response) => response.ok && response.json()).catch(() => null);
  if (!said) return null;
  await phone.keepMe({...phone.me(), ...said});
  await opened(phone);
  return said;
}

/** Somebody opens each household of which history made way on a full phone: the next round asks for it. Earlier phones let nothing make way. */
async function opened(phone) {
  if (!phone.room) return;
  const subjects = ((await phone.scope())?.pairs ?? []).map(([subject]) => subject);
  phone.open().room.asked.clear();
  if (await phone.room.lacks(subjects)) phone.room.want(subjects);
}

/** A phone that is not to be trusted: for the test that the simulator notices. */
function spoil({phone}) {
  return phone.open().store.commit({drop: [['outbox', {from: 1, to: 1}]]});
}

/** The service worker hands in, with the phone open or not: {handed: whether the line allowed it, gone: whether it took the phone off this device}. */
async function handIn({env, faulty}) {
  const worker = aWorker({indexedDB: faulty, fetch: env.fetch});
  const handed = await worker.tell('sync', {tag: 'hand-in'}).then(() => true, (error) => {
    if (!LINE.test(error.message)) throw error;
    return false;
  });
  return {handed, gone: worker.heard.includes('erased')};
}

async function kept({phone}) {
  const {outbox} = phone.open();
  return (await outbox.all()).map(({change}) => change.id);
}

/** Everything there is to see, and everything that lies in the store, seen or not. */
async function look({phone}, {subjects}) {
  const {shelf, store} = phone.open();
  const shown = [];
  for (const subject of subjects) {
    for (const {state, ...record} of await phone.records(subject)) shown.push([record.id, state ?? null, merge.text(record)]);
  }
  const [rows, blobs] = await store.read([['records'], ['blobs']]);
  const lists = [...await Promise.all(blobs.map((one) => shelf.openBlob(one))), await Promise.all(rows.map((one) => shelf.openRow(one)))];
  const stored = lists.flat().map(({id}) => id);
  const waiting = (await phone.waiting()).map(({change, state, reason, text}) => [change.id, state, reason, text]);
  return {shown, stored, waiting, kept: await kept({phone}), pairs: (await shelf.scope())?.pairs ?? []};
}

async function settled() {
  for (let i = 0; i < SETTLE_TURNS; i += 1) await new Promise((resolve) => { setImmediate(resolve); });
}

/** A request of a phone: answered by the office, in time or not, whole or not, as the seed has it. */
function request(p, faulty, path, {method = 'POST', body = '', signal, headers = {}}) {
  asks += 1;
  const f = asks;
  if (faulty.dead) return new Promise(() => {});
  tell({f, p, path, method, body, knows: headers['naober-knows'] ?? ''});
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal?.addEventListener('abort', stop);
    asked.set(f, (answer) => {
      signal?.removeEventListener('abort', stop);
      if (answer.kill) faulty.kill();
      else if (answer.error) reject(new TypeError('no network'));
      else resolve(made(answer));
    });
  });
}

function made({status, body, cut, chunk}) {
  const bytes = Buffer.from(body);
  const upto = cut ?? bytes.length;
  let at = 0;
  const stream = new ReadableStream({
    pull(controller) {
      if (at < upto) controller.enqueue(new Uint8Array(bytes.subarray(at, Math.min(upto, at + chunk))));
      else if (cut === null) controller.close();
      else controller.error(new TypeError('line broke'));
      at += chunk;
    },
  });
  return new Response(status === 204 ? null : stream, {status});
}

async function perform({i, p, act, at, today, chance, fault, ...more}) {
  if (act === 'begin') {
    devices.clear();
    neighbours.clear();
    forget();
    subtle = more.real ? real : quick;
    return tell({i, ok: true});
  }
  if (act === 'visit') return tell({i, ...await visited(p, {chance, clock: {at, today}}, more)});
  if (!devices.has(p)) devices.set(p, new Device(p));
  const device = devices.get(p);
  Object.assign(device, {chance, clock: {at, today}});
  if (act === 'restart') await device.restart();
  const {faulty} = device;
  faulty.plan(fault ?? null);
  const said = await Promise.race([faulty.died, done(act, device, more)]);
  const {steps} = faulty;
  faulty.plan(null);
  tell({i, ...said, steps});
}

async function visited(p, of, asked) {
  if (!neighbours.has(p)) {
    const made = new Neighbour({subtle: real, random: (n) => bytes(made, n), fetch: (path, options) => request(p, {dead: false}, path, options)});
    neighbours.set(p, made);
  }
  const neighbour = Object.assign(neighbours.get(p), of);
  return neighbour.visit(asked).then((ok) => ({ok}), thrown);
}

async function done(act, device, more) {
  try {
    return {ok: await ACTS[act](device, more) ?? null};
  } catch (error) {
    return thrown(error);
  }
}

function thrown(error) {
  if (error instanceof Killed) return {killed: true};
  return {thrown: error.name, message: error.message, stack: error.stack};
}

hurry();
process.on('unhandledRejection', (error) => { if (!(error instanceof Killed)) tell({stray: `${error.name}: ${error.message} ${error.stack}`}); });
listen((message) => {
  if (!('f' in message)) return perform(message);
  asked.get(message.f)?.(message);
  asked.delete(message.f);
});

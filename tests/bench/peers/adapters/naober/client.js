// Our own client as the phone runs it: vault, sealed store, outbox and sync of pwa/, with WebCrypto and IndexedDB; only the secret is fixed
// (a passkey would give it) and no page is drawn.
import * as merge from '../../../../../sync/merge.js';
import { local } from '../../../../../pwa/i18n.js';
import { makePhone } from '../../../../../pwa/phone.js';
import { gzip } from '../../../../../pwa/trouble.js';

const SECRET = new Uint8Array(32).fill(7);
const CLIENTS = 40;
const TOPIC = { lichamelijk: 'body', mentaal: 'mind', wonen: 'practical', financien: 'society', participatie: 'social' };
const env = {
  now: () => Date.now(), today: () => local(Date.now()).date, random: (n) => crypto.getRandomValues(new Uint8Array(n)), fetch: (...asked) => fetch(...asked), pack: gzip,
  indexedDB, IDBKeyRange, subtle: crypto.subtle, locks: navigator.locks,
  sleep: (ms, signal) => new Promise((ok, no) => { const timer = setTimeout(ok, ms); signal?.addEventListener('abort', () => { clearTimeout(timer); no(signal.reason); }); }),
};
const phone = makePhone(env);
const subject = (client) => `resident:0199c0de-0000-7000-8006-${(Number(client.slice(3)) + 1).toString(16).padStart(12, '0')}`; // tests/bench/neighbourhood.py an_id

async function round() {
  const { problem, sent, received } = await phone.sync();
  if (problem) throw new Error(`sync: ${problem}`);
  return sent + received;
}

async function notesOf(client) {
  return (await phone.records(subject(client))).filter(({ kind }) => kind === 'note').map((record) => ({ client, ...merge.shown(record) }));
}

globalThis.benchAdapter = {
  async open() {
    const [slot] = await phone.slots();
    if (slot) return phone.unlock(slot, SECRET);
    return phone.create(SECRET, { demo: true }, await (await fetch('/me')).json());
  },
  async record(n) {
    const fields = { text: n.text, aspect: 'seen', at: Date.parse(n.created_at) };
    await phone.add([phone.change('note', { subject: subject(n.client), topic: TOPIC[n.domain], fields })]);
  },
  async push() {
    const n = await round();
    const back = (await phone.waiting()).filter(({ state }) => state !== 'phone');
    if (back.length) throw new Error(`${back.length} ${back[0].state}: ${back[0].reason}`);
    return n;
  },
  pull: round,
  sync: round,
  // When the first answer is on disk, what today needs can be read; history follows.
  async today() {
    const done = new Promise((ok) => { const hush = phone.watch(({ needed }) => { if (needed) { hush(); ok(phone.first()); } }); });
    const all = round();
    const found = await done;
    all.catch(() => {});
    return found.filter(({ kind }) => kind === 'household').length;
  },
  async newest(client, k) {
    const notes = (await notesOf(client)).sort((a, b) => b.fields.at - a.fields.at).slice(0, k);
    return notes.map(({ id, fields }) => ({ id, client, created_at: new Date(fields.at).toISOString(), text: fields.text }));
  },
  async count() {
    let n = 0;
    for (let i = 0; i < CLIENTS; i++) n += (await notesOf(`cl-${String(i).padStart(4, '0')}`)).length;
    return n;
  },
  async close() { phone.lock(); },
};

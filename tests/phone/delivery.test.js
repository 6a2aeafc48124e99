/** What a locked phone hands in: sealed to the office when it was written, by the service worker, without a key. */
import assert from 'node:assert/strict';
import {webcrypto} from 'node:crypto';
import test from 'node:test';
import * as merge from '../../sync/merge.js';
import {base64url, bytes64, parsed} from '../../pwa/vault.js';
import {Desk, START, aPhone, amina, anEnv, anId, everything, restarted} from './phones.js';
import {aWorker} from './worker.js';

const {subtle} = webcrypto;
const CURVE = {name: 'ECDH', namedCurve: 'P-256'};
const utf8 = new TextEncoder();
const about = `resident:${anId()}`;

/** The office's half, as server/seals.py has it: gives what GET /me says, and opens what comes. */
async function anOffice() {
  const pair = await subtle.generateKey(CURVE, false, ['deriveBits']);
  const proof = webcrypto.getRandomValues(new Uint8Array(32));
  const seal = {id: anId(), key: base64url(new Uint8Array(await subtle.exportKey('raw', pair.publicKey))), proof: base64url(proof)};
  const open = async ({key, point, text}, device) => {
    assert.equal(key, seal.id);
    const e = bytes64(point), sealed = bytes64(text);
    const shared = await subtle.deriveBits({name: 'ECDH', public: await subtle.importKey('raw', e, CURVE, false, [])}, pair.privateKey, 256);
    const base = await subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
    const info = Buffer.concat([utf8.encode('naober outbox 1 '), e]);
    const k = await subtle.deriveKey({name: 'HKDF', hash: 'SHA-256', salt: proof, info}, base, {name: 'AES-GCM', length: 256}, false, ['decrypt']);
    const bound = {name: 'AES-GCM', iv: sealed.subarray(0, 12), additionalData: utf8.encode(`${seal.id} ${device}`)};
    return parsed(new Uint8Array(await subtle.decrypt(bound, k, sealed.subarray(12))));
  };
  return {seal, open};
}

/** A phone that seals, its office, and the worker of its browser; `answer` is what the office says of a delivery. */
async function aWorld({answer = {revoked: false}, indexedDB} = {}) {
  const office = await anOffice();
  const desk = new Desk();
  desk.pairs = [[about, 'body', null]];
  const env = anEnv({fetch: desk.fetch, ...(indexedDB && {indexedDB})});
  const me = {...amina(), seal: office.seal};
  const phone = await aPhone(env, me);
  const asked = [];
  const world = {office, desk, env, me, phone, asked, answer, busy: new Set(), line: true, opens: true};
  const fetch = async (path, {body} = {}) => {
    if (!world.line) throw new TypeError('no network');
    asked.push([path, body && JSON.parse(body)]);
    const taken = asked.at(-1)[1].sealed?.map(() => world.opens);
    return path === '/outbox' ? Response.json({taken, ...world.answer}, {status: world.status ?? 200}) : new Response(null, {status: 204});
  };
  const worker = aWorker({indexedDB: env.indexedDB, fetch, free: (name) => !world.busy.has(name)});
  Object.assign(world, {tell: worker.tell, told: worker.heard});
  world.signal = () => world.tell('sync', {tag: 'hand-in'});
  return world;
}

const note = (phone, text) => phone.change('note', {subject: about, topic: 'body', fields: {text}});

test('what a locked phone hands in is what it wrote, in order, and the office can read it', async () => {
  const {office, phone, me, asked, signal} = await aWorld();
  const {changes: [first]} = await phone.add([note(phone, 'een')], {op: 'a'});
  const {changes: [second, third]} = await phone.add([note(phone, 'twee'), note(phone, 'drie')], {op: 'b'});
  phone.lock();
  await signal();
  const [[path, {format, device, sealed}]] = asked;
  assert.deepEqual([path, format, device], ['/outbox', 1, me.device]);
  const opened = await Promise.all(sealed.map((one) => office.open(one, device)));
  assert.deepEqual(opened.map(merge.text), [first, second, third].map(merge.text));
  assert.equal(new Set(sealed.map(({point}) => point)).size, 1);
  assert.equal(new Set(sealed.map(({text}) => text.slice(0, 16))).size, 3);
});

test('it is handed in once, and stays on the phone until its own sync has heard of it', async () => {
  const {desk, env, phone, asked, signal} = await aWorld();
  await phone.add([note(phone, 'blijft')], {op: 'a'});
  phone.lock();
  await signal();
  await signal();
  assert.deepEqual(asked.map(([, {sealed}]) => sealed.length), [1, 0]);
  const again = await restarted(env);
  assert.equal(again.status().waiting, 1);
  await again.sync();
  assert.equal(again.status().waiting, 0);
  assert.equal(desk.asked[0][1].changes.length, 1);
  assert.deepEqual((await everything(env)).outbox.map(({h}) => h), [undefined]);
});

test('after another unlocking another ephemeral key is used', async () => {
  const {env, phone, asked, signal} = await aWorld();
  await phone.add([note(phone, 'een')], {op: 'a'});
  phone.lock();
  const again = await restarted(env);
  await again.add([note(again, 'twee')], {op: 'b'});
  await signal();
  assert.equal(new Set(asked[0][1].sealed.map(({point}) => point)).size, 2);
});

test('more than a hundred go in parts', async () => {
  const {phone, asked, signal} = await aWorld();
  await phone.add(Array.from({length: 230}, (_, i) => note(phone, `regel ${i}`)), {op: 'a'});
  phone.lock();
  await signal();
  assert.deepEqual(asked.map(([, {sealed}]) => sealed.length), [100, 100, 30]);
});

test('without a line, or when the office cannot, nothing changes and the browser is asked to try again', async () => {
  const world = await aWorld();
  const {env, phone, signal} = world;
  await phone.add([note(phone, 'blijft')], {op: 'a'});
  phone.lock();
  const before = await everything(env);
  world.line = false;
  await assert.rejects(signal, TypeError);
  Object.assign(world, {line: true, status: 503});
  await assert.rejects(signal, /503/);
  await world.tell('message', {data: 'hand-in'});
  assert.deepEqual(await everything(env), before);
});

test('where a page syncs, it is left to that page', async () => {
  const world = await aWorld();
  await world.phone.add([note(world.phone, 'een')], {op: 'a'});
  const [{name}] = await world.phone.slots();
  world.busy.add(`sync ${name}`);
  await world.signal();
  assert.deepEqual(world.asked, []);
});

test('two people on one phone each hand in their own', async () => {
  const one = await aWorld();
  await one.phone.add([note(one.phone, 'van de een')], {op: 'a'});
  one.phone.lock();
  const other = {...amina(), person: anId(), device: anId(), seal: one.office.seal};
  const theirs = await aPhone(one.env, other);
  await theirs.add([note(theirs, 'van de ander')], {op: 'a'});
  theirs.lock();
  await one.signal();
  const texts = await Promise.all(one.asked.map(async ([, {device, sealed}]) => [device, (await one.office.open(sealed[0], device)).fields.text]));
  assert.deepEqual(new Map(texts), new Map([[one.me.device, 'van de een'], [other.device, 'van de ander']]));
});

test('a phone that was revoked while locked hands in, erases itself, and lets the browser forget', async () => {
  const {env, phone, me, asked, told, signal} = await aWorld({answer: {revoked: true}});
  await phone.add([note(phone, 'nog niet verstuurd')], {op: 'a'});
  phone.lock();
  await signal();
  assert.deepEqual(asked.map(([path, body]) => [path, body.sealed?.length ?? body]), [['/outbox', 1], ['/erasures', {device: me.device, alone: true}]]);
  assert.deepEqual(told, ['erased']);
  assert.deepEqual((await env.indexedDB.databases()).map(({name}) => name), ['naober']);
  assert.deepEqual((await everything(env)).slots, []);
});

test("it takes nothing of another's on the same device", async () => {
  const world = await aWorld();
  const other = {...amina(), person: anId(), device: anId(), seal: world.office.seal};
  const theirs = await aPhone(world.env, other);
  await theirs.add([note(theirs, 'van de ander')], {op: 'a'});
  theirs.lock();
  const there = await world.phone.slots();
  world.busy.add(`sync ${there.find(({person}) => person === other.person).name}`);
  world.answer = {revoked: true};
  await world.signal();
  assert.deepEqual(world.asked.map(([path, {alone}]) => [path, alone]), [['/outbox', undefined], ['/erasures', false]]);
  const {slots, outbox} = await everything(world.env);
  assert.deepEqual([slots.map(({person}) => person), outbox.length], [[other.person], 1]);
});

test('what was written before there was a seal waits for its owner, on a revoked phone too', async () => {
  const {env, phone, me, signal} = await aWorld({answer: {revoked: true}});
  await phone.keepMe({...me, seal: null});
  await phone.add([note(phone, 'van vroeger')], {op: 'a'});
  phone.lock();
  await signal();
  const {outbox, slots} = await everything(env);
  assert.deepEqual([outbox.length, slots.length], [1, 1]);
  assert.equal((await restarted(env)).status().waiting, 1);
});

test('what the office cannot open is not called handed in, and is not erased', async () => {
  const world = await aWorld({answer: {revoked: true}});
  await world.phone.add([note(world.phone, 'onder een oud zegel')], {op: 'a'});
  world.phone.lock();
  world.opens = false;
  await world.signal();
  await world.signal();
  assert.deepEqual(world.asked.map(([path, {sealed}]) => [path, sealed.length]), [['/outbox', 1], ['/outbox', 0]]);
  assert.equal((await restarted(world.env)).status().waiting, 1);
});

test('a device without phones has nothing to say', async () => {
  const {env, phone, asked, signal} = await aWorld();
  await phone.erase({unsent: true});
  await signal();
  assert.deepEqual(asked, []);
  assert.ok(env.now() >= START);
});

/** The trial: a passkey that opens this phone without network is told from one that does not, while nothing would be lost by it. */
import assert from 'node:assert/strict';
import test from 'node:test';
import {makePhone} from '../../pwa/phone.js';
import {tryOut} from '../../pwa/trial.js';
import {unlocked} from '../../pwa/tried.js';
import {base64url} from '../../pwa/vault.js';
import {aNeighbourhood} from './neighbourhood.js';
import {OTHER_SECRET, SECRET, amina, anEnv, anId, everything} from './phones.js';

const CREDENTIAL = base64url(new Uint8Array(16).fill(1));

/** A phone that was just enrolled, with its passkey between it and what it gives. */
async function enrolled(given, {signal = false} = {}) {
  const env = anEnv();
  const phone = makePhone(env);
  const me = amina();
  await phone.create(SECRET, {credential: CREDENTIAL, salt: 'AAAA', device: me.device}, me);
  const asked = [];
  const get = async ({publicKey}) => {
    asked.push(publicKey);
    if (given instanceof Error) throw given;
    return {id: CREDENTIAL, getClientExtensionResults: () => ({prf: given ? {results: {first: given}} : {}})};
  };
  Object.defineProperty(globalThis, 'navigator', {value: {credentials: {get}}, configurable: true});
  return {env, phone, asked, came: () => tryOut({phone, online: () => signal, look: async () => {}})};
}

async function aChange(phone) {
  await phone.add([phone.change('contact', {subject: `team:${anId()}`, topic: 'social', fields: {day: '2026-11-22', place: 'park'}})]);
}

test('a passkey that opens it without network is kept as tried, and with network is not', async () => {
  const far = await enrolled(SECRET);
  assert.equal(await far.came(), 'offline');
  assert.deepEqual([far.phone.opened(), far.phone.me().tried, far.asked.length], [true, true, 1]);
  const near = await enrolled(SECRET, {signal: true});
  assert.equal(await near.came(), 'online');
  assert.deepEqual([near.phone.opened(), near.phone.me().tried], [true, undefined]);
});

for (const [it, given] of [['no secret', null], ['another secret', OTHER_SECRET]]) {
  test(`a passkey that gives ${it} leaves an open phone that keeps nothing, and nothing behind`, async () => {
    const {env, phone, came} = await enrolled(given);
    assert.equal(await came(), 'taken');
    assert.deepEqual([phone.opened(), phone.fleeting(), phone.me().name, await phone.slots()], [true, true, 'Amina', []]);
    assert.deepEqual(Object.values(await everything(env)).flat().filter(({k}) => k !== 'turn'), []);
  });

  test(`once something was written, a passkey that gives ${it} takes nothing away`, async () => {
    const {phone, came} = await enrolled(given);
    await aChange(phone);
    assert.equal(await came(), 'wrong');
    assert.deepEqual([phone.opened(), phone.fleeting(), (await phone.waiting()).length], [true, false, 1]);
  });
}

test('a half written form counts as written', async () => {
  const {phone, came} = await enrolled(null);
  await phone.drafts.keep('/contacts/new', {text: 'Koffie'});
  assert.equal(await came(), 'wrong');
  assert.equal(phone.fleeting(), false);
});

test('who breaks it off is where they were', async () => {
  const {phone, came} = await enrolled(new DOMException('no', 'NotAllowedError'));
  assert.equal(await came(), 'cancelled');
  assert.deepEqual([phone.opened(), phone.fleeting(), phone.me().tried], [true, false, undefined]);
});

test('each passkey of a vault is asked for, in one question', async () => {
  const {phone, asked, came} = await enrolled(SECRET);
  const second = base64url(new Uint8Array(16).fill(2));
  await phone.addKey(phone.slot.name, {credential: CREDENTIAL, secret: SECRET}, {credential: second, salt: 'BBBB', secret: OTHER_SECRET});
  assert.equal(await came(), 'offline');
  const [{allowCredentials, extensions}] = asked;
  assert.deepEqual(allowCredentials.map(({id}) => base64url(id)), [CREDENTIAL, second]);
  assert.deepEqual(Object.keys(extensions.prf.evalByCredential), [CREDENTIAL, second]);
});

test('the page says what came of it, and is offered under Ik, to whom a passkey opens it, until it was done without network', async () => {
  const {env, phone, get} = await aNeighbourhood();
  assert.doesNotMatch((await get('/profile')).html, /profile\/trial/);
  phone.slot = {...phone.slot, credential: CREDENTIAL};
  assert.match((await get('/profile')).html, /href="\/profile\/trial"/);
  assert.match((await get('/profile/trial')).html, /data-act="try".*href="\/today">Later/s);
  assert.match((await get('/profile/trial?is=online')).html, /Gelukt, maar met bereik\..*data-act="try"/s);
  const {html} = await get('/profile/trial?is=offline');
  assert.match(html, /Gelukt, zonder bereik\..*href="\/today">Verder/s);
  assert.doesNotMatch(html, /data-act="try"/);
  assert.match((await get('/profile/trial?is=<b>')).html, /data-act="try"/);
  await unlocked(phone, true);
  assert.doesNotMatch((await get('/profile')).html, /profile\/trial/);
  env.fleeting = () => true;
  assert.match((await get('/profile/trial')).html, /Het werkt alleen met verbinding.*Verder/s);
});

/** Apps of two editions over one store: the later one asks for what the earlier was not given, the earlier one does not stumble over what it does not know. */
import assert from 'node:assert/strict';
import test from 'node:test';
import kinds from '../../sync/kinds.json' with {type: 'json'};
import {byKind} from '../../pwa/pages/page.js';
import {sealed, unsealed} from '../../pwa/shelf.js';
import {Desk, aPhone, anEnv, anId, elsewhere, restarted} from './phones.js';

const household = `household:${anId()}`;

async function ready() {
  const desk = new Desk();
  desk.pairs = [[household, 'practical', null]];
  desk.put(elsewhere('household', {subject: household, topic: 'practical', fields: {name: 'Familie Bos'}}));
  const env = anEnv({fetch: desk.fetch});
  return {desk, env, phone: await aPhone(env)};
}

test('an app that knows more kinds than the one before begins its pull anew, once', async () => {
  const {desk, env, phone} = await ready();
  await phone.sync();
  const {store, vault} = phone.open();
  const row = await store.get('meta', 'cursor');
  const {knows, ...before} = await unsealed(vault, 'meta', 'cursor', row.t, row.s);
  assert.equal(knows, kinds.knows);
  await store.commit({put: [['meta', {k: 'cursor', t: row.t + 1, s: await sealed(vault, 'meta', 'cursor', row.t + 1, JSON.stringify(before))}]]});
  const renewed = await restarted(env);
  desk.asked = [];
  await renewed.sync();
  await renewed.sync();
  assert.deepEqual(desk.asked.filter(([path]) => path === '/sync').map(([, {cursor}]) => cursor === null), [true, false]);
});

test('what a later app kept here stays out of sight', async () => {
  const {desk, phone} = await ready();
  await phone.sync();
  const wish = {...desk.records.values().next().value, id: anId(), kind: 'wish'};
  const {shelf, store} = phone.open();
  await store.commit({put: [['records', await shelf.row(wish)]]});
  assert.ok((await phone.records(household)).some(({kind}) => kind === 'wish'));
  assert.equal(byKind(await phone.records(household)).household.length, 1);
  assert.equal(byKind(await phone.first()).household.length, 1);
});

import assert from 'node:assert/strict';
import test from 'node:test';
import {gunzipSync} from 'node:zlib';
import {gzip, post} from '../../pwa/trouble.js';
import {anEnv} from './phones.js';

/** What a request of this value looks like on the way: {encoding, bytes}. */
async function sent(value, more) {
  let asked = null;
  const fetch = async (path, options) => {
    asked = options;
    return Response.json({});
  };
  await post({...anEnv({fetch}), ...more}, '/sync', value);
  return {encoding: asked.headers['content-encoding'] ?? null, bytes: Buffer.from(await new Response(asked.body).arrayBuffer())};
}

test('a long request goes up packed, and unpacks to what was meant', async () => {
  const value = {changes: Array.from({length: 100}, (_, n) => ({n, text: 'Mevrouw liep vandaag zelf naar de deur, zoëven'}))};
  const {encoding, bytes} = await sent(value, {pack: gzip});
  assert.equal(encoding, 'gzip');
  assert.deepEqual(JSON.parse(gunzipSync(bytes)), value);
  assert.ok(bytes.length * 5 < JSON.stringify(value).length);
});

test('a short request goes as it is, and so does a long one where nothing packs', async () => {
  assert.deepEqual(await sent({changes: []}, {pack: gzip}), {encoding: null, bytes: Buffer.from('{"changes":[]}')});
  assert.equal((await sent({text: 'x'.repeat(10_000)})).encoding, null);
});

/** What lies sealed: no nonce comes twice under a key, and nothing that was changed, moved or put back opens. */
import assert from 'node:assert/strict';
import {webcrypto} from 'node:crypto';
import test from 'node:test';
import {Damaged, Vault, padded} from '../../pwa/vault.js';
import {place} from '../../pwa/shelf.js';
import {chance} from './chance.js';
import {SECRET} from './phones.js';
import {forget, quick} from './subtle.js';

const SEALINGS = Number(process.env.NAOBER_SEALINGS ?? 20_000);
const TAMPERED = Number(process.env.NAOBER_TAMPERED ?? 10_000);
const AT_ONCE = 1000;
const SEED = 1;
const LABELS = ['meta', 'records', 'blobs', 'outbox', 'drafts', 'reads'];
const NONCE = 12;

async function opened() {
  const vault = new Vault({subtle: quick, random: (n) => webcrypto.getRandomValues(new Uint8Array(n))});
  await vault.create(SECRET);
  return vault;
}

test(`${SEALINGS} rows are sealed without a nonce that came before`, async () => {
  const vault = await opened();
  const bytes = padded('"een regel"');
  // Eight of the twelve bytes of each: by chance alone one in 400,000 such runs of ten million would have two alike.
  const nonces = new BigUint64Array(SEALINGS);
  for (let at = 0; at < SEALINGS; at += AT_ONCE) {
    const rows = await Promise.all(Array.from({length: Math.min(AT_ONCE, SEALINGS - at)}, (_, n) => vault.seal(LABELS[n % 2], 'a', bytes)));
    rows.forEach((row, n) => { nonces[at + n] = new DataView(row.buffer, row.byteOffset).getBigUint64(NONCE - 8); });
  }
  nonces.sort();
  assert.equal(nonces.findIndex((nonce, n) => n > 0 && nonce === nonces[n - 1]), -1);
});

test(`${TAMPERED} sealed rows, changed, cut, moved or put back from seed ${SEED} on, all stay shut`, async () => {
  const vault = await opened();
  const random = chance(SEED);
  const pick = (list) => list[Math.floor(random() * list.length)];
  const rows = [];
  for (const label of LABELS) {
    for (const id of ['a', 'b']) {
      for (const version of [1, 2]) {
        const aad = place(label, id, version);
        rows.push({label, aad, sealed: await vault.seal(label, aad, padded(JSON.stringify(`${label} ${id} ${version}`)))});
      }
    }
  }
  const ways = {
    bits: ({sealed}) => {
      const bent = sealed.slice();
      for (let n = 0; n <= random() * 3; n += 1) bent[Math.floor(random() * bent.length)] ^= 1 << Math.floor(random() * 8);
      return bent;
    },
    cut: ({sealed}) => sealed.subarray(0, Math.floor(random() * sealed.length)),
    longer: ({sealed}) => Uint8Array.from([...sealed, Math.floor(random() * 256)]),
    moved: (row) => pick(rows.filter((other) => other !== row)).sealed,
  };
  const told = {opened: 0, other: 0, unchanged: 0};
  for (let n = 0; n < TAMPERED; n += 1) {
    if (n % AT_ONCE === 0) forget();
    const row = pick(rows);
    const bent = ways[pick(Object.keys(ways))](row);
    if (Buffer.compare(bent, row.sealed) === 0) told.unchanged += 1;
    else await vault.unseal(row.label, row.aad, bent).then(() => { told.opened += 1; }, (error) => { told.other += error instanceof Damaged ? 0 : 1; });
  }
  assert.deepEqual({opened: told.opened, other: told.other}, {opened: 0, other: 0});
  // Two bits that were turned back again are no change; most are.
  assert.ok(told.unchanged < TAMPERED / 100);
  for (const {label, aad, sealed} of rows) await vault.unseal(label, aad, sealed);
});

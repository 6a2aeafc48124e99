/** What lies on this phone and can be got again, the oldest first: it makes way on a full phone. Fetched after the first page, because that is seldom. */
import {inForce} from './history.js';
import {KEPT_MS, RECEIVED, latest} from './shelf.js';
import {parsed} from './vault.js';

/** [{p: tag of its pair or null, size: bytes, drop}] over env {now(), today()}, store and shelf. What is not needed any more goes before it. */
export async function oldest({env, store, shelf}) {
  const own = await ownChanges(store, shelf);
  const open = await openPairs(env, shelf);
  const here = new Map();
  const found = [];
  for await (const [row, records, key] of received(store, shelf)) {
    for (const {id, version} of records) here.set(id, Math.max(version, here.get(id) ?? 0));
    const about = [row.c].flat()[0];
    // What somebody has before them stays, and what nobody would give again.
    if (!records.length || !open.has(row.p) || shelf.looked.has(about)) continue;
    found.push({age: records.map(latest).reduce(later), ids: records.map(({id}) => id), p: row.p, size: row.s.length, drop: [key]});
  }
  const settled = own.filter((one) => isSettled(env, one, here));
  // What my own changes lie on stays too: without it they would tell half.
  const mine = new Set(own.filter((one) => !settled.includes(one)).map(({change}) => change.record));
  const free = found.filter(({ids}) => !ids.some((id) => mine.has(id))).sort((a, b) => (a.age < b.age ? -1 : 1));
  return [...settled.map(({row}) => ({p: null, size: row.s.length, drop: [['outbox', {only: row.n}]]})), ...free];
}

/** Whether a change of mine was received thirty days ago, and the office's record stands here without it. */
function isSettled(env, {row, at, change}, here) {
  return row.r === RECEIVED && at < env.now() - KEPT_MS && here.get(change.record) >= row.v;
}

/** What came from the office and no first page needs: [row, its records, what erases it], a few at a time in memory. */
async function *received(store, shelf) {
  for await (const [row, bytes] of shelf.history()) yield [row, parsed(bytes), ['blobs', {only: [row.c, row.p, row.q]}]];
  const [rows] = await store.read([['records']]);
  for (const row of rows.filter(({c}) => c.length === 1)) yield [row, [await shelf.openRow(row)], ['records', {only: row.i}]];
}

async function ownChanges(store, shelf) {
  const [rows] = await store.read([['outbox']]);
  return Promise.all(rows.map((row) => shelf.openChange(row)));
}

async function openPairs(env, shelf) {
  const pairs = inForce(await shelf.scope(), env.today());
  return new Set(await Promise.all(pairs.map(([subject, topic]) => shelf.pairTag(subject, topic))));
}

function later(a, b) {
  return a > b ? a : b;
}

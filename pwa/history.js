/** History from the office: a stream of blobs, sealed as they come without being read, each pair marked as filled with its last blob. */
import {Trouble, heard, post} from './trouble.js';
import {parsed} from './vault.js';

const FORMAT = 1;
const PAIRS = 2000;
const STEP_BYTES = 768 * 1024;
const TAB = 9, LF = 10;

/** Fetches every pair that is not filled yet; told(done, of) after each step on disk. Killed half-way, the next call asks for the rest only. */
export async function fill({env, store, shelf, room, device, word = {}}, signal, told) {
  const scope = await shelf.scope();
  const todo = await unfilled(shelf, room, scope, env.today());
  const late = new Set(scope?.late ?? []);
  const count = {done: 0, of: todo.length};
  if (todo.length) told(count);
  for (let i = 0; i < todo.length; i += PAIRS) {
    const response = await post(env, '/sync/history', {format: FORMAT, device, pairs: todo.slice(i, i + PAIRS)}, signal, word);
    await keep({env, store, shelf, room, late, count, told}, lines(env, response.body.getReader(), signal));
  }
  if (count.done < count.of) throw new Trouble('busy', {reason: 'history_cut'});
  return count.of;
}

/** The pairs that may be held on this day. */
export function inForce(scope, today) {
  return (scope?.pairs ?? []).filter(([, , until]) => !until || until >= today);
}

/**
 * Pairs [subject, topic] that have not come whole: those in force, and those that closed too early for what I wrote of them. What made way on a full
 * phone waits until tomorrow, or until somebody opens it: to fetch it at once would fill the phone again.
 */
async function unfilled(shelf, room, scope, today) {
  const filled = await room.filled();
  const wanted = room.wishes();
  const pairs = inForce(scope, today);
  const missing = async (list, enough) => {
    const tags = await Promise.all(list.map(([subject, topic]) => shelf.pairTag(subject, topic)));
    return list.filter((pair, i) => !enough.includes(filled.get(tags[i]))).map(([subject, topic]) => [subject, topic]);
  };
  return [
    ...await missing(pairs.filter(([subject]) => wanted.has(subject)), ['whole']), ...await missing(pairs.filter(([subject]) => !wanted.has(subject)), ['whole', 'waits']),
    ...await missing(scope?.holes ?? [], ['whole', 'ended']),
  ];
}

async function keep(to, blobs) {
  const begun = new Map();
  let batch = [], size = 0, writing = Promise.resolve();
  const flush = async () => {
    await writing;
    writing = write(to, batch, begun);
    writing.catch(() => {});
    batch = [];
    size = 0;
  };
  try {
    for await (const [header, bytes] of blobs) {
      const sealing = seal(to, header, bytes);
      sealing.catch(() => {});
      batch.push(sealing);
      size += bytes.length;
      if (size >= STEP_BYTES) await flush();
    }
  } finally {
    await flush();
    await writing;
  }
}

async function seal({shelf, late}, header, bytes) {
  const p = await shelf.pairTag(header.subject, header.topic);
  if (header.gone) return {header, p, put: [...await shelf.rows(parsed(bytes)), ['filled', {p, ended: true}]]};
  const row = await shelf.blob(header, bytes);
  const first = late.has(p) ? await shelf.rows(shelf.firsts(parsed(bytes))) : [];
  return {header, p, put: [['blobs', row], ...first], c: row.c};
}

async function write({store, room, count, told}, batch, begun) {
  const put = [], drop = [], when = [], written = [];
  let ended = 0;
  for (const {header, p, c, put: rows} of await Promise.all(batch)) {
    put.push(...rows);
    if (header.last || header.gone) ended += 1;
    if (header.gone) continue;
    if (!begun.has(p)) {
      begun.set(p, []);
      drop.push(['blobs', {from: [c, p], to: [c, p, []]}]);
    }
    written.push([p, ['blobs', [c, p, header.part], 'v', header.upto]]);
    if (!header.last) continue;
    put.push(['filled', {p}]);
    // An earlier part of it may have made way meanwhile: then it is not whole.
    when.push(...begun.get(p));
  }
  if (put.length && !await store.commit({put, drop, when})) throw new Trouble('busy', {reason: 'made_way'});
  for (const [p, part] of written) begun.get(p).push(part);
  for (const [kind, {p}] of put) if (kind === 'filled') room.marks.delete(p);
  count.done += ended;
  told({...count});
}

/** The stream as [header, bytes of a JSON array]: lines of header, TAB, array, LF. */
async function* lines(env, reader, signal) {
  let parts = [];
  for (;;) {
    const {done, value} = await heard(env, reader.read(), signal);
    if (done) break;
    let start = 0;
    for (let end = value.indexOf(LF); end >= 0; end = value.indexOf(LF, start)) {
      yield split(whole(parts, value.subarray(start, end)));
      parts = [];
      start = end + 1;
    }
    if (start < value.length) parts.push(value.subarray(start));
  }
  if (parts.length) throw new Trouble('offline', {reason: 'history_cut'});
}

function whole(parts, last) {
  if (!parts.length) return last;
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, last.length));
  let at = 0;
  for (const part of [...parts, last]) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function split(line) {
  const tab = line.indexOf(TAB);
  return [parsed(line.subarray(0, tab)), line.subarray(tab + 1)];
}

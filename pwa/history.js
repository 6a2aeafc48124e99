/** History from the office: a stream of blobs, sealed as they come without being read, each pair marked as filled with its last blob. */
import {Trouble, heard, post} from './trouble.js';
import {parsed} from './vault.js';

const FORMAT = 1;
const PAIRS = 2000;
const STEP_BYTES = 768 * 1024;
const TAB = 9, LF = 10;

/** Fetches every pair that is not filled yet; told(done, of) after each step on disk. Killed half-way, the next call asks for the rest only. */
export async function fill({env, store, shelf, device, word = {}}, signal, told) {
  const scope = await shelf.scope();
  const todo = await unfilled(store, shelf, scope, env.today());
  const late = new Set(scope?.late ?? []);
  const count = {done: 0, of: todo.length};
  if (todo.length) told(count);
  for (let i = 0; i < todo.length; i += PAIRS) {
    const response = await post(env, '/sync/history', {format: FORMAT, device, pairs: todo.slice(i, i + PAIRS)}, signal, word);
    await keep({env, store, shelf, late, count, told}, lines(env, response.body.getReader(), signal));
  }
  if (count.done < count.of) throw new Trouble('busy', {reason: 'history_cut'});
  return count.of;
}

/** Pairs [subject, topic] that have not come whole: those in force, and those that closed too early for what I wrote of them. */
async function unfilled(store, shelf, scope, today) {
  const [rows] = await store.read([['filled']]);
  const filled = new Map(rows.map(({p, ended}) => [p, ended ? 'ended' : 'whole']));
  const pairs = (scope?.pairs ?? []).filter(([, , until]) => !until || until >= today);
  const missing = async (list, enough) => {
    const tags = await Promise.all(list.map(([subject, topic]) => shelf.pairTag(subject, topic)));
    return list.filter((pair, i) => !enough.includes(filled.get(tags[i]))).map(([subject, topic]) => [subject, topic]);
  };
  return [...await missing(pairs, ['whole']), ...await missing(scope?.holes ?? [], ['whole', 'ended'])];
}

async function keep(to, blobs) {
  const begun = new Set();
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

async function write({store, count, told}, batch, begun) {
  const put = [], drop = [];
  let ended = 0;
  for (const {header, p, c, put: rows} of await Promise.all(batch)) {
    if (!header.gone && !begun.has(p)) drop.push(['blobs', {from: [c, p], to: [c, p, []]}]);
    begun.add(p);
    put.push(...rows);
    if (header.last && !header.gone) put.push(['filled', {p}]);
    if (header.last || header.gone) ended += 1;
  }
  if (put.length) await store.commit({put, drop});
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

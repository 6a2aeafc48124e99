/** What can stand in the way of a sync, as a code the page can say; and how requests find it out. */

const SILENCE_MS = 60_000;
const BUSY = new Set([408, 425, 429]);
const PACKED_FROM = 4096;

/** code: offline | signed_out | device | revoked | full | busy | refused | upgrade; wait: ms the office asked for. */
export class Trouble extends Error {
  name = 'Trouble';

  constructor(code, {status = 0, reason = code, wait = 0} = {}) {
    super(`sync: ${reason}`);
    Object.assign(this, {code, status, reason, wait});
  }
}

/**
 * POSTs a value as JSON, packed by env.pack where there is much of it; the response when the office took it, else Trouble. Silence of a minute
 * counts as offline. `more`: headers beside the value; `meanwhile`: what is done once it is on its way.
 */
export async function post(env, path, value, signal, more = {}, meanwhile = () => {}) {
  const text = JSON.stringify(value);
  const packed = env.pack && text.length >= PACKED_FROM;
  const headers = {'content-type': 'application/json', ...(packed && {'content-encoding': 'gzip'}), ...more};
  const asked = {method: 'POST', headers, body: packed ? await env.pack(text) : text, signal, credentials: 'same-origin'};
  const coming = env.fetch(path, asked);
  meanwhile();
  const response = await heard(env, coming, signal);
  if (!response.ok) throw await refusal(response);
  return response;
}

/** A text as gzip, for env.pack: notes are a quarter of their size on the way. */
export function gzip(text) {
  return new Response(new Response(text).body.pipeThrough(new CompressionStream('gzip'))).blob();
}

/** The promise's value; a broken line, or a minute without a word, is Trouble 'offline'. */
export async function heard(env, promise, signal) {
  const quiet = new AbortController();
  const silence = env.sleep(SILENCE_MS, quiet.signal).then(() => { throw new Trouble('offline', {reason: 'silence'}); });
  silence.catch(() => {});
  try {
    return await Promise.race([promise, silence]);
  } catch (error) {
    signal?.throwIfAborted();
    throw error instanceof Trouble ? error : new Trouble('offline', {reason: error.message});
  } finally {
    quiet.abort();
  }
}

async function refusal(response) {
  const {status} = response;
  const reason = await response.json().then((body) => body.error?.code, () => null) ?? 'refused';
  const wait = 1000 * (Number(response.headers.get('retry-after')) || 0);
  return new Trouble(codeOf(status, reason), {status, reason, wait});
}

function codeOf(status, reason) {
  if (reason === 'format' || status === 426) return 'upgrade';
  if (status === 401) return 'signed_out';
  if (status === 409) return reason === 'device' ? 'device' : 'refused';
  return status >= 500 || BUSY.has(status) ? 'busy' : 'refused';
}

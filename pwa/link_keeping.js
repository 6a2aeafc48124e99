/** What a link opened and what was answered to it: kept sealed under a key of its token, which is nowhere on disk, and sent as soon as there is signal. */
import * as clock from '../sync/clock.js';

const PROBLEMS = {404: 'unknown', 409: 'taken', 410: 'over'};
const NOTHING = {told: null, waiting: [], draft: null};
const TOLD = ['done', 'could_not'];

/** The link with this token as it was left in this browser. */
export async function openLink(env, token) {
  const bytes = new TextEncoder().encode(token);
  const secret = await env.subtle.importKey('raw', bytes, 'HKDF', false, ['deriveBits', 'deriveKey']);
  const derive = (info) => ({name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(0), info: new TextEncoder().encode(info)});
  const name = await env.subtle.deriveBits(derive('naober link name'), secret, 128);
  const key = await env.subtle.deriveKey(derive('naober link'), secret, {name: 'AES-GCM', length: 256}, false, ['encrypt', 'decrypt']);
  const link = new Link(env, token, key, `naober-link-${base64(new Uint8Array(name))}`);
  await link.load();
  if (link.ended()) await link.forget();
  return link;
}

class Link {
  #env; #token; #key; #name;
  #kept = NOTHING;
  #turn = Promise.resolve();
  /** null, or why nothing is told: unknown, taken, over, cookies; offline and busy pass. */
  problem = null;
  /** The task that was answered last, so that a worry can still be told after it is done. */
  last = null;

  constructor(env, token, key, name) {
    this.#env = env;
    this.#token = token;
    this.#key = key;
    this.#name = name;
  }

  async load() {
    const sealed = this.#env.storage.getItem(this.#name);
    this.#kept = NOTHING;
    if (!sealed) return;
    const bytes = Uint8Array.from(atob(sealed), (sign) => sign.charCodeAt(0));
    const plain = await this.#env.subtle.decrypt({name: 'AES-GCM', iv: bytes.slice(0, 12)}, this.#key, bytes.slice(12)).catch(() => null);
    if (plain) this.#kept = {...NOTHING, ...JSON.parse(new TextDecoder().decode(plain))};
  }

  /** Drops what was told; what was not sent stays. */
  forget() {
    return this.#change((kept) => ({...kept, told: kept.told && {...kept.told, tasks: []}}));
  }

  /** How many answers are not with the office yet. */
  get waiting() {
    return this.#kept.waiting.length;
  }

  /** The worry that is being written, {task, words}; null when there is none. */
  get draft() {
    return this.#kept.draft;
  }

  /** Keeps what is being written, or lets it go (null). */
  write(draft) {
    return this.#change((kept) => ({...kept, draft}));
  }

  /** What there is to do today and later, with what was answered since; nothing once the link is over, also without signal. */
  tasks() {
    const today = this.#env.today();
    const {told, waiting} = this.#kept;
    if (!told || told.until < today) return [];
    return told.tasks.map((task) => seen(task, waiting.filter((one) => one.task === task.task), today)).filter((task) => !task.declined);
  }

  /** Whether it ended by the calendar of this browser. */
  ended() {
    return Boolean(this.#kept.told && this.#kept.told.until < this.#env.today());
  }

  /** Keeps an answer; it is on disk when this is done. */
  async answer({task, day, answer, text}) {
    const at = this.#env.now();
    const id = clock.uuid7(at, hex(this.#env.random(10)));
    this.last = task;
    const one = {id, task, answer, at, ...(day && {day}), ...(text && {text})};
    await this.#change((kept) => ({...kept, waiting: [...kept.waiting, one], draft: text ? null : kept.draft}));
  }

  /** One round with the office, after the one before: hands in what waits, and asks what there is to do. */
  sync() {
    this.#turn = this.#turn.then(() => this.#round());
    return this.#turn;
  }

  async #round() {
    if (this.waiting && !await this.#handIn()) return;
    const asked = await this.#ask('/l/opening', {});
    // The first time it is given what it proves itself with from then on.
    const given = asked?.again ? await this.#ask('/l/opening', {}) : asked;
    if (given?.again) this.problem = 'cookies';
    else if (given) await this.#change((kept) => ({...kept, told: given}));
  }

  async #handIn() {
    const answers = this.#kept.waiting.slice(0, 50);
    const given = await this.#ask('/l/answers', {answers});
    if (!given) return false;
    const taken = new Set(given.taken);
    await this.#change((kept) => ({...kept, waiting: kept.waiting.filter(({id}) => !taken.has(id))}));
    return true;
  }

  /** What the office says, or null with the problem that there is; of what is over nothing stays but what was not sent. */
  async #ask(path, more) {
    const body = JSON.stringify({token: this.#token, ...more});
    const answer = await this.#env.fetch(path, {method: 'POST', headers: {'content-type': 'application/json'}, body, credentials: 'same-origin'}).catch(() => null);
    const given = answer?.ok ? await answer.json().catch(() => null) : null;
    this.problem = given ? null : answer ? PROBLEMS[answer.status] ?? 'busy' : 'offline';
    if (Object.values(PROBLEMS).includes(this.problem)) await this.#change((kept) => ({...kept, told: null}));
    return given;
  }

  /** One change of what is kept, in all tabs of this browser after each other: none of them writes over what another wrote. */
  #change(next) {
    return this.#env.alone(this.#name, async () => {
      await this.load();
      this.#kept = next(this.#kept);
      if (!this.#kept.told && !this.waiting && !this.#kept.draft) return this.#env.storage.removeItem(this.#name);
      const iv = this.#env.random(12);
      const plain = new TextEncoder().encode(JSON.stringify(this.#kept));
      const sealed = new Uint8Array(await this.#env.subtle.encrypt({name: 'AES-GCM', iv}, this.#key, plain));
      return this.#env.storage.setItem(this.#name, base64(Uint8Array.of(...iv, ...sealed)));
    });
  }
}

/** A task as the page shows it: {day: the one that counts, more: days after it, accepted, declined, done: the last answer of its only day, …}. */
function seen(task, waiting, today) {
  const over = waiting.filter(({answer}) => TOLD.includes(answer));
  const days = task.days.filter((day) => !over.some((one) => one.day === day));
  const said = waiting.findLast(({answer}) => answer === 'accepted' || answer === 'declined')?.answer;
  return {
    ...task, day: days[0] ?? task.days[0], more: days.slice(1), accepted: said ? said === 'accepted' : task.accepted, declined: said === 'declined',
    done: days.length ? null : over.at(-1).answer, waiting: waiting.length > 0, door: task.door && task.door.until >= today ? task.door : null,
  };
}

function base64(bytes) {
  return btoa(String.fromCharCode(...bytes));
}

function hex(bytes) {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

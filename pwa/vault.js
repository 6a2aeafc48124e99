/** Keys and sealing: AES-256-GCM under keys that live in memory only; this file never touches network or storage. */

export class Locked extends Error { name = 'Locked'; }
export class WrongSecret extends Error { name = 'WrongSecret'; }
export class Damaged extends Error { name = 'Damaged'; }

const IV = 12;
const STEP = 64;
const TAGS_MAX = 20000;
const utf8 = new TextEncoder();
const text8 = new TextDecoder();

/** Closed vault over env {subtle, random(n), sweep()}, of which the last clears what was let go out of memory; its root key is random, wrapped by a key made from the secret of a passkey. */
export class Vault {
  subtle; random; sweep;
  root = null;
  keys = new Map();
  tags = new Map();
  envelope = null;

  constructor({subtle, random, sweep = () => {}}) {
    Object.assign(this, {subtle, random, sweep});
  }

  opened() {
    return this.root !== null;
  }

  /** New root key under a 32-byte secret: opens the vault and returns the slot to keep ({...slot, salt_key, wrapped}, no secret in it). */
  async create(secret, slot = {}) {
    const raw = this.random(32);
    const wrap = await this.wrap(raw, secret);
    await this.use(raw);
    return {...slot, ...wrap};
  }

  /** Opens with a slot and the secret of one of its passkeys (`credential`; without: of the first); throws WrongSecret and stays as it was. */
  async open(slot, secret, credential = null) {
    const raw = await this.unwrap(slot, secret, credential);
    this.lock();
    await this.use(raw);
  }

  /** The slot with one more passkey that opens it, {credential, salt, secret}; `by` is one that opens it now, {credential, secret}. The rest need not be there. */
  async rewrap(slot, by, {credential, salt, secret}) {
    const raw = await this.unwrap(slot, by.secret, by.credential);
    const wrap = {credential, salt, ...await this.wrap(raw, secret)};
    raw.fill(0);
    return {...slot, others: [...(slot.others ?? []).filter((one) => one.credential !== credential), wrap]};
  }

  /** A root key under a key made from a secret: {salt_key, wrapped}. */
  async wrap(raw, secret) {
    const salt = this.random(16);
    const iv = this.random(IV);
    const wrapped = await this.subtle.encrypt(gcm(iv, 'root'), await this.wrapper(secret, salt), raw);
    return {salt_key: base64url(salt), wrapped: base64url(join(iv, new Uint8Array(wrapped)))};
  }

  async unwrap(slot, secret, credential) {
    const wrap = credential === null ? slot : wraps(slot).find((one) => one.credential === credential);
    try {
      const wrapped = bytes64(wrap.wrapped);
      const key = await this.wrapper(secret, bytes64(wrap.salt_key));
      return new Uint8Array(await this.subtle.decrypt(gcm(wrapped.subarray(0, IV), 'root'), key, wrapped.subarray(IV)));
    } catch {
      throw new WrongSecret('this secret does not open this vault: use a passkey it was made with');
    }
  }

  async use(raw) {
    this.root = await this.subtle.importKey('raw', raw, 'HKDF', false, ['deriveKey']);
    raw.fill(0);
  }

  /** Drops every key; what is sealed stays sealed until open(). */
  lock() {
    const open = this.opened();
    this.root = null;
    this.keys.clear();
    this.tags.clear();
    this.envelope = null;
    if (open) this.sweep();
  }

  async wrapper(secret, salt) {
    if (secret.length !== 32) throw new WrongSecret('a vault secret has 32 bytes');
    const base = await this.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
    return this.subtle.deriveKey(hkdf(salt, 'naober vault 1'), base, {name: 'AES-GCM', length: 256}, false, ['encrypt', 'decrypt']);
  }

  key(label) {
    if (!this.root) throw new Locked('the vault is locked');
    if (!this.keys.has(label)) this.keys.set(label, this.subtle.deriveKey(hkdf(new Uint8Array(0), label), this.root, ...kind(label)));
    return this.keys.get(label);
  }

  /** Seals bytes under the label's key: 12 random bytes, then the ciphertext; aad (text) must be given again to unseal. */
  async seal(label, aad, bytes) {
    const k = await this.key(label);
    const iv = this.random(IV);
    return join(iv, new Uint8Array(await this.subtle.encrypt(gcm(iv, aad), k, bytes)));
  }

  /** The bytes that were sealed; throws Damaged when label, aad or any bit differs. */
  async unseal(label, aad, sealed) {
    const k = await this.key(label);
    try {
      return new Uint8Array(await this.subtle.decrypt(gcm(sealed.subarray(0, IV), aad), k, sealed.subarray(IV)));
    } catch {
      throw new Damaged(`a sealed row does not fit its place (${label}): erase this device's store and sync again`);
    }
  }

  /** Pseudonym of a text on this device: HMAC-SHA-256, first 16 bytes, base64url; the same text gives the same tag. */
  tag(text) {
    if (!this.root) throw new Locked('the vault is locked');
    if (!this.tags.has(text)) {
      if (this.tags.size >= TAGS_MAX) this.tags.clear();
      this.tags.set(text, this.sign(text));
    }
    return this.tags.get(text);
  }

  /**
   * Bytes sealed to the office, which opens them without any key of this vault: {k: the office's pair, e: point, s: nonce and ciphertext}.
   * `seal` is what the office gave this device, {id, key, proof}; one ephemeral key serves until the vault locks.
   */
  async enclose(seal, device, bytes) {
    const {id} = seal;
    const {point, key: k} = await this.enveloped(seal);
    const iv = this.random(IV);
    return {k: id, e: point, s: join(iv, new Uint8Array(await this.subtle.encrypt(gcm(iv, `${id} ${device}`), k, bytes)))};
  }

  enveloped({id, key, proof}) {
    if (this.envelope?.id !== id) this.envelope = {id, made: this.ephemeral(bytes64(key), bytes64(proof))};
    return this.envelope.made;
  }

  async ephemeral(office, proof) {
    const curve = {name: 'ECDH', namedCurve: 'P-256'};
    const [own, its] = await Promise.all([this.subtle.generateKey(curve, false, ['deriveBits']), this.subtle.importKey('raw', office, curve, false, [])]);
    const [raw, shared] = await Promise.all([this.subtle.exportKey('raw', own.publicKey), this.subtle.deriveBits({name: 'ECDH', public: its}, own.privateKey, 256)]);
    const point = new Uint8Array(raw), label = utf8.encode('naober outbox 1 ');
    const base = await this.subtle.importKey('raw', shared, 'HKDF', false, ['deriveKey']);
    return {point, key: await this.subtle.deriveKey({...hkdf(proof, ''), info: join(label, point)}, base, {name: 'AES-GCM', length: 256}, false, ['encrypt'])};
  }

  async sign(text) {
    const mac = await this.subtle.sign('HMAC', await this.key('tags'), utf8.encode(text));
    return base64url(new Uint8Array(mac, 0, 16));
  }
}

/** What opens a vault: [{credential, salt, salt_key, wrapped}]. The first stands in the slot itself, where every version of this app looks for it. */
export function wraps({credential, salt, salt_key: saltKey, wrapped, others = []}) {
  return [{credential, salt, salt_key: saltKey, wrapped}, ...others];
}

/** The slot without a passkey's wrap; the last one stays, or nothing would open the vault any more. */
export function without(slot, credential) {
  const [first, ...others] = wraps(slot).filter((one) => one.credential !== credential);
  if (!first) throw new Error('the last passkey of a vault cannot be taken away: add another one first');
  return {...slot, ...first, others};
}

/** JSON text as bytes, padded with spaces (JSON does not mind) to a multiple of 64, so that a length tells little. */
export function padded(text) {
  const plain = utf8.encode(text);
  const out = new Uint8Array(Math.ceil((plain.length + 1) / STEP) * STEP).fill(32);
  out.set(plain);
  return out;
}

/** What padded() or the office wrote, as a value. */
export function parsed(bytes) {
  return JSON.parse(text8.decode(bytes));
}

export function base64url(bytes) {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export function bytes64(text) {
  const plain = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(plain, (letter) => letter.charCodeAt(0));
}

function kind(label) {
  if (label === 'tags') return [{name: 'HMAC', hash: 'SHA-256', length: 256}, false, ['sign']];
  return [{name: 'AES-GCM', length: 256}, false, ['encrypt', 'decrypt']];
}

function gcm(iv, aad) {
  return {name: 'AES-GCM', iv, additionalData: utf8.encode(aad)};
}

function hkdf(salt, info) {
  return {name: 'HKDF', hash: 'SHA-256', salt, info: utf8.encode(info)};
}

function join(a, b) {
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

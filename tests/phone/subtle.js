/** The part of WebCrypto that the vault uses, by Node's own synchronous functions: the same bytes, without a thread for each. */
import {createCipheriv, createDecipheriv, createECDH, createHash, createHmac} from 'node:crypto';

const TAG = 16;
const HASH = 32;

/** What the same bytes gave before they give again: phones derive the same keys and open the same rows at every turn. */
const remembered = new Map();

/** So that memory does not grow: nothing of one history is met in the next. */
export function forget() {
  remembered.clear();
}

export const quick = {
  async importKey(format, raw) {
    return {raw: Buffer.from(raw)};
  },

  async deriveKey({salt, info}, {raw}, {length}) {
    if (length !== 8 * HASH) throw new RangeError('one block of HKDF is what the vault asks for');
    return again(['key', raw, salt, info], () => ({raw: mac(mac(Buffer.from(salt), raw), Buffer.concat([info, Buffer.of(1)]))}));
  },

  async generateKey() {
    const pair = createECDH('prime256v1');
    return {publicKey: {raw: pair.generateKeys()}, privateKey: {pair}};
  },

  async exportKey(format, {raw}) {
    return exact(raw);
  },

  async deriveBits({public: {raw}}, {pair}) {
    return exact(pair.computeSecret(raw));
  },

  async encrypt({iv, additionalData}, {raw}, bytes) {
    const cipher = createCipheriv('aes-256-gcm', raw, iv).setAAD(additionalData);
    return exact(Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]));
  },

  async decrypt({iv, additionalData}, {raw}, sealed) {
    return again(['open', raw, iv, additionalData, sealed], () => {
      const at = sealed.length - TAG;
      const open = createDecipheriv('aes-256-gcm', raw, iv).setAAD(additionalData).setAuthTag(sealed.subarray(at));
      return exact(Buffer.concat([open.update(sealed.subarray(0, at)), open.final()]));
    }).slice(0);
  },

  async sign(name, {raw}, bytes) {
    return again(['mac', raw, bytes], () => exact(mac(raw, bytes)));
  },

  async digest(name, bytes) {
    return again(['hash', bytes], () => exact(createHash('sha256').update(bytes).digest()));
  },
};

function mac(key, bytes) {
  return createHmac('sha256', key).update(bytes).digest();
}

function again([what, ...parts], make) {
  let key = what;
  for (const part of parts) key += `${part.length} ${Buffer.prototype.latin1Slice.call(part)}`;
  let made = remembered.get(key);
  if (!made) remembered.set(key, made = make());
  return made;
}

function exact({buffer, byteOffset, length}) {
  return buffer.slice(byteOffset, byteOffset + length);
}

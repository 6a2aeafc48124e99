/** The part of WebCrypto that the vault uses, by Node's own synchronous functions: the same bytes, without a thread for each. */
import {createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync} from 'node:crypto';

const TAG = 16;

export const quick = {
  async importKey(format, raw) {
    return {raw: Buffer.from(raw)};
  },

  async deriveKey({salt, info}, {raw}, {length}) {
    return {raw: Buffer.from(hkdfSync('sha256', raw, salt, info, length / 8))};
  },

  async encrypt({iv, additionalData}, {raw}, bytes) {
    const cipher = createCipheriv('aes-256-gcm', raw, iv).setAAD(additionalData);
    return exact(Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]));
  },

  async decrypt({iv, additionalData}, {raw}, sealed) {
    const at = sealed.length - TAG;
    const open = createDecipheriv('aes-256-gcm', raw, iv).setAAD(additionalData).setAuthTag(sealed.subarray(at));
    return exact(Buffer.concat([open.update(sealed.subarray(0, at)), open.final()]));
  },

  async sign(name, {raw}, bytes) {
    return exact(createHmac('sha256', raw).update(bytes).digest());
  },

  async digest(name, bytes) {
    return exact(createHash('sha256').update(bytes).digest());
  },
};

function exact({buffer, byteOffset, length}) {
  return buffer.slice(byteOffset, byteOffset + length);
}

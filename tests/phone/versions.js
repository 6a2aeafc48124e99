/** Versions of the phone that were frozen (tests/versions.py), oldest first, and the one that stands here. */
import {readFileSync, readdirSync} from 'node:fs';
import {runInThisContext} from 'node:vm';
import {gunzipSync} from 'node:zlib';

const FROZEN = new URL('../fixtures/versions/', import.meta.url);
const END = '.js.gz';

export const frozen = readdirSync(FROZEN).sort().map((file) => file.slice(0, -END.length));

/** makePhone of a frozen version; without a name, of this one. */
export async function ofVersion(name) {
  if (!name) return (await import('../../pwa/phone.js')).makePhone;
  runInThisContext(gunzipSync(readFileSync(new URL(name + END, FROZEN))).toString());
  return globalThis.makePhone;
}

/** The trial: a real unlock, at best without network, that tells whether a passkey opens this phone while nothing would be lost by it. */
import * as passkey from './passkey.js';
import {unlocked} from './tried.js';
import {WrongSecret} from './vault.js';

/** Locks the phone and unlocks it by its passkey; gives what came of it: offline | online | cancelled | failed | taken | wrong. */
export async function tryOut({phone, online, look}) {
  const before = online();
  try {
    const {secret, credential} = await passkey.secretFor(phone.slot);
    if (!secret) return await fallBack(phone, look);
    await phone.reopen(secret, credential);
    secret.fill(0);
  } catch (error) {
    if (error instanceof passkey.Refusal) return error.code === 'cancelled' ? 'cancelled' : 'failed';
    if (error instanceof WrongSecret) return fallBack(phone, look);
    throw error;
  }
  const offline = !before && !online();
  await unlocked(phone, offline);
  return offline ? 'offline' : 'online';
}

/** Nothing would open this vault again: as long as nothing was written in it, the phone goes on as one that keeps nothing. */
async function fallBack(phone, look) {
  if (await phone.written()) return 'wrong';
  const me = phone.me();
  await phone.erase();
  await phone.pass(me);
  await look();
  return 'taken';
}

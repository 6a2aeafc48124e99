/** My passkeys, on the page of the office: each deed begins with a touch of one that is there, which also opens the vault on this device. */
import * as passkey from './passkey.js';
import {WrongSecret, wraps} from './vault.js';

const PAGE = '/passkeys';

/** Makes one more passkey; gives the page that says whether it opens the vault here too. */
export async function add({fetch, phone, slots}) {
  const shown = await passkey.show(fetch);
  const made = await passkey.add(fetch, shown);
  const slot = here(slots);
  if (!slot) return `${PAGE}?done=added`;
  try {
    if (!made.secret) throw new WrongSecret('this passkey gives no secret');
    await phone.addKey(slot.name, shown, made);
    for (const {secret} of [shown, made]) secret.fill(0);
    return `${PAGE}?done=added`;
  } catch (error) {
    if (error instanceof WrongSecret) return `${PAGE}?done=only_here`;
    throw error;
  }
}

/** Takes a passkey away: at the office first, and then from the vault here, whose last one stays. */
export async function remove({fetch, phone, slots}, key) {
  const {credential} = await passkey.send(fetch, `${PAGE}/${key}/removal`, (await passkey.show(fetch)).answer);
  const slot = here(slots);
  if (slot && wraps(slot).length > 1) await phone.dropKey(slot.name, credential);
  return `${PAGE}?done=removed`;
}

/** A link for a new phone, as it stands on the page once. */
export async function invite({fetch}) {
  const {answer} = await passkey.show(fetch);
  const target = document.getElementById('made');
  await htmx.swap({text: await passkey.send(fetch, `${PAGE}/phones`, answer), target, sourceElement: target, swap: 'innerHTML'});
  target.querySelector('[autofocus]')?.focus();
}

/** Says beside each passkey whether it opens the vault on this device. */
export function mark(slots) {
  const known = new Set((here(slots) ? wraps(here(slots)) : []).map(({credential}) => credential));
  for (const one of document.querySelectorAll('[data-credential]')) one.hidden = !known.has(one.dataset.credential);
}

function here(slots) {
  const person = document.querySelector('[data-keys-of]')?.dataset.keysOf;
  return slots.find((slot) => slot.person === person && slot.credential) ?? null;
}

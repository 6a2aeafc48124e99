/** Whether this phone was ever opened where there was no network. */

/** An open phone was just opened by its passkey; that it was without network is kept, once. */
export async function unlocked(phone, offline) {
  if (offline && phone.untried()) await phone.keepMe({...phone.me(), tried: true});
}

/** Reminders on this phone: what its browser allows, and what the office is told of it. */
const ADDRESS = '/me/subscription';
const JSON_TYPE = {'content-type': 'application/json'};

/** 'unsupported', 'denied', 'off' or 'on'; `mine` is the endpoint that I turned on here, where somebody else may have turned on theirs. */
export async function state(mine) {
  if (!navigator.serviceWorker || !globalThis.PushManager || !globalThis.Notification) return 'unsupported';
  if (Notification.permission === 'denied') return 'denied';
  const there = await subscribed();
  return there && there.endpoint === mine ? 'on' : 'off';
}

/** Asks the browser's own question and tells the office; gives the endpoint, or null when the answer was no or nobody could be reached. */
export async function begin() {
  if (await Notification.requestPermission() !== 'granted') return null;
  const said = await asked('GET');
  if (!said) return null;
  const {key} = await said.json();
  const {pushManager} = await navigator.serviceWorker.ready;
  await (await subscribed())?.unsubscribe();
  const made = await pushManager.subscribe({userVisibleOnly: true, applicationServerKey: key}).catch(() => null);
  if (!made) return null;
  const {endpoint, keys} = made.toJSON();
  return await asked('PUT', {endpoint, point: keys.p256dh, auth: keys.auth}) ? endpoint : null;
}

/** Not any more; without a line the push service tells the office that nobody is there. */
export async function end() {
  await (await subscribed())?.unsubscribe();
  await asked('DELETE');
}

async function subscribed() {
  const here = await navigator.serviceWorker.getRegistration();
  return here?.pushManager.getSubscription() ?? null;
}

async function asked(method, body) {
  const response = await fetch(ADDRESS, {method, credentials: 'same-origin', ...(body && {headers: JSON_TYPE, body: JSON.stringify(body)})}).catch(() => null);
  return response?.ok ? response : null;
}

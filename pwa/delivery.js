/* Part of the service worker: hands in what phones on this device sealed to the office, and erases one that was revoked. It opens nothing of it. */
const SLOTS = 'naober';
const MOST = 100;

/** Everybody's here, except where a page at work does it by itself; the phone hears of it at its next sync. */
async function handIn() {
  const there = new Set((await indexedDB.databases()).map(({name}) => name));
  if (!there.has(SLOTS)) return;
  const slots = await inside(SLOTS, 'slots', 'readonly', (store) => store.getAll());
  for (const slot of slots.filter(({name}) => there.has(name))) {
    await navigator.locks.request(`sync ${slot.name}`, {ifAvailable: true}, (free) => free && deliver(slot));
  }
}

async function deliver({name, device}) {
  for (;;) {
    const waits = await inside(name, 'outbox', 'readonly', (store) => store.index('r').getAll(0));
    const rows = waits.filter(({h}) => h).slice(0, MOST);
    const {revoked, taken} = await post('/outbox', {format: 1, device, sealed: rows.map(({h: {k, e, s}}) => ({key: k, point: base64url(e), text: base64url(s)}))});
    await inside(name, 'outbox', 'readwrite', (store) => rows.forEach(({n}, at) => handedIn(store, n, taken[at])));
    if (rows.length === MOST) continue;
    // What was never sealed, or did not open, waits for its owner, on a revoked device too.
    if (revoked && taken.every(Boolean) && waits.every((row) => 'h' in row)) await erase(name, device);
    return;
  }
}

/** What was handed in has an empty envelope, what did not open has none; that it waits no more only the office's answer to the phone itself says. */
function handedIn(store, n, taken) {
  store.get(n).onsuccess = ({target: {result: row}}) => {
    if (!row?.h) return;
    const {h, ...bare} = row;
    store.put(taken ? {...bare, h: null} : bare);
  };
}

async function post(path, value) {
  const response = await fetch(path, {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify(value), credentials: 'same-origin'});
  if (!response.ok) throw new Error(`${path}: the office answered ${response.status}`);
  return response.status === 204 ? null : response.json();
}

/** Takes a revoked phone off this device; when it was the only one, the browser forgets all there was. */
async function erase(name, device) {
  await inside(SLOTS, 'slots', 'readwrite', (store) => store.delete(name));
  await done(indexedDB.deleteDatabase(name));
  const clients = await self.clients.matchAll();
  const alone = !await inside(SLOTS, 'slots', 'readonly', (store) => store.count());
  await post('/erasures', {device, alone}).catch(() => {});
  for (const client of clients) client.postMessage('erased');
}

async function inside(name, store, mode, work) {
  const db = await done(indexedDB.open(name));
  db.onversionchange = () => db.close();
  try {
    const transaction = db.transaction(store, mode, {durability: 'strict'});
    const request = work(transaction.objectStore(store));
    await new Promise((resolve, reject) => Object.assign(transaction, {oncomplete: resolve, onabort: () => reject(transaction.error)}));
    return request?.result;
  } finally {
    db.close();
  }
}

function done(request) {
  return new Promise((resolve, reject) => Object.assign(request, {onsuccess: () => resolve(request.result), onerror: () => reject(request.error)}));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/* The service worker: keeps the shell, so that the app starts without network, and hands in what was sealed to the office. It holds no key and no readable data. */
const {version, files, later, digests, paths} = self.SHELL;
const NAME = `shell-${version}`;
const OURS = new Set(paths);
const START = '/today';
const HAND_IN = 'hand-in';
// All that a locked phone shows, in the language that the message names.
const TOLD = {nl: 'Er is iets voor je in Naober', en: 'There is something for you in Naober'};

self.addEventListener('install', (event) => {
  // The first load brings what the first page needs; a new version comes whole, because the one before may go away without network.
  event.waitUntil(keep(self.registration.active ? [...files, ...later] : files));
  // Where the browser can, a start is answered from what is kept without waking this worker first.
  event.addRoutes?.([START, ...files].map(route)).catch(() => {});
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith('shell-') && name !== NAME).map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

self.addEventListener('message', (event) => {
  if (event.data === 'skip-waiting') self.skipWaiting();
  if (event.data === 'keep-all') event.waitUntil(keepAll());
  if (event.data === HAND_IN) event.waitUntil(handIn().catch(() => {}));
});

// The browser asks again by itself when there is signal, also with every page closed.
self.addEventListener('sync', (event) => {
  if (event.tag === HAND_IN) event.waitUntil(handIn());
});

self.addEventListener('push', (event) => event.waitUntil(tell(event.data)));
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open());
});

self.addEventListener('fetch', (event) => {
  const {request} = event;
  const {origin, pathname} = new URL(request.url);
  if (request.method !== 'GET' || origin !== self.location.origin) return;
  if (request.mode === 'navigate') {
    if (OURS.has(pathname.split('/')[1])) event.respondWith(kept('/shell', request));
    else event.respondWith(fetch(request).catch(() => kept('/shell', request)));
  } else if (files.includes(pathname) || later.includes(pathname)) {
    event.respondWith(kept(pathname, request));
  }
});

/** One notification a message: the same one that comes twice is shown once. */
async function tell(data) {
  const {language = 'nl', n = 0} = await Promise.resolve().then(() => data.json()).catch(() => ({}));
  const icon = files.find((path) => path.includes('naober-192'));
  await self.registration.showNotification(TOLD[language] ?? TOLD.nl, {tag: `naober ${n}`, lang: language, icon});
}

async function open() {
  const [page] = await self.clients.matchAll({type: 'window'});
  await (page ? page.focus() : self.clients.openWindow(START));
}

async function keep(paths) {
  const cache = await caches.open(NAME);
  await cache.addAll(paths.map(whole));
  await cache.put(START, await cache.match('/shell'));
}

function route(pathname) {
  return {condition: {urlPattern: {pathname, search: ''}, requestMethod: 'GET'}, source: {cacheName: NAME}};
}

async function keepAll() {
  const cache = await caches.open(NAME);
  const there = await Promise.all(later.map((path) => cache.match(path)));
  await cache.addAll(later.filter((path, at) => !there[at]).map(whole));
}

/** Asks for a file such that the browser refuses any byte that is not ours: a version is kept as it was built, or not at all. */
function whole(path) {
  return new Request(path, {integrity: digests[path]});
}

async function kept(path, request) {
  const cache = await caches.open(NAME);
  return await cache.match(path) ?? fetch(request.mode === 'navigate' ? request : whole(path));
}

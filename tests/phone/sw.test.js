import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import vm from 'node:vm';

const SOURCE = readFileSync(new URL('../../pwa/sw.js', import.meta.url), 'utf8');
const HERE = 'https://naober.example.nl';
const START = '/today';
const SHELL = {version: 'two', files: ['/shell', '/assets/app.js'], later: ['/assets/later.js'], paths: ['today', 'households']};
SHELL.digests = Object.fromEntries([...SHELL.files, ...SHELL.later].map((path) => [path, `sha256-${path}`]));

/** A request of the worker itself. */
class Asked {
  constructor(path, {integrity}) {
    Object.assign(this, {path, url: path, integrity});
  }
}

/** The worker in a browser of the test's: the caches that are there, the network, and what it did when it was told of something. */
async function aWorker({network = (request) => `network ${request.url}`, there = [], active = null, addRoutes} = {}) {
  const shelves = new Map(there.map((name) => [name, new Map()]));
  const listeners = new Map();
  const open = async (name) => {
    if (!shelves.has(name)) shelves.set(name, new Map());
    const shelf = shelves.get(name);
    return {addAll: async (files) => files.forEach(({path, integrity}) => shelf.set(path, `kept ${path}${integrity === SHELL.digests[path] ? '' : ' unread'}`)), match: async (path) => shelf.get(path), put: async (path, page) => shelf.set(path, page)};
  };
  const caches = {open, keys: async () => [...shelves.keys()], delete: async (name) => shelves.delete(name)};
  const self = {SHELL, registration: {active}, location: {origin: HERE}, skipped: false, clients: {claim: async () => {}}, addEventListener: (name, fn) => listeners.set(name, fn)};
  self.skipWaiting = () => { self.skipped = true; };
  vm.runInNewContext(SOURCE, {self, caches, URL, Request: Asked, fetch: async (request) => network(request)});
  const tell = async (name, what = {}) => {
    const said = [];
    listeners.get(name)({...what, waitUntil: (work) => said.push(work), respondWith: (work) => said.push(work)});
    return (await Promise.all(said))[0];
  };
  await tell('install', {addRoutes});
  const ask = (path, {method = 'GET', mode = 'cors', at = HERE} = {}) => tell('fetch', {request: {url: at + path, method, mode}});
  return {ask, self, shelves, tell};
}

test('the shell and its files come from the device, also without a network', async () => {
  const {ask} = await aWorker({network: () => { throw new TypeError('no network'); }});
  assert.equal(await ask('/today', {mode: 'navigate'}), 'kept /shell');
  assert.equal(await ask('/households/x', {mode: 'navigate'}), 'kept /shell');
  assert.equal(await ask('/assets/app.js'), 'kept /assets/app.js');
});

test('where the browser can, a start is answered from what is kept, without the worker', async () => {
  let routes;
  const {shelves} = await aWorker({addRoutes: async (made) => { routes = made; }});
  const kept = shelves.get('shell-two');
  assert.equal(kept.get(START), 'kept /shell');
  assert.deepEqual(Array.from(routes, ({condition}) => condition.urlPattern.pathname), [START, ...SHELL.files]);
  for (const {condition: {urlPattern, requestMethod}, source} of routes) {
    assert.ok(kept.has(urlPattern.pathname));
    assert.deepEqual({...source, search: urlPattern.search, requestMethod}, {cacheName: 'shell-two', search: '', requestMethod: 'GET'});
  }
});

test('a browser that will not have these routes goes by the worker', async () => {
  const {ask} = await aWorker({addRoutes: async () => { throw new TypeError('unknown'); }});
  assert.equal(await ask(START, {mode: 'navigate'}), 'kept /shell');
});

test('what comes later is kept once the app asks for it, and by a new version at once', async () => {
  const first = await aWorker();
  assert.deepEqual([...first.shelves.get('shell-two').keys()], [...SHELL.files, START]);
  await first.tell('message', {data: 'keep-all'});
  assert.equal(await first.ask('/assets/later.js'), 'kept /assets/later.js');
  const next = await aWorker({active: {}});
  assert.deepEqual([...next.shelves.get('shell-two').keys()], [...SHELL.files, ...SHELL.later, START]);
});

test('a page of the office comes from the office, and without a network the shell says so', async () => {
  const office = await aWorker();
  assert.equal(await office.ask('/review', {mode: 'navigate'}), `network ${HERE}/review`);
  const away = await aWorker({network: () => { throw new TypeError('no network'); }});
  assert.equal(await away.ask('/review', {mode: 'navigate'}), 'kept /shell');
});

test('everything else goes by the worker, which keeps nothing of it', async () => {
  const {ask, shelves} = await aWorker();
  const asked = [['/sync', {method: 'POST'}], ['/me', {}], ['/news', {}], ['/today', {}], ['/assets/app.js', {at: 'https://elsewhere.example'}],
    ['/today', {mode: 'navigate', at: 'https://elsewhere.example'}]];
  for (const [path, how] of asked) assert.equal(await ask(path, how), undefined, path);
  assert.deepEqual([...shelves.get('shell-two').keys()], [...SHELL.files, START]);
});

test('a new worker clears older shells away, and nobody else\'s cache', async () => {
  const {shelves, tell} = await aWorker({there: ['shell-one', 'of another app']});
  await tell('activate');
  assert.deepEqual([...shelves.keys()], ['of another app', 'shell-two']);
});

test('a new worker waits until it is told', async () => {
  const {self, tell} = await aWorker();
  await tell('message', {data: 'hello'});
  assert.equal(self.skipped, false);
  await tell('message', {data: 'skip-waiting'});
  assert.equal(self.skipped, true);
});

/** The service worker without a browser: its own sources, over the databases, locks and network of a test. */
import {readFileSync} from 'node:fs';
import {IDBKeyRange} from 'fake-indexeddb';

const SOURCES = ['sw.js', 'delivery.js'].map((name) => readFileSync(new URL(`../../pwa/${name}`, import.meta.url), 'utf8')).join('');
const run = new Function('self', 'indexedDB', 'IDBKeyRange', 'navigator', 'fetch', SOURCES);

/** tell(name, event): resolves once all that the worker does at that event is done; `heard` is what it said to its pages. */
export function aWorker({indexedDB, fetch, free = () => true}) {
  const listeners = new Map(), heard = [];
  const page = {postMessage: (said) => heard.push(said)};
  const self = {SHELL: {version: 'one', files: [], later: [], paths: []}, location: {}, clients: {matchAll: async () => [page]}};
  self.addEventListener = (name, hears) => listeners.set(name, hears);
  const locks = {request: (name, options, work) => work(free(name) ? {name} : null)};
  run(self, indexedDB, IDBKeyRange, {locks}, fetch);
  const tell = async (name, event) => {
    const work = [];
    listeners.get(name)({...event, waitUntil: (one) => work.push(one)});
    await Promise.all(work);
  };
  return {tell, heard};
}

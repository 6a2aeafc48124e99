/** The shell on this device: registered once, renewed when its owner wants, in all tabs together; drafts are kept before. */
import {worker} from './trusted.js';

/** Watches for a new version; `ready(apply)` is called when one waits, `opened()` says whether somebody is at work. */
export async function watchUpdates({ready, opened}) {
  const {serviceWorker} = navigator;
  if (!serviceWorker) return;
  // The first worker takes over a page that already runs its version; every later one brings another.
  let controlled = Boolean(serviceWorker.controller);
  serviceWorker.addEventListener('controllerchange', () => {
    // None at all: this device was revoked and cleared, and says so on the page that stands.
    if (controlled && serviceWorker.controller) renew();
    controlled = true;
  });
  const registration = await serviceWorker.register(worker(), {updateViaCache: 'none'}).catch(() => null);
  if (!registration) return;
  const offer = () => {
    if (!registration.waiting || !serviceWorker.controller) return;
    const apply = () => registration.waiting?.postMessage('skip-waiting');
    if (opened()) ready(apply);
    else apply();
  };
  offer();
  registration.addEventListener('updatefound', () => {
    registration.installing?.addEventListener('statechange', ({target}) => { if (target.state === 'installed') offer(); });
  });
  document.addEventListener('visibilitychange', () => { if (!document.hidden) registration.update().catch(() => {}); });
}

/** Has the worker keep what came after the first load too, so that every page is there without network. */
export async function keepAll() {
  const {active} = await navigator.serviceWorker?.ready ?? {};
  active?.postMessage('keep-all');
}

/** Has the worker hand in what waits as soon as there is signal, whether this page still stands then or not; where no browser does that, at once. */
export async function handIn() {
  const {active, sync} = await navigator.serviceWorker?.ready ?? {};
  await sync?.register('hand-in').catch(() => active.postMessage('hand-in')) ?? active?.postMessage('hand-in');
}

/** Keeps what is half written, then starts the new version. */
async function renew() {
  document.body.dispatchEvent(new Event('keep'));
  await new Promise((resolve) => { setTimeout(resolve, 250); });
  location.reload();
}

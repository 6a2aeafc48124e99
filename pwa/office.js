/** Pages of the office in a phone's browser: behind the same lock as the phone's own, opened by what lies in its vault. */
import {listenKeys} from './desk.js';
import {listen} from './news.js';
import {Trouble} from './trouble.js';

const PAGES = /^\/(review|held|people|devices|vouching|passkeys|roster|stuck|figures|caseload|outcomes|themes)(\?week=\d{4}-W\d{2})?$/;
const OPENING = '/sessions/current/opening';
const TOUCH_MS = 30_000;

/** The page of the office that an address wants to come back to, or null. */
export function wanted(search) {
  const to = new URLSearchParams(search).get('to');
  return PAGES.test(to) ? to : null;
}

/** Whether somebody was led here from a file that leaves the office only for who shows once more that the device is theirs. */
export function forFile(search) {
  return new URLSearchParams(search).get('for') === 'file';
}

/** Says that this phone is being locked; without a line the office closes its pages by itself. */
export function close() {
  fetch(OPENING, {method: 'DELETE', keepalive: true, credentials: 'same-origin'}).catch(() => {});
}

/**
 * Opens the office's pages on this device, with an open vault's proof; whether the office took it, or Trouble without a line. `verified`: somebody just
 * showed that the device is theirs, so a file may leave the office too.
 */
export async function open({seal}, verified) {
  const body = JSON.stringify({seal: seal?.id ?? '', proof: seal?.proof ?? '', verified});
  const asked = {method: 'POST', headers: {'content-type': 'application/json'}, body, credentials: 'same-origin'};
  const response = await fetch(OPENING, asked).catch(() => { throw new Trouble('offline'); });
  return response.ok;
}

/** Where a page of the office is opened by signing in: for who has no vault here, or one whose proof is not taken any more. */
export function signIn(path) {
  return `/sign-in?to=/${path.split('/')[1]}`;
}

/** The page of the office that stands here, over env, phone, doors, screen and guard. */
export class OfficePage {
  watched = false;
  touchedAt = 0;
  hush = null;
  kept = null;

  constructor({env, phone, doors, screen, guard}) {
    Object.assign(this, {env, phone, doors, screen, guard});
    listenKeys();
  }

  /** Whether somebody's page stands there, and is watched over. */
  shown() {
    return this.watched && here() !== null;
  }

  /** Watches over it from now on: signed in, it locks as a phone does. */
  async begin() {
    if (!here()) return;
    this.resume(null);
    const response = await fetch('/me', {credentials: 'same-origin'}).catch(() => null);
    if (response?.ok && this.shown()) this.guard.begin((await response.json()).lock);
  }

  resume(lock) {
    this.watched = true;
    this.guard.begin(lock);
    if (here().querySelector('[data-news]')) this.hush = listen(() => document.body.dispatchEvent(new Event('naober:news')));
  }

  /** Somebody touched it: the office keeps it open. */
  touched() {
    if (!this.shown() || performance.now() - this.touchedAt < TOUCH_MS) return;
    this.touchedAt = performance.now();
    fetch(OPENING, {method: 'PUT', keepalive: true, credentials: 'same-origin'}).catch(() => {});
  }

  /** Takes it out of the document; what was typed on it waits in memory for whoever unlocks here. */
  async lock({told = false, left = false} = {}) {
    this.guard.end({told});
    this.hush?.();
    if (!told) close();
    await this.doors.look();
    if (!this.doors.slots.length) return location.replace(signIn(location.pathname));
    const app = document.createElement('div');
    app.id = 'app';
    this.kept = here();
    this.kept.replaceWith(app);
    await this.screen.put(await this.doors.lockPage('', left ? this.env.say('lock.idle') : ''));
    this.guard.cover(false);
  }

  /** The vault was opened: the page comes back as it was left, and the keys are dropped again. */
  async unlock() {
    const me = this.phone.me();
    try {
      if (!await open(me, true)) return location.replace(signIn(location.pathname));
    } catch (error) {
      if (!(error instanceof Trouble)) throw error;
      return this.screen.put(await this.doors.lockPage(this.env.say('page.unreachable')));
    } finally {
      this.phone.lock();
    }
    document.getElementById('app').replaceWith(this.kept);
    this.kept = null;
    this.resume(me.lock);
  }
}

function here() {
  return document.querySelector('[data-office]');
}

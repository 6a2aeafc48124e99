/** Watches over an open phone: covers it while nobody looks, warns before it locks, and locks it in time, in all tabs together. */
import {Idle} from './idle.js';

const TABS = 'naober unlocked';
const DEEDS = ['pointerdown', 'click', 'keydown', 'input'];
const MOVES = ['pointermove', 'wheel'];
const WAKING = [[window, 'pageshow'], [window, 'focus'], [document, 'resume']];
const TELL_MS = 5000;
const WARN_MS = 30_000;

/** Over opened() and lock() of the phone, touched(), and warn(whether it locks soon). */
export class Guard {
  tabs = new BroadcastChannel(TABS);
  idle = new Idle({now: () => Date.now(), ticks: () => performance.now()});
  timer = null;
  told = {};
  warned = false;

  constructor({opened, touched, lock, warn}) {
    Object.assign(this, {opened, touched, lock, warn});
    for (const name of DEEDS) window.addEventListener(name, (event) => this.touch(event), {capture: true});
    for (const name of MOVES) window.addEventListener(name, () => this.touch(), {capture: true, passive: true});
    for (const [target, name] of WAKING) target.addEventListener(name, () => this.look());
    document.addEventListener('visibilitychange', () => this.look());
    this.tabs.addEventListener('message', ({data}) => this.heard(data));
  }

  /** The phone was unlocked; `lock` as GET /me says. */
  begin(lock) {
    this.idle.begin({away: document.hidden, lock});
    this.cover(document.hidden);
    this.plan();
  }

  /** The phone is being locked, here or (`told`) in another tab. */
  end({told = false} = {}) {
    this.idle.end();
    clearTimeout(this.timer);
    this.soon(false);
    if (!told) this.tabs.postMessage('lock');
  }

  /** Whoever comes too late opens nothing by it: their tap only brings the lock page. */
  touch(event) {
    if (!this.opened()) return;
    if (this.locked()) {
      event?.stopImmediatePropagation();
      if (event?.cancelable) event.preventDefault();
      return;
    }
    this.idle.touch();
    this.soon(false);
    this.touched();
    this.tell('touched');
  }

  /** The page came up or went away. */
  look() {
    this.cover(this.opened());
    if (!this.opened() || this.locked()) return;
    if (document.hidden) {
      this.idle.hide();
    } else {
      this.idle.see();
      this.cover(false);
      this.tell('seen');
    }
    this.plan();
  }

  heard(data) {
    if (!this.opened()) return;
    if (data === 'lock') this.lock({told: true});
    else if (data === 'touched') this.idle.touch();
    else this.idle.see({elsewhere: true});
  }

  locked() {
    const due = this.idle.due();
    if (due) this.lock({left: true});
    return due;
  }

  tell(what) {
    const now = performance.now();
    if (now - this.told[what] < TELL_MS) return;
    this.told[what] = now;
    this.tabs.postMessage(what);
  }

  /** Looks again when something may be due; meanwhile a tab that is looked at says so to the others. */
  plan() {
    clearTimeout(this.timer);
    if (!this.opened() || this.locked()) return;
    const left = this.idle.left();
    this.soon(!document.hidden && left <= WARN_MS);
    if (!document.hidden) this.tell('seen');
    this.timer = setTimeout(() => this.plan(), Math.min(left, TELL_MS));
  }

  soon(whether) {
    if (whether !== this.warned) this.warn(whether);
    this.warned = whether;
  }

  /** What the app switcher photographs, and what stands there in the moment before it locks, shows nothing. */
  cover(whether) {
    document.documentElement.toggleAttribute('data-covered', whether);
  }
}

/**
 * Keys that were let go lie in memory until the browser clears it, which on a phone that lies still may be never. To count its memory it clears
 * it first: it does so within 20 s, and browsers that cannot count are left to themselves.
 */
export async function sweep() {
  try {
    await performance.measureUserAgentSpecificMemory?.();
  } catch {
    // A browser that would not count has locked all the same.
  }
}

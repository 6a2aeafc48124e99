/** How long nobody looked at an open phone, or touched it, counted by two clocks: whichever ran on further is believed, and one that was put back is not. */

export const IDLE_MS = 180_000;
export const HIDDEN_MS = 30_000;
const BACK_MS = 2000;

/** Over env {now() -> ms since 1970, ticks() -> ms that only grow}. Once it is due it stays so until begin(). */
export class Idle {
  over = true;

  constructor({now, ticks}) {
    Object.assign(this, {now, ticks});
  }

  /** Somebody just unlocked this phone, which may be looked at or `away`; lock {idle, hidden}: seconds that an organisation wants at most, or null. */
  begin({away = false, lock = null} = {}) {
    const at = this.at();
    const idle = sooner(lock?.idle, IDLE_MS), hidden = sooner(lock?.hidden, HIDDEN_MS);
    Object.assign(this, {over: false, away, idle, hidden, touched: at, seen: at, last: at});
  }

  /** It is being locked. */
  end() {
    this.over = true;
  }

  /** Somebody touched it, here or in another tab. */
  touch() {
    if (!this.due()) this.touched = this.seen = this.at();
  }

  /** It is looked at: in this tab, or `elsewhere` in another. */
  see({elsewhere = false} = {}) {
    if (this.due()) return;
    this.seen = this.at();
    this.away &&= elsewhere;
  }

  /** This tab is looked at no more. */
  hide() {
    if (this.due()) return;
    this.away = true;
    this.seen = this.at();
  }

  /** Whether it must be locked now. */
  due() {
    this.over ||= this.left() <= 0;
    return this.over;
  }

  /** Milliseconds until it is due if nothing happens. */
  left() {
    if (this.over) return 0;
    const at = this.at();
    if (at.now < this.last.now - BACK_MS) return 0;
    this.last = at;
    const still = this.idle - past(this.touched, at);
    return this.away ? Math.min(still, this.hidden - past(this.seen, at)) : still;
  }

  at() {
    return {now: this.now(), ticks: this.ticks()};
  }
}

function sooner(seconds, most) {
  return seconds ? Math.min(most, 1000 * seconds) : most;
}

function past(then, at) {
  return Math.max(at.now - then.now, at.ticks - then.ticks);
}

/** The log of what was read on this device without the office: kept sealed until the next sync takes it up. */
import {sealed, unsealed} from './shelf.js';

export class Reads {
  constructor({env, vault, store, id}) {
    Object.assign(this, {env, vault, store, id});
  }

  /** Notes that I looked at something of a subject just now; `what` = 'household', 'visit', …. */
  async note(subject, what) {
    const entry = {id: this.id(), at: this.env.now(), subject, what};
    const i = await this.vault.tag(entry.id);
    await this.store.commit({put: [['reads', {i, s: await sealed(this.vault, 'reads', i, 0, JSON.stringify(entry))}]]});
  }

  /** At most `most` entries for one request, and the steps that drop them once the office has them: {values, drop}. */
  async batch(most) {
    const [rows] = await this.store.read([['reads', undefined, undefined, most]]);
    const values = await Promise.all(rows.map(({i, s}) => unsealed(this.vault, 'reads', i, 0, s)));
    return {values, drop: rows.map(({i}) => ['reads', {only: i}])};
  }
}

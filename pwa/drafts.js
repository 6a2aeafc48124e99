/** Half-written forms, sealed, so that an interruption costs nothing. */
import {sealed, unsealed} from './shelf.js';

export class Drafts {
  constructor({env, vault, store, room}) {
    Object.assign(this, {env, vault, store, room});
  }

  /** Keeps the values of a form (any JSON) under its name, e.g. 'visit-new household:…'. */
  async keep(form, values) {
    const d = await this.vault.tag(form);
    const s = await sealed(this.vault, 'drafts', d, 0, JSON.stringify({form, values, at: this.env.now()}));
    await this.room.keep((marks) => this.store.commit({put: [['drafts', {d, s}], ...marks]}));
  }

  async find(form) {
    const row = await this.store.get('drafts', await this.vault.tag(form));
    return row ? (await this.open(row)).values : null;
  }

  async drop(form) {
    await this.store.commit({drop: [['drafts', {only: await this.vault.tag(form)}]]});
  }

  /** Every draft on this device, newest first: [{form, values, at}]. */
  async all() {
    const [rows] = await this.store.read([['drafts']]);
    return (await Promise.all(rows.map((one) => this.open(one)))).sort((a, b) => b.at - a.at);
  }

  open({d, s}) {
    return unsealed(this.vault, 'drafts', d, 0, s);
  }
}

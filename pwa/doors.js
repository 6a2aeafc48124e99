/** Ways in and out: unlock, sign in, enrol, step into the demo, lock, leave. */
import * as passkey from './passkey.js';
import {lockPage} from './pages/lock.js';
import {Emptied} from './phone.js';
import {unlocked} from './tried.js';
import {Locked, WrongSecret} from './vault.js';

const HOME = '/today';
const TRIAL = '/profile/trial';
const LOCK = 'naober-lock';

/** Doors over env, phone, screen and what follows once somebody is in: `inside()`. */
export class Doors {
  slots = [];
  enrolled = false;

  constructor({env, phone, inside}) {
    Object.assign(this, {env, phone, inside});
  }

  /** Reads which vaults lie here, so that a tap can open one at once. */
  async look() {
    this.slots = await this.phone.slots();
    this.remember();
    if (this.slots.length && !this.phone.opened()) this.phone.ahead(this.slots[0]).catch(() => {});
  }

  /** Leaves the name of the lock page that the shell may show at once next time: of one vault only. */
  remember() {
    const {env, slots: [only, another]} = this;
    if (only && !another) localStorage.setItem(LOCK, `${env.speaker().language} ${only.demo ? 'demo' : 'passkey'}`);
    else localStorage.removeItem(LOCK);
  }

  /** The lock page of what lies here now, with trouble in words, and why it is closed. */
  async lockPage(trouble = '', why = '') {
    await this.look();
    return this.page(trouble, why);
  }

  page(trouble = '', why = '') {
    const {env, slots} = this;
    const named = slots.map((slot, n) => ({
      n, text: slots.length === 1 ? env.say('lock.unlock') : slot.demo ? slot.name_shown ?? env.say('lock.unlock_one', {n: n + 1}) : env.say('lock.unlock_one', {n: n + 1}), first: n === 0,
    }));
    return lockPage(env, {slots: named, trouble, why, demo: slots.some(({demo}) => demo), signIn: true});
  }

  /** Opens the vault of a slot; gives what stood in the way in words, '' when nothing did. */
  async unlock(n) {
    const {env, phone} = this;
    if (!this.slots.length) await this.look();
    const slot = this.slots[n];
    try {
      const {secret, credential} = await passkey.secretFor(slot);
      if (!secret) return env.say('lock.failed');
      await phone.unlock(slot, secret, credential);
      secret.fill(0);
      await unlocked(phone, !env.online());
      return '';
    } catch (error) {
      if (error instanceof Emptied) return env.say('lock.emptied');
      // Another tab was locked at that very moment, and this one with it.
      if (error instanceof Locked) return env.say('lock.failed');
      if (error instanceof WrongSecret) return env.say('lock.wrong');
      if (error instanceof passkey.Refusal) return env.say(error.code === 'cancelled' ? 'lock.cancelled' : 'lock.failed');
      throw error;
    }
  }

  /** Once more a finger or a face while the phone is open; gives what stood in the way in words, '' when nothing did. */
  async verify() {
    const {env, phone} = this;
    const slot = this.slots.find(({person}) => person === phone.me().person);
    if (!slot) return env.say('safety.elsewhere');
    try {
      const {secret, credential} = await passkey.secretFor(slot);
      if (!secret) return env.say('lock.failed');
      await phone.verify(slot, secret, credential);
      secret.fill(0);
      return '';
    } catch (error) {
      if (error instanceof WrongSecret) return env.say('lock.wrong');
      if (error instanceof passkey.Refusal) return env.say(error.code === 'cancelled' ? 'lock.cancelled' : 'lock.failed');
      throw error;
    }
  }

  signIn(to) {
    return this.byPasskey(() => passkey.signIn(this.env.fetch, (person) => this.deviceOf(person)), to);
  }

  enrol(token) {
    return this.byPasskey(async () => {
      const made = await passkey.enrol(this.env.fetch, token);
      this.enrolled = true;
      return made;
    }, HOME);
  }

  stepIn(person) {
    return this.enter(() => passkey.stepIn(this.env.fetch, person, this.deviceOf(person)), HOME);
  }

  /** Where somebody comes in: the last step of enrolling is the trial, on a phone that keeps something. */
  first() {
    const first = this.enrolled && !this.phone.fleeting() ? TRIAL : HOME;
    this.enrolled = false;
    return first;
  }

  /** Tries the passkey of this phone; gives the page that says what came of it. */
  async tryOut() {
    await this.env.later();
    return `${TRIAL}?is=${await this.env.tryOut({phone: this.phone, online: this.env.online, look: () => this.look()})}`;
  }

  /** A deed with passkeys on a page of the office; gives trouble in words, '' when it is done. */
  async held(deed) {
    const {env, phone, slots} = this;
    try {
      const page = await deed({fetch: env.fetch, phone, slots});
      if (page) location.assign(page);
      return '';
    } catch (error) {
      if (error instanceof passkey.Refusal) return env.say(error.code === 'used' ? 'entry.known' : `entry.${error.code}`);
      throw error;
    }
  }

  async byPasskey(way, to) {
    return passkey.able() ? this.enter(way, to) : this.env.say('entry.no_passkey');
  }

  /** Signs in by `way` and opens the vault; gives trouble in words, '' when somebody is in. */
  async enter(way, to = HOME) {
    const {env} = this;
    try {
      const {portrait, secret, credential} = await way();
      await this.open(portrait, secret, credential);
      secret?.fill(0);
      await this.look();
      if (to === HOME) await this.inside();
      else location.assign(to);
      return '';
    } catch (error) {
      if (error instanceof passkey.Refusal) return env.say(`entry.${error.code}`);
      if (error instanceof WrongSecret) return env.say('lock.wrong');
      // Who signs in once more is another device: on the same one the count of its changes would begin anew.
      if (error instanceof Emptied) return this.look().then(() => env.say('lock.emptied'));
      throw error;
    }
  }

  async open(portrait, secret, credential) {
    const {phone} = this;
    const slot = this.slots.find(({person}) => person === portrait.person);
    if (!secret || (!slot && !this.env.keeps())) return phone.pass(portrait);
    if (!slot) return phone.create(secret, this.labelled(passkey.slotOf({portrait, credential}), portrait), portrait);
    await phone.unlock(slot, secret, credential);
    return phone.keepMe({...phone.me(), ...portrait});
  }

  /** People of the demo are nobody: their buttons may bear their names. */
  labelled(slot, {demo, name}) {
    return demo && slot.demo ? {...slot, name_shown: name} : slot;
  }

  deviceOf(person) {
    return this.slots.find((slot) => slot.person === person)?.device ?? null;
  }

  /** Off this phone: signs out at the office when it can be reached, and takes the vault away. */
  async leave({unsent = false} = {}) {
    await this.phone.sync().catch(() => {});
    await this.erase({unsent});
    await this.env.fetch('/sessions/current', {method: 'DELETE', credentials: 'same-origin'}).catch(() => {});
    location.assign('/sign-in');
  }

  /** Takes the vault away and tells the office; when it was the only one, the browser forgets what deleting leaves in its files. Another's stays as it is. */
  async erase({unsent}) {
    const {device} = this.phone.me();
    await this.phone.erase({unsent});
    const alone = !(await this.phone.slots()).length;
    const asked = {method: 'POST', headers: {'content-type': 'application/json'}, body: JSON.stringify({device, alone}), credentials: 'same-origin'};
    await this.env.fetch('/erasures', asked).catch(() => {});
  }
}

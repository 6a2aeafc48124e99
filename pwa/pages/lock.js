/** The locked phone: who can open it, and why it is closed. */
import {show} from './page.js';

/** The lock screen: slots [{n, text, first}] of this device's vaults, deeds [{act, text, first}] beside them, trouble in words, whether signing in is offered. */
export function lockPage(env, {slots = [], trouble = '', demo = false, signIn = false, deeds = []} = {}) {
  const known = slots.length > 0;
  return show(env, 'lock.html', {
    title: env.say(known ? 'lock.title' : 'lock.new'), text: env.say(known ? 'lock.text' : 'lock.new_text'), slots, deeds, trouble, demo,
    sign_in: signIn ? env.say(known ? 'lock.sign_in_other' : 'lock.sign_in') : '',
  }, {page: 'lock', spoken: trouble});
}

/** The locked phone: who can open it, and why it is closed. */
import {show} from './page.js';

/** The lock screen: slots [{n, text, first}] of this device's vaults, deeds [{act, text, first}] beside them, trouble in words, `why` it is closed when nobody closed it, whether signing in is offered. */
export function lockPage(env, {slots = [], trouble = '', why = '', demo = false, signIn = false, deeds = []} = {}) {
  const known = slots.length > 0;
  return show(env, 'lock.html', {
    title: env.say(known ? 'lock.title' : 'lock.new'), text: [why, env.say(known ? 'lock.text' : 'lock.new_text')].filter(Boolean).join(' '), slots, deeds, trouble, demo,
    sign_in: signIn ? env.say(known ? 'lock.sign_in_other' : 'lock.sign_in') : '',
  }, {page: 'lock', spoken: trouble});
}

/** The phone that was out of touch for too long: open for handing in, closed for reading. */
export function lapsedPage(env) {
  const {problem} = env.phone.status();
  const ended = problem === 'signed_out';
  return show(env, 'lock.html', {
    title: env.say('lapsed.title'), text: env.say('lapsed.text'), slots: [], demo: false,
    deeds: [{act: 'sync', text: env.say('lapsed.sync'), first: !ended}, {act: 'lock', text: env.say('lock.me'), first: false}],
    trouble: ended ? env.say('lock.ended') : problem ? env.say('lapsed.offline') : '', sign_in: ended ? env.say('lock.sign_in') : '',
  }, {page: 'lock', spoken: env.say('lapsed.title')});
}

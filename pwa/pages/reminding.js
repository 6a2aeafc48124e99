/** Whether this phone reminds me: the switch on Ik, and what its browser says of it. */
import {go} from './page.js';

/** The switch as it stands: {on, text, act}; without an act where the browser has the last word. */
export async function reminding(env) {
  if (env.fleeting()) return null;
  const state = await env.reminders.state(env.phone.me().reminded ?? '');
  return {on: state === 'on', text: env.say(`reminders.${state}`), act: {on: 'off', off: 'on'}[state] ?? ''};
}

/** POST /profile/reminders: on or off, here. */
export async function remind(request, env) {
  const on = (await request.formData()).get('remind') === 'on';
  const reminded = on ? await env.reminders.begin() : await env.reminders.end();
  await env.phone.keepMe({...env.phone.me(), reminded: reminded ?? null});
  return go(`/profile?saved=${!on ? 'unreminded' : reminded ? 'reminded' : 'not_reminded'}`);
}

/** Mijn agenda: a private address for the calendar on somebody's phone, made and taken back with a connection. */
import {show} from './page.js';

const ADDRESS = '/me/calendar';

/** GET /profile/calendar. */
export async function calendar(request, env) {
  return page(env, await asked(env, 'GET'));
}

/** POST /profile/calendar: a new address, shown once. */
export async function newCalendar(request, env) {
  const made = await asked(env, 'PUT');
  return page(env, made && {on: true, ...made});
}

/** DELETE /profile/calendar. */
export async function endCalendar(request, env) {
  return page(env, await asked(env, 'DELETE'));
}

function page(env, said) {
  const on = Boolean(said?.on), state = said ? env.say(on ? 'calendar.on' : 'calendar.off') : env.say('calendar.offline');
  const context = {address: said?.address ?? '', state, reachable: Boolean(said), on, make: env.say(on ? 'calendar.make_new' : 'calendar.make')};
  return show(env, 'calendar.html', context, {tab: 'profile', page: 'calendar', spoken: state, back: {href: '/profile', text: env.say('tab.profile')}});
}

/** What the office said, {} when it had nothing to say; null without a line. */
async function asked(env, method) {
  const response = await env.fetch(ADDRESS, {method, credentials: 'same-origin'}).catch(() => null);
  if (!response?.ok) return null;
  return response.status === 204 ? {} : response.json();
}

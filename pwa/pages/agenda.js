/** Op de agenda: the households that were put forward for a discussion and were not discussed yet. */
import {byKind, show, stated} from './page.js';
import {colleagues, signature} from './colleagues.js';
import {isOpen} from './steering_rows.js';

/** GET /agenda: what was put on it first comes first. */
export async function agenda(request, env) {
  const known = byKind(await env.phone.first());
  const people = colleagues(env, known.colleague);
  const rows = open(known).map(({one, house}) => ({
    href: `/steering/${one.id}?in=${house.id}`, text: house.fields.name, meta: [one.fields.question, env.speaker().when(one.at, env.now()), signature(env, people, one)].join(' · '),
    mark: stated(env, one.state).state, tone: stated(env, one.state).state_tone,
  }));
  return show(env, 'agenda.html', {open_rows: rows}, {tab: 'households', page: 'agenda', live: true, back: {href: '/households', text: env.say('tab.households')}});
}

/** How many households are on it, for the list of all of them; '' when there are none. */
export function agendaLine(env, known) {
  const n = new Set(open(known).map(({house}) => house.id)).size;
  return n ? env.say('agenda.open', {n}) : '';
}

function open(known) {
  const found = known.agenda.filter(isOpen).map((one) => ({one, house: known.household.find(({subject}) => subject === one.subject)}));
  return found.filter(({house}) => house).sort((a, b) => a.one.at - b.one.at);
}

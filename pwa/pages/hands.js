/** In whose hands a task is that was in other hands before: since when and through whom. Who had it first the office alone remembers. */
import * as clock from '../../sync/clock.js';
import {local} from '../i18n.js';

const DOERS = ['volunteer', 'helper', 'owner'];

/** {text, line: where the office tells all of it, later: that it tells it when there is signal}; null of a task that is where it began. */
export function handsOf(env, {people, one}) {
  const last = lastHand(one.record);
  if (!last) return null;
  const who = DOERS.map((name) => one.fields[name]).find(Boolean);
  const said = {name: nameOf(env, people, who) ?? env.say('task.anybody'), date: env.speaker().date(local(clock.parse(last.stamp)?.ms ?? 0).date)};
  const through = last.role !== 'office' && last.by !== who;
  const there = env.online() && !one.state;
  return {
    text: through ? env.say('hands.now_through', {...said, by: nameOf(env, people, last.by)}) : env.say('hands.now', said),
    line: there ? `/hands/${one.id}` : '', later: there ? '' : env.say('hands.later'),
  };
}

/** The write that put it where it is, when it was not the first. */
function lastHand({writes, fields}) {
  const first = Math.min(...Object.values(writes).map(({version}) => version));
  const moved = DOERS.flatMap((name) => Object.keys(fields[name] ?? {})).map((change) => writes[change]).filter(({version}) => version > first);
  return moved.sort((a, b) => a.stamp.localeCompare(b.stamp)).at(-1) ?? null;
}

function nameOf(env, people, id) {
  return id ? people.get(id)?.name ?? env.say('hand.unknown') : null;
}

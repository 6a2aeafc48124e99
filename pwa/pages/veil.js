/** What is read only by whoever shows once more that the phone is theirs: a glance over a shoulder, or a phone left open, gives it away to nobody. */
import * as merge from '../../sync/merge.js';

// What may hold words about somebody's safety.
const SAID = ['note', 'remark', 'response'];

/**
 * The same home with what is said of safety put away, and `veiled` true when there was any; as it is for whoever just showed it, on pages that are
 * `live`: those are painted anew when that is over. A form would leave it standing.
 */
export function veiled(env, home, live) {
  const text = env.say(live ? 'safety.veiled' : 'veil.form');
  const hides = (one) => one.topic === 'safety' && !(live && env.phone.verified());
  const put = SAID.map((kind) => [kind, home.known[kind].map((one) => (hides(one) ? {...one, fields: {...one.fields, text}} : one))]);
  // What the steps of the reporting code say stands on their own page alone.
  const steps = home.known.safety_step.map((one) => ({...one, fields: {}}));
  return {...home, known: {...home.known, ...Object.fromEntries(put), safety_step: steps}, veiled: SAID.some((kind) => home.known[kind].some(hides))};
}

/** Steps of the reporting code for a live page: {all: as they are for whoever just showed that the phone is theirs, kept: how many are put away}. */
export function stepsShown(env, all) {
  return env.phone.verified() ? {all, kept: 0} : {all: [], kept: all.length};
}

/** The code of a household's key safe for a live page, and what somebody else wrote at the same time: {open, code, also}, put away until `open`; null when there is none. */
export function keySafe(env, {house, people}) {
  const [first, ...others] = codesOf(house);
  if (!first) return null;
  if (!env.phone.verified()) return {open: false, code: '', also: []};
  const read = ({value}) => value ?? env.say('facts.emptied');
  const who = ({by}) => people.get(by)?.name ?? env.say('hand.unknown');
  return {open: true, code: read(first), also: others.map((one) => env.say('facts.also', {who: who(one), value: read(one)}))};
}

/** The codes in a household's record, one unless two wrote at the same time, value null where one of them emptied it: [{value, by}]; none when there is none. */
export function codesOf({record}) {
  const {fields, also} = merge.shown(record);
  const all = [{value: fields.key_safe ?? null, by: null}, ...also.key_safe ?? []];
  return all.some(({value}) => value) ? all : [];
}

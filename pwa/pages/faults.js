/** What is wrong with a form, a sentence for each field, before anything of it is kept. */
import kinds from '../../sync/kinds.json' with {type: 'json'};
import * as rules from '../../sync/rules.js';

const UNSTAMPED = {stamp: '0000000000000-0000-00000000', n: 1};

/** What is wrong with changes before they are kept: [{field, why, kind, change, message}]. */
export function faults(env, changes) {
  return changes.flatMap(({over, ...change}) => rules.check({...UNSTAMPED, ...change}, kinds, !over)
    .map(({field, why}) => ({field, why, kind: change.kind, change, message: sentence(env, change.kind, field, why)})));
}

function sentence(env, kind, field, why) {
  if (why !== 'required' || !Object.hasOwn(kinds.kinds[kind].fields, field)) return env.say(`wrong.${why}`);
  return env.say('wrong.required_field', {field: env.say(`field.${field}`)});
}

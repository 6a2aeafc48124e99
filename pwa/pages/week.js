/** The seven days from today: which helper comes when, what the teams planned beside it, and the days on which nobody does. */
import * as rules from '../../sync/rules.js';
import {askable, carried} from './helper_rows.js';
import {shortNames} from './names.js';
import {planWords} from './plan_words.js';
import {listed} from './sentences.js';

const DAYS = [0, 1, 2, 3, 4, 5, 6];

/** [{day, today, who, nobody, planned}] of a home and the helpers who are there now. */
export function weekOf(env, home, helpers) {
  const names = shortNames(helpers.map(({fields}) => fields.name));
  const coming = helpers.map((one, i) => ({...one, name: names[i], took: carried(env, home.known, one)})).filter(askable);
  return DAYS.map((ahead) => {
    const day = rules.day_add(env.today(), ahead);
    const who = coming.filter((one) => comes(one, day)).map(({name}) => name);
    return {day: env.speaker().weekday(day), today: ahead === 0, who: listed(env, who), nobody: !who.length, planned: plannedOn(env, home, day)};
  });
}

function comes({fields, took}, day) {
  return (fields.weekdays ?? []).includes(rules.weekday(day)) || took.some((task) => rules.occurs({...task.fields, start: task.fields.due}, day));
}

function plannedOn(env, home, day) {
  const plans = home.known.schedule.filter(({fields}) => rules.occurs(fields, day));
  const said = plans.flatMap(({fields}) => namesOf(home, fields.who ?? []) ?? [planWords(env, fields.what)]);
  return said.length ? env.say('network.planned', {who: listed(env, [...new Set(said)])}) : '';
}

function namesOf({people}, who) {
  const names = who.map((one) => people.get(one)?.name).filter(Boolean);
  return names.length ? names : null;
}

/** What a form about whom, what and until when says back while it is filled in. */
import * as rules from '../../sync/rules.js';
import {line} from './page.js';
import {recipients} from './recipients.js';
import {TOPICS, sentence} from './sentences.js';

export const ABOUTS = ['secrecy', 'help', 'ground'];
const MONTHS = {months3: 3, months6: 6};

/** What a form of this kind says while it is filled in: {whom, sentence}. */
export function readBack(env, people, values) {
  const whom = recipients(env, people).get(values.get('to'));
  const said = {about: aboutOf(values), topics: topicsOf(values), purpose: line(values, 'purpose'), until: untilOf(env, values), before: values.get('before') === 'yes'};
  return {whom: whom?.chip ?? env.say('consent.whom'), sentence: sentence(env, said, whom?.short ?? env.say('recipient.unknown'))};
}

/** The last day of a form's period, null when it has none; a day that was not filled in reads as none. */
export function untilOf(env, values) {
  const period = values.get('period');
  return MONTHS[period] ? monthsOn(env.today(), MONTHS[period]) : (period === 'other' && line(values, 'until')) || null;
}

/** The topics that are switched on. */
export function topicsOf(values) {
  const chosen = values.getAll('topics');
  return TOPICS.filter((topic) => chosen.includes(topic));
}

/** The kind of agreement a form asks for; lifting secrecy is the usual one. */
export function aboutOf(values) {
  return ABOUTS.find((one) => one === values.get('about')) ?? 'secrecy';
}

function monthsOn(day, n) {
  const months = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + n;
  const same = `${month(months)}-${day.slice(8)}`;
  const last = rules.day_add(`${month(months + 1)}-01`, -1);
  return same < last ? same : last;
}

function month(months) {
  return `${Math.floor(months / 12)}-${String(months % 12 + 1).padStart(2, '0')}`;
}

/** Plans of visits as lines: what for, how often, until when. */
import * as rules from '../../sync/rules.js';
import {planWords} from './plan_words.js';

/** A week of days, Monday first: for their names. */
export const WEEK = ['2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29'];
export const AHEAD_DAYS = 60;

/** A day of the week by its short name, Monday is 0. */
export function dayName(env, weekday) {
  return env.speaker().day_short(WEEK[weekday]).split(' ')[0];
}

/** Plans of a home that still have a turn to come, soonest first, as rows. */
export function plansOf(env, home) {
  const rows = home.known.schedule.map((plan) => ({plan, turn: rules.next_occurrence(plan.fields, env.today(), AHEAD_DAYS)})).filter(({turn}) => turn);
  return rows.sort((a, b) => `${a.turn}${a.plan.fields.time ?? ''}`.localeCompare(`${b.turn}${b.plan.fields.time ?? ''}`)).map(({plan, turn}) => ({
    id: plan.id, href: `/schedules/${plan.id}?in=${home.id}`, next: [env.speaker().near(turn, env.today()), plan.fields.time].filter(Boolean).join(' '), what: planWords(env, plan.fields.what),
    rule: [rule(env, plan.fields), (plan.fields.who ?? []).map((one) => home.people.get(one)?.name).filter(Boolean).join(', ')].filter(Boolean).join(' · '),
    state: plan.state ? env.say(`state.${plan.state}`) : '',
  }));
}

/** How often, in words. */
export function rule(env, {weekdays, every_days: every, until, start}) {
  const end = until ? ` ${env.say('schedule.rule.until', {date: env.speaker().day_short(until)})}` : '';
  if (weekdays?.length) return env.say('schedule.rule.weekdays', {days: weekdays.map((day) => dayName(env, day)).join(', ')}) + end;
  if (every) return env.say('schedule.rule.every', {n: every}) + end;
  return env.say('schedule.rule.once', {date: env.speaker().near(start, env.today())});
}

/** Why something is on this phone and until when, in sentences: by the ground of its pair, and whose word or whose share opened it. */
import {hat} from './page.js';
import {recipientOf, recipients} from './recipients.js';
import {listed} from './sentences.js';
import {inForce, opening, teamsHere} from './statements.js';

/** {why, until} for a pair [subject, topic, until, after, ground] of a home. */
export function reasonOf(env, home, pair) {
  const [subject, topic, until, after, ground = 'care'] = pair;
  const told = {team: myTeams(env, home), topic: env.say(`topic.${topic}`).toLowerCase()};
  const by = ground === 'consent' || ground === 'share' ? openedBy(env, home, subject, topic, ground) : null;
  const why = by ? env.say(`why.${ground}`, {...told, ...by}) : env.say(`why.${ground}`, {...told, name: '', who: told.team, on: ''});
  const late = after ? ` ${env.say('why.after')}` : '';
  return {why: why + late, until: until ? env.say('why.until', {date: env.speaker().date(until)}) : env.say(by ? 'why.endless' : `why.endless.${ground === 'care' ? 'care' : 'work'}`, told)};
}

/** My teams that this phone saw coming here, or else all of mine. */
function myTeams(env, home) {
  const here = teamsHere(env, home.known, home.people, home.id);
  const {hats} = env.phone.me();
  const found = hats.filter(({team}) => here.has(team));
  return listed(env, [...new Set((found.length ? found : hats).map(({team_name: name}) => name))]);
}

/** Whose word or share opened a pair to one of my hats: {name, who, on}. */
function openedBy(env, home, subject, topic, ground) {
  const me = env.phone.me();
  const mine = new Set([me.person, ...me.hats.flatMap(({team, organisation}) => [team, organisation])]);
  const all = ground === 'share' ? home.known.share : home.known.consent.filter(({fields}) => fields.answer === 'yes');
  const about = (one) => one.subject === subject || (subject === home.house.subject && topic === 'practical');
  const one = all.find((said) => opening(said) && inForce(env, said) && about(said) && mine.has(said.fields.to) && said.fields.topics.includes(topic));
  const resident = home.residents.find((person) => person.subject === (one?.subject ?? subject));
  const name = resident?.fields.name ?? home.house.fields.name;
  if (!one) return {name, who: hat(env).team_name, on: ''};
  const on = env.say('why.on', {date: env.speaker().date(one.fields.since)});
  return {name, who: recipientOf(env, recipients(env, home.people), one.fields).short, on};
}

/** What a lead asked of me about something I wrote, as lines, until I answer; and what was said of it, under it, for everybody who reads it. */
import {signature} from './colleagues.js';

/** Those that wait for me, of everything this phone knows or of one household and who lives there; newest first. */
export function remarkRows(env, known, people, subjects = null) {
  const open = known.remark.filter((one) => (!subjects || subjects.has(one.subject)) && waits(env, known, one));
  return open.sort((a, b) => instant(b) - instant(a)).map((one) => row(env, known, people, one));
}

/** Whether a remark asks something of me that I did not answer yet, or whose answer came back: a compliment asks to be seen. */
export function waits(env, known, {id, fields}) {
  return fields.asked === env.phone.me().person && !fields.closed && answersTo(known, id).every(({state}) => state === 'returned');
}

/** The answers to a remark, oldest first. */
export function answersTo(known, id) {
  return known.response.filter(({fields}) => fields.to === id).sort((a, b) => instant(a) - instant(b));
}

/** What was said of these records, with the answers, as an addition is printed: [{meta, text}]. */
export function remarksOn(env, home, ids) {
  const {known, people} = home;
  return known.remark.filter(({fields}) => ids.includes(fields.of)).sort((a, b) => instant(a) - instant(b)).flatMap((one) => [one, ...answersTo(known, one.id)])
    .map((one) => ({meta: [one.kind === 'remark' && env.say(`today.remark.${one.fields.what}`), hand(env, people, one)].filter(Boolean).join(' · '), text: one.fields.text ?? ''}));
}

/** When, and by whom. */
export function hand(env, people, one) {
  return `${env.speaker().when(instant(one), env.now())} · ${signature(env, people, one)}`;
}

/** 'Ilse vraagt iets'. */
export function titleOf(env, people, {by, fields}) {
  return env.say(`today.asks.${fields.what}`, {name: people.get(by)?.name ?? env.say('hand.unknown')});
}

function row(env, known, people, one) {
  const house = placeOf(known, one)?.fields.name;
  return {href: `/remarks/${one.id}`, title: titleOf(env, people, one), meta: [house, env.speaker().when(instant(one), env.now())].filter(Boolean).join(' · ')};
}

/** The household that a remark is about, or where who it is about lives; undefined for what is the team's. */
export function placeOf({household, resident}, {subject}) {
  const lives = resident.find((one) => one.subject === subject)?.fields.household;
  return household.find((house) => house.subject === subject || house.id === lives);
}

function instant({fields, at}) {
  return fields.at ?? at;
}

/** Whether what lies here stays here, and what its owner can do about it; and what became of what did not stay. */
import {go} from './page.js';

/** {text, tone} of what the browser promised; on a device that keeps nothing, why it does not. */
export function staying(env) {
  if (env.fleeting()) return {text: env.say(env.keeps() ? 'fleeting.long' : 'fleeting.tab'), tone: 'ochre'};
  const promised = env.protected();
  if (promised === false) return {text: env.say(env.standing() ? 'lost.unprotected_here' : 'lost.unprotected'), tone: 'ochre'};
  return {text: env.say(promised ? 'phone.kept' : 'phone.unsaid'), tone: promised ? 'moss' : ''};
}

/** What a browser threw away, as the office knows it, in sentences; null when nothing, or when it was read. */
export function loss(env) {
  const {lost, lossRead} = env.phone.me();
  if (!lost || lossRead) return null;
  const {name, sure, last, missing, numbers} = lost;
  return [
    env.say(sure ? 'lost.sure' : 'lost.perhaps', {name}),
    last ? env.say('lost.last', {when: env.speaker().when(last, env.now())}) : env.say('lost.nothing'),
    ...(missing ? [env.say('lost.missing', {n: missing, numbers})] : []),
    env.say('lost.lead'),
  ];
}

/** DELETE /profile/loss: its owner has read it. */
export async function forgetLoss(request, env) {
  await env.setMe({lossRead: true});
  return go('/today');
}

/** The connection line: what waits, in words. */

/** {tone, text} of this moment; tone '' (all is well), waits, busy or stop. */
export function connection(env) {
  if (!env.phone.opened()) return null;
  const {waiting, sending, problem, filling, needed} = env.phone.status();
  const offline = !env.online() || problem === 'offline';
  if (problem && problem !== 'offline' && problem !== 'busy') return {tone: 'stop', text: env.say(`connection.${problem}`)};
  if (offline) return {tone: 'waits', text: waiting ? env.say('connection.waiting', {n: waiting}) : env.say(env.fleeting() ? 'connection.needed' : 'connection.offline')};
  if (problem === 'busy') return {tone: 'waits', text: env.say('connection.busy')};
  if (!needed) return {tone: 'busy', text: env.say('connection.first')};
  if (sending && waiting) return {tone: 'busy', text: env.say('connection.sending', {n: waiting})};
  if (filling) return {tone: 'busy', text: env.say('connection.filling', {done: filling.done, of: filling.of})};
  if (waiting) return {tone: 'waits', text: env.say('connection.unsent', {n: waiting})};
  return {tone: '', text: env.say('connection.all')};
}

/** Whether what lies here stays here, and what its owner can do about it. */

/** {text, tone} of what the browser promised; on a device that keeps nothing, why it does not. */
export function staying(env) {
  if (env.fleeting()) return {text: env.say(env.keeps() ? 'fleeting.long' : 'fleeting.tab'), tone: 'ochre'};
  const promised = env.protected();
  if (promised === false) return {text: env.say(env.standing() ? 'profile.unprotected_here' : 'profile.unprotected'), tone: 'ochre'};
  return {text: env.say(promised ? 'phone.kept' : 'phone.unsaid'), tone: promised ? 'moss' : ''};
}

/** What is about safety is read only by whoever shows once more that the phone is theirs: a glance over a shoulder, or a phone left open, gives it away to nobody. */

/** The same home with what its safety notes say put away, and `veiled` true when there was any; as it is for whoever just showed it. */
export function veiled(env, home) {
  const hidden = env.phone.verified() ? [] : home.known.note.filter(({topic}) => topic === 'safety');
  const note = home.known.note.map((one) => (hidden.includes(one) ? {...one, fields: {...one.fields, text: env.say('safety.veiled')}} : one));
  return {...home, known: {...home.known, note}, veiled: hidden.length > 0};
}

/** Stamps that order what several devices wrote, and identities; a stamp is '<13 digits ms>-<4 hex counter>-<last 8 of the device id>'. */

export const AHEAD_MS_MAX = 300_000
export const COUNTER_MAX = 0xffff
export const STAMP = /^([0-9]{13})-([0-9a-f]{4})-([0-9a-f]{8})$/

/** Give the stamp of the next write on this device: later than `last` also when the clock stands still or goes back; `now` in ms. */
export function tick(last, now, device) {
  return after(parse(last), null, now, device)
}

/** Give a stamp later than our own last one and than one that came from elsewhere; `now` in ms. */
export function receive(last, remote, now, device) {
  return after(parse(last), parse(remote), now, device)
}

/** Take a stamp apart into {ms, counter, device}; null when it is not a stamp. */
export function parse(stamp) {
  const match = typeof stamp === 'string' ? STAMP.exec(stamp) : null
  return match && { ms: Number(match[1]), counter: parseInt(match[2], 16), device: match[3] }
}

/** Say whether a stamp is one, and at most five minutes ahead of `now` (ms). */
export function acceptable(stamp, now) {
  const parts = parse(stamp)
  return parts !== null && parts.ms <= now + AHEAD_MS_MAX
}

/** Make a UUIDv7 (RFC 9562) from `now` (ms) and twenty random hexadecimal digits, of which nineteen are used. */
export function uuid7(now, randomHex20) {
  const r = randomHex20
  const time = now.toString(16).padStart(12, '0')
  const variant = '89ab'[parseInt(r[3], 16) & 3]
  return `${time.slice(0, 8)}-${time.slice(8)}-7${r.slice(0, 3)}-${variant}${r.slice(4, 7)}-${r.slice(7, 19)}`
}

function after(one, other, now, device) {
  let ms = now
  let counter = 0
  for (const parts of [one, other]) {
    if (parts && (parts.ms > ms || (parts.ms === ms && parts.counter >= counter))) {
      ms = parts.ms
      counter = parts.counter + 1
    }
  }
  if (counter > COUNTER_MAX) {
    ms += 1
    counter = 0
  }
  return `${String(ms).padStart(13, '0')}-${counter.toString(16).padStart(4, '0')}-${device.slice(-8)}`
}

/** How long a phone shows what it holds without a word from the office; what it wrote can be handed in after that too. */

export const LEASE_MS = 7 * 24 * 3600 * 1000;
// A clock may be corrected by so much without anybody meaning to win time by it.
const BACK_MS = 24 * 3600 * 1000;

/** Whether the lease is over; ms by the phone's own clock: now, the last contact (null: none yet), and the latest moment it was used since. */
export function lapsed(now, lastAt, high) {
  return lastAt !== null && (now - lastAt >= LEASE_MS || now < Math.max(lastAt, high) - BACK_MS);
}

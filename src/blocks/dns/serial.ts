/** Serial numbers of zones: 32 bits, compared on a circle (RFC 1982). */

const SPACE = 2 ** 32;
const HALF = 2 ** 31;

/**
 * Whether `serial` comes after `other`. Of two that lie exactly half the circle apart neither does: RFC 1982, section 3.2,
 * leaves that open.
 */
export function isLaterSerial(serial: number, other: number): boolean {
  const ahead = (serial - other + SPACE) % SPACE;
  return ahead > 0 && ahead < HALF;
}

/** The next one. Never 0, which some servers take for «no serial». */
export function nextSerial(serial: number): number {
  return serial + 1 >= SPACE ? 1 : serial + 1;
}

/** The one that a new zone begins with, by the date as RFC 1912, section 2.2, has it: 2025061501. `now`: ms since the epoch. */
export function firstSerial(now: number): number {
  const date = new Date(now);
  return date.getUTCFullYear() * 1_000_000 + (date.getUTCMonth() + 1) * 10_000 + date.getUTCDate() * 100 + 1;
}

import type { Random } from '../../../../platform/clock.js';

/** A number from 0 to below 1, of 32 random bits. */
export function fraction(random: Random): number {
  const [a = 0, b = 0, c = 0, d = 0] = random.bytes(4);
  return (((a << 24) | (b << 16) | (c << 8) | d) >>> 0) / 2 ** 32;
}

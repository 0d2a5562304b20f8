/** Which records a query for ANY gets (RFC 8482). */
import type { RRset } from '../record.js';
import { RRType } from '../wire/mnemonics.js';

/**
 * One RRset of those that are there, as BIND's `minimal-any` gives over UDP (section 4.1): the smallest, so that nobody's
 * address is worth being forged; of equal ones the lowest type. Signatures only where there is nothing else.
 */
export function oneForAny(sets: readonly RRset[]): RRset | undefined {
  const plain = sets.filter(({ type }) => type !== RRType.RRSIG);
  return (plain.length > 0 ? plain : sets).reduce<RRset | undefined>((best, set) => {
    if (best === undefined) return set;
    const difference = octetsOf(set) - octetsOf(best);
    return difference < 0 || (difference === 0 && set.type < best.type) ? set : best;
  }, undefined);
}

function octetsOf({ rdatas }: RRset): number {
  return rdatas.reduce((sum, { length }) => sum + length, 0);
}

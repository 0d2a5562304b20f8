/**
 * Identifiers of versions and uploads, which callers must not read anything into. They begin with a number that says where the row is, so
 * that no index has to be kept for them; the rest cannot be guessed, and is compared.
 *
 *     0000000004d2 8f3c09d2ab7715e0c4aa
 *     number, 48 bits  random, 80 bits; in hex, which stands in any URL, file name and command line as it is
 */
import type { Random } from '../../../platform/clock.js';

const NUMBER_DIGITS = 12;
const RANDOM_BYTES = 10;
const FORM = /^[0-9a-f]{32}$/;

/** @param number of the row's place; what follows it is random */
export function makeOpaqueId(number: number, random: Random): string {
  return number.toString(16).padStart(NUMBER_DIGITS, '0') + Buffer.from(random.bytes(RANDOM_BYTES)).toString('hex');
}

/** The number that one begins with; undefined: it is none of ours. */
export function numberOfOpaqueId(id: string): number | undefined {
  return FORM.test(id) ? Number.parseInt(id.slice(0, NUMBER_DIGITS), 16) : undefined;
}

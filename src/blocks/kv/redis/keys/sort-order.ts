/** The order of SORT. */
import type { ByteString } from '../../bytes.js';
import { refusal } from '../../errors.js';
import { parseFloatStrict } from '../numbers.js';

interface Sorted<Key> {
  readonly element: ByteString;
  readonly key: Key;
}

/**
 * `keyOf`: what an element is compared by; undefined where there is nothing: as a number it is 0, as a text the first. Elements with the
 * same number are ordered by their own bytes. Error: `One or more scores can't be converted into double`.
 */
export function sortedBy(
  elements: readonly ByteString[],
  keyOf: (element: ByteString) => ByteString | undefined,
  alpha: boolean,
  descending: boolean,
): ByteString[] {
  const sign = descending ? -1 : 1;
  if (alpha) {
    const keyed = elements.map((element) => ({ element, key: keyOf(element) }));
    return keyed.sort((a, b) => sign * compareTexts(a.key, b.key)).map(({ element }) => element);
  }
  const keyed = elements.map((element) => ({ element, key: scoreOf(keyOf(element)) }));
  return keyed.sort((a, b) => sign * compareScored(a, b)).map(({ element }) => element);
}

function compareTexts(a: ByteString | undefined, b: ByteString | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  return b === undefined || a > b ? 1 : -1;
}

function compareScored(a: Sorted<number>, b: Sorted<number>): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return compareTexts(a.element, b.element);
}

/** As C's strtod reads it: an empty text is 0, blanks before it do not count, and what does not fit is an error. */
function scoreOf(text: ByteString | undefined): number {
  if (text === undefined || text === '') return 0;
  const digits = text.replace(/^[ \t\n\v\f\r]+/, '');
  const score = parseFloatStrict(digits);
  const overflowed = score !== undefined && !Number.isFinite(score) && /\d/.test(digits);
  if (score === undefined || overflowed) {
    throw refusal('ERR', "One or more scores can't be converted into double");
  }
  return score;
}

/** How many random elements are asked for: SRANDMEMBER, HRANDFIELD, ZRANDMEMBER. */
import type { ByteString } from '../bytes.js';
import { refusal, syntaxError } from '../errors.js';
import { readInteger } from './numbers.js';

const HIGHEST = 2n ** 63n - 1n;
/** Elements of one answer with repetitions: they are all made before they are sent. */
const MOST_ANSWERED = 1_000_000n;

export interface RandomCount {
  readonly count: number;
  /** A negative count: as many as that, the same one perhaps several times. */
  readonly repeated: boolean;
}

/** Errors: not an integer; out of range, in Redis's words. */
export function readRandomCount(text: ByteString): RandomCount {
  return randomCount(readNumber(text));
}

/** COUNT, and perhaps the option (lower case) that asks for values or scores, too. Errors: those of the count; syntax error. */
export function readRandomCountWith(
  [text = '', option, ...more]: readonly ByteString[],
  name: string,
): RandomCount & { readonly both: boolean } {
  const number = readNumber(text);
  if (more.length > 0 || (option !== undefined && option.toLowerCase() !== name)) throw syntaxError();
  const both = option !== undefined;
  if (both && (number > HIGHEST / 2n || number < -HIGHEST / 2n)) throw refusal('ERR', 'value is out of range');
  return { ...randomCount(number), both };
}

function readNumber(text: ByteString): bigint {
  const number = readInteger(text);
  if (number >= -HIGHEST) return number;
  throw refusal('ERR', `value is out of range, value must between -${HIGHEST} and ${HIGHEST}`);
}

function randomCount(number: bigint): RandomCount {
  if (number < -MOST_ANSWERED) throw refusal('ERR', 'value is out of range');
  return { count: Math.abs(Number(number)), repeated: number < 0n };
}

/** How many random elements are asked for: SRANDMEMBER, HRANDFIELD, ZRANDMEMBER. */
import type { ByteString } from '../bytes.js';
import { refusal } from '../errors.js';
import { readInteger } from './numbers.js';

const MOST_REPEATED = 2 ** 62;
/** Elements of one answer with repetitions: they are all made before they are sent. */
const MOST_ANSWERED = 10_000_000;

export interface RandomCount {
  readonly count: number;
  /** A negative count: as many as that, the same one perhaps several times. */
  readonly repeated: boolean;
}

/** Errors: not an integer; out of range, in Redis's words. */
export function readRandomCount(text: ByteString, withValues = false): RandomCount {
  const count = Number(readInteger(text));
  const most = withValues ? MOST_REPEATED / 2 : MOST_REPEATED;
  if (count < -most || count > most * 2) throw refusal('ERR', 'value is out of range');
  if (count < -MOST_ANSWERED) throw refusal('ERR', 'value is out of range');
  return { count: Math.abs(count), repeated: count < 0 };
}

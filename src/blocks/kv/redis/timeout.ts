/** Seconds that a client is willing to wait: BLPOP and its kin. */
import type { ByteString } from '../bytes.js';
import { refusal } from '../errors.js';
import { parseFloatStrict } from './numbers.js';

const MOST_MS = 2 ** 63;

/**
 * In milliseconds, rounded up: what is more than 0 does not become "without end".
 * Errors: `ERR timeout is not a float or out of range`, `… is negative`, `… is out of range` (beyond 64 bits of milliseconds since 1970).
 */
export function readTimeout(text: ByteString, nowMs: number): number {
  const seconds = parseFloatStrict(text);
  if (seconds === undefined) throw refusal('ERR', 'timeout is not a float or out of range');
  const ms = Math.ceil(seconds * 1000);
  if (ms < 0) throw refusal('ERR', 'timeout is negative');
  if (ms + nowMs >= MOST_MS) throw refusal('ERR', 'timeout is out of range');
  return ms;
}

/** What EXPIRE and its kin take behind the key. */
import type { ByteString } from '../../bytes.js';
import { refusal } from '../../errors.js';
import { fitsInteger, readInteger } from '../numbers.js';

export interface ExpireConditions {
  /** Only a key without a time. */
  readonly nx: boolean;
  /** Only a key that has one. */
  readonly xx: boolean;
  /** Only to a later time; no time is the latest one. */
  readonly gt: boolean;
  /** Only to an earlier time. */
  readonly lt: boolean;
}

/** Errors: an unknown option; those that exclude each other. */
export function readConditions(options: readonly ByteString[]): ExpireConditions {
  const given = new Set<string>();
  for (const option of options) {
    const name = option.toLowerCase();
    if (name !== 'nx' && name !== 'xx' && name !== 'gt' && name !== 'lt') {
      throw refusal('ERR', `Unsupported option ${option}`);
    }
    given.add(name);
  }
  const [nx, xx, gt, lt] = [given.has('nx'), given.has('xx'), given.has('gt'), given.has('lt')];
  if (nx && (xx || gt || lt)) {
    throw refusal('ERR', 'NX and XX, GT or LT options at the same time are not compatible');
  }
  if (gt && lt) throw refusal('ERR', 'GT and LT options at the same time are not compatible');
  return { nx, xx, gt, lt };
}

export function conditionsHold({ nx, xx, gt, lt }: ExpireConditions, present: number | undefined, at: number): boolean {
  if (nx && present !== undefined) return false;
  if (xx && present === undefined) return false;
  if (gt && (present === undefined || at <= present)) return false;
  return !(lt && present !== undefined && at >= present);
}

/**
 * The time that the command means, milliseconds since the epoch; it may have passed. `base` is what the argument counts from. Times
 * after the year 287396, which a number of JavaScript's cannot tell exactly, become that year.
 * Errors: not an integer; `invalid expire time in '…' command` where milliseconds do not fit into 64 bits.
 */
export function readTime(command: string, text: ByteString, unitMs: 1 | 1_000, base: number): number {
  const amount = readInteger(text) * BigInt(unitMs);
  const at = amount + BigInt(base);
  if (!fitsInteger(amount) || !fitsInteger(at)) throw refusal('ERR', `invalid expire time in '${command}' command`);
  return Math.min(Number(at), Number.MAX_SAFE_INTEGER);
}

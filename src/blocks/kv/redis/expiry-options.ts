/** Times that SET, GETEX, SETEX and their kin take with a value: EX seconds, PX milliseconds, EXAT and PXAT since the epoch. */
import type { ByteString } from '../bytes.js';
import { refusal } from '../errors.js';
import { fitsInteger, readInteger } from './numbers.js';

export interface ExpiryUnit {
  /** Milliseconds of one. */
  readonly ms: 1 | 1_000;
  /** Counted from now; otherwise since the epoch. */
  readonly relative: boolean;
}

export const SECONDS: ExpiryUnit = { ms: 1_000, relative: true };
export const MILLISECONDS: ExpiryUnit = { ms: 1, relative: true };
const SECONDS_AT: ExpiryUnit = { ms: 1_000, relative: false };
const MILLISECONDS_AT: ExpiryUnit = { ms: 1, relative: false };

/** The unit that an option in upper case names; undefined where it is another option. */
export function unitOfOption(option: string): ExpiryUnit | undefined {
  switch (option) {
    case 'EX':
      return SECONDS;
    case 'PX':
      return MILLISECONDS;
    case 'EXAT':
      return SECONDS_AT;
    case 'PXAT':
      return MILLISECONDS_AT;
    default:
      return undefined;
  }
}

/**
 * When the key will be gone, milliseconds since the epoch; it may have passed, where the unit is not relative. Times that a number of
 * JavaScript's cannot tell exactly, after the year 287396, become that year.
 * Errors: not an integer; `invalid expire time in '…' command` for 0, for less, and for milliseconds that do not fit into 64 bits.
 */
export function readExpiry(command: string, text: ByteString, unit: ExpiryUnit, now: number): number {
  const amount = readInteger(text);
  const milliseconds = amount * BigInt(unit.ms);
  const at = unit.relative ? milliseconds + BigInt(now) : milliseconds;
  if (amount <= 0n || !fitsInteger(milliseconds) || !fitsInteger(at)) {
    throw refusal('ERR', `invalid expire time in '${command}' command`);
  }
  return Math.min(Number(at), Number.MAX_SAFE_INTEGER);
}

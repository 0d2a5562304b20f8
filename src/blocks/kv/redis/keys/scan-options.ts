/** What SCAN takes. */
import type { ByteString } from '../../bytes.js';
import { refusal, syntaxError } from '../../errors.js';
import type { Call } from '../command.js';
import { Glob } from '../glob.js';
import { readCount } from '../numbers.js';

const DEFAULT_COUNT = 10;
const HIGHEST_CURSOR = 2n ** 64n - 1n;

export interface KeyScanOptions {
  readonly glob: Glob;
  /** Keys to be looked at. */
  readonly count: number;
  /** Lower case; undefined: all types. One that does not exist fits no key. */
  readonly type: string | undefined;
}

/** Error: `ERR invalid cursor`. */
export function readCursor(text: ByteString): bigint {
  const cursor = /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  if (cursor === undefined || cursor > HIGHEST_CURSOR) throw refusal('ERR', 'invalid cursor');
  return cursor;
}

/** Behind which the scan goes on. Error: `ERR invalid cursor`, for one that was never given, or too long ago. */
export function placeOf({ cursors }: Call, cursor: bigint): ByteString {
  const place = cursors.place(cursor);
  if (place === undefined) throw refusal('ERR', 'invalid cursor');
  return place;
}

/** Errors: syntax error, also for a count below 1; not an integer. */
export function readKeyScanOptions(args: readonly ByteString[]): KeyScanOptions {
  let pattern: ByteString = '*';
  let count = DEFAULT_COUNT;
  let type: string | undefined;
  for (let i = 0; i < args.length; i += 2) {
    const value = args[i + 1];
    if (value === undefined) throw syntaxError();
    switch (args[i]?.toLowerCase()) {
      case 'match':
        pattern = value;
        break;
      case 'count':
        count = readCount(value);
        if (count < 1) throw syntaxError();
        break;
      case 'type':
        type = value.toLowerCase();
        break;
      default:
        throw syntaxError();
    }
  }
  return { glob: new Glob(pattern), count, type };
}

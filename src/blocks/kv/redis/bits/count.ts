/** BITCOUNT, BITPOS. */
import type { Reply } from '../../../../platform/protocol/resp/reply.js';
import { type ByteString, bytesOf } from '../../bytes.js';
import { refusal, syntaxError } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { readCount } from '../numbers.js';
import { findString, ONE_KEY } from '../strings/values.js';
import { type BitRange, bitRange, maskAt, readUnit } from './ranges.js';

/** Bits that are set, of each byte. */
const ONES = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);

function ones(value: ByteString, range: BitRange): number {
  if (range.first > range.last) return 0;
  const start = range.first >>> 3;
  const bytes = bytesOf(value.slice(start, (range.last >>> 3) + 1));
  let count = 0;
  for (const byte of bytes) count += ONES[byte] as number;
  const outside = (at: number) => ONES[value.charCodeAt(at) & ~maskAt(at, range)] as number;
  const end = range.last >>> 3;
  return count - outside(start) - (end > start ? outside(end) : 0);
}

/** Nobody looks at what follows the name of a key that does not exist: Redis 7.0's order. */
function bitCount({ database }: Call, args: readonly ByteString[]): Reply {
  const entry = findString(database, arg(args, 0));
  if (entry === undefined) return 0;
  const { value } = entry;
  if (args.length === 1) return ones(value, bitRange(0, -1, 'BYTE', value.length));
  if (args.length !== 3 && args.length !== 4) throw syntaxError();
  const start = readCount(arg(args, 1));
  const end = readCount(arg(args, 2));
  if (start < 0 && end < 0 && start > end) return 0;
  return ones(value, bitRange(start, end, readUnit(args[3]), value.length));
}

/** -1 where there is none. */
function firstBit(value: ByteString, bit: 0 | 1, range: BitRange): number {
  const end = range.last >>> 3;
  for (let at = range.first >>> 3; at <= end; at++) {
    const byte = value.charCodeAt(at);
    const wanted = (bit === 1 ? byte : ~byte & 255) & maskAt(at, range);
    if (wanted !== 0) return at * 8 + Math.clz32(wanted) - 24;
  }
  return -1;
}

function bitPosition({ database }: Call, args: readonly ByteString[]): Reply {
  const bit = readCount(arg(args, 1));
  if (bit !== 0 && bit !== 1) throw refusal('ERR', 'The bit argument must be 1 or 0.');
  const entry = findString(database, arg(args, 0));
  // Such a key is a row of zeros without end.
  if (entry === undefined) return bit === 1 ? -1 : 0;
  if (args.length > 5) throw syntaxError();
  const { value } = entry;
  const start = args[2] === undefined ? 0 : readCount(args[2]);
  const unit = readUnit(args[4]);
  const endGiven = args[3] !== undefined;
  const range = bitRange(start, endGiven ? readCount(arg(args, 3)) : -1, unit, value.length);
  if (range.first > range.last) return -1;
  const found = firstBit(value, bit, range);
  // Without an end the string goes on with zeros.
  return found < 0 && bit === 0 && !endGiven ? value.length * 8 : found;
}

export const bitCountCommands: readonly KvCommand[] = [
  {
    name: 'bitcount',
    arity: -2,
    ...ONE_KEY,
    flags: ['readonly'],
    summary: 'Counts the bits of a string that are set.',
    run: bitCount,
  },
  {
    name: 'bitpos',
    arity: -3,
    ...ONE_KEY,
    flags: ['readonly'],
    summary: 'Answers where the first bit is that is set, or clear.',
    run: bitPosition,
  },
];

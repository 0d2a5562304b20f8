/** LCS: what two strings have in common. */
import { bytes, map, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { refusal, syntaxError } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { readCount } from '../numbers.js';
import { type CommonRange, commonSubsequence, tableBytes } from './common-subsequence.js';

/** Bytes of its table: 64 MiB are two strings of 4,096 bytes, and 60 to 110 ms in which nothing else is answered. */
const MOST_TABLE_BYTES = 64 * 1024 * 1024 + 65_536;

interface LcsOptions {
  readonly length: boolean;
  readonly ranges: boolean;
  readonly leastLength: number;
  readonly withLengths: boolean;
}

function readOptions(args: readonly ByteString[]): LcsOptions {
  let [length, ranges, withLengths, leastLength] = [false, false, false, 0];
  for (let at = 2; at < args.length; at++) {
    const name = arg(args, at).toUpperCase();
    const next = args[at + 1];
    if (name === 'LEN') length = true;
    else if (name === 'IDX') ranges = true;
    else if (name === 'WITHMATCHLEN') withLengths = true;
    else if (name === 'MINMATCHLEN' && next !== undefined) {
      leastLength = readCount(next);
      at++;
    } else throw syntaxError();
  }
  if (length && ranges) throw refusal('ERR', 'If you want both the length and indexes, please just use IDX.');
  return { length, ranges, withLengths, leastLength };
}

function stringOf({ database }: Call, key: ByteString): ByteString {
  const entry = database.find(key);
  if (entry !== undefined && entry.type !== 'string') {
    throw refusal('ERR', 'The specified keys must contain string values');
  }
  return entry?.value ?? '';
}

function lcs(call: Call, args: readonly ByteString[]): Reply {
  const one = stringOf(call, arg(args, 0));
  const other = stringOf(call, arg(args, 1));
  const options = readOptions(args);
  if (tableBytes(one, other) > MOST_TABLE_BYTES) {
    throw refusal('ERR', 'Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len');
  }
  const common = commonSubsequence(one, other);
  if (options.ranges) {
    const long = common.ranges.filter(({ length }) => length >= options.leastLength);
    const matches = long.map((range) => rangeReply(range, options.withLengths));
    return map([
      ['matches', matches],
      ['len', common.bytes.length],
    ]);
  }
  return options.length ? common.bytes.length : bytes(common.bytes);
}

const rangeReply = ({ inOne, inOther, length }: CommonRange, withLength: boolean): Reply =>
  withLength ? [inOne, inOther, length] : [inOne, inOther];

export const lcsCommands: readonly KvCommand[] = [
  {
    name: 'lcs',
    arity: -3,
    firstKey: 1,
    lastKey: 2,
    step: 1,
    flags: ['readonly'],
    summary: 'Answers the longest common subsequence of two strings.',
    run: lcs,
  },
];

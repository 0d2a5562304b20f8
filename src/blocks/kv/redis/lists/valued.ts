/** Elements by their value: LINSERT LREM LPOS. */
import type { Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { indexesOf, inserted, without } from '../../collections/list.js';
import { refusal, syntaxError } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { parseInteger, readCount, readInteger } from '../numbers.js';
import { listAt } from './arguments.js';

const ONE_KEY = { firstKey: 1, lastKey: 1, step: 1 } as const;

function linsert(call: Call, args: readonly ByteString[]): Reply {
  const side = readSide(arg(args, 1));
  const key = arg(args, 0);
  const list = listAt(call, key);
  if (list === undefined) return 0;
  const head = inserted(call.keyspace.store, list, side, arg(args, 2), arg(args, 3));
  if (head === undefined) return -1;
  call.database.setCollection(key, head);
  return head.count;
}

function readSide(text: ByteString): 'before' | 'after' {
  const word = text.toUpperCase();
  if (word === 'BEFORE') return 'before';
  if (word === 'AFTER') return 'after';
  throw syntaxError();
}

/** `count` above 0: from the left, below: from the right, 0: all. */
function lrem(call: Call, args: readonly ByteString[]): Reply {
  const count = readCount(arg(args, 1));
  const key = arg(args, 0);
  const list = listAt(call, key);
  if (list === undefined) return 0;
  const limit = count === 0 ? -1 : Math.min(Math.abs(count), list.count);
  const head = without(call.keyspace.store, list, arg(args, 2), count < 0 ? 'right' : 'left', limit);
  if (head.count < list.count) call.database.setCollection(key, head);
  return list.count - head.count;
}

const LOWEST_RANK = -(2n ** 63n);
const RANK_RANGE = 'value is out of range, value must between -9223372036854775807 and 9223372036854775807';

interface PosOptions {
  /** From 1; negative: from the right. */
  readonly rank: number;
  /** undefined: one, and not in an array; 0: all. */
  readonly count: number | undefined;
  /** 0: all. */
  readonly most: number;
}

function lpos(call: Call, args: readonly ByteString[]): Reply {
  const { rank, count, most } = readPosOptions(args);
  const list = listAt(call, arg(args, 0));
  if (list === undefined) return count === undefined ? null : [];
  const indexes = indexesOf(call.keyspace.store, list, {
    value: arg(args, 1),
    end: rank < 0 ? 'right' : 'left',
    skip: Math.min(Math.abs(rank) - 1, list.count),
    limit: count === 0 ? -1 : Math.min(count ?? 1, list.count),
    most,
  });
  return count === undefined ? (indexes[0] ?? null) : indexes;
}

function readPosOptions(args: readonly ByteString[]): PosOptions {
  let rank = 1;
  let count: number | undefined;
  let most = 0;
  for (let at = 2; at < args.length; at += 2) {
    const value = args[at + 1];
    if (value === undefined) throw syntaxError();
    const option = arg(args, at).toUpperCase();
    if (option === 'RANK') rank = readRank(value);
    else if (option === 'COUNT') count = readNatural(value, option);
    else if (option === 'MAXLEN') most = readNatural(value, option);
    else throw syntaxError();
  }
  return { rank, count, most };
}

/** -2^63 has no opposite: Valkey refuses it, where Redis 7.0 takes it for a rank from the left. */
function readRank(text: ByteString): number {
  const rank = readInteger(text);
  if (rank === LOWEST_RANK) throw refusal('ERR', RANK_RANGE);
  if (rank !== 0n) return Number(rank);
  throw refusal(
    'ERR',
    "RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
  );
}

function readNatural(text: ByteString, option: string): number {
  const value = parseInteger(text);
  if (value === undefined || value < 0) throw refusal('ERR', `${option} can't be negative`);
  return Number(value);
}

export const valuedCommands: readonly KvCommand[] = [
  {
    name: 'linsert',
    arity: 5,
    flags: ['write', 'denyoom'],
    ...ONE_KEY,
    summary: 'Adds an element before or after another.',
    run: linsert,
  },
  {
    name: 'lrem',
    arity: 4,
    flags: ['write'],
    ...ONE_KEY,
    summary: 'Removes elements that equal a value.',
    run: lrem,
  },
  {
    name: 'lpos',
    arity: -3,
    flags: ['readonly'],
    ...ONE_KEY,
    summary: 'Answers the indexes of elements that equal a value.',
    run: lpos,
  },
];

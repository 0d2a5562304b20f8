/** Strings that are numbers: INCR, DECR, INCRBY, DECRBY, INCRBYFLOAT. */
import type { Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { notAFloat, refusal } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { addLongDoubles, formatLongDouble, type LongDouble, parseLongDouble } from '../long-double.js';
import { fitsInteger, parseSmallInteger, readInteger } from '../numbers.js';
import { findString, ONE_KEY } from './values.js';

/** Without big integers where the number before is small, which is nearly always. `increment` is small too. */
function addSmall({ database }: Call, key: ByteString, increment: number): Reply {
  const entry = findString(database, key);
  const before = entry === undefined ? 0 : parseSmallInteger(entry.value);
  if (before === undefined) return addLarge(database, key, BigInt(increment));
  const sum = before + increment;
  database.setString(key, String(sum), entry?.expires);
  return sum;
}

function addLarge(database: Call['database'], key: ByteString, increment: bigint): Reply {
  const entry = findString(database, key);
  const sum = readInteger(entry?.value ?? '0') + increment;
  if (!fitsInteger(sum)) throw refusal('ERR', 'increment or decrement would overflow');
  database.setString(key, sum.toString(), entry?.expires);
  return sum;
}

function incrementBy(call: Call, args: readonly ByteString[]): Reply {
  const text = arg(args, 1);
  const small = parseSmallInteger(text);
  if (small !== undefined) return addSmall(call, arg(args, 0), small);
  return addLarge(call.database, arg(args, 0), readInteger(text));
}

function decrementBy(call: Call, args: readonly ByteString[]): Reply {
  const text = arg(args, 1);
  const small = parseSmallInteger(text);
  if (small !== undefined) return addSmall(call, arg(args, 0), -small);
  const decrement = readInteger(text);
  if (!fitsInteger(-decrement)) throw refusal('ERR', 'decrement would overflow');
  return addLarge(call.database, arg(args, 0), -decrement);
}

function incrementByFloat({ database }: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const entry = findString(database, key);
  const before = readLongDouble(entry?.value ?? '0');
  const sum = addLongDoubles(before, readLongDouble(arg(args, 1)));
  if (sum === undefined) throw refusal('ERR', 'increment would produce NaN or Infinity');
  const text = formatLongDouble(sum);
  database.setString(key, text, entry?.expires);
  return text;
}

function readLongDouble(text: ByteString): LongDouble {
  const value = parseLongDouble(text);
  if (value === undefined) throw notAFloat();
  return value;
}

export const countCommands: readonly KvCommand[] = [
  {
    name: 'incr',
    arity: 2,
    ...ONE_KEY,
    flags: ['write', 'denyoom', 'fast'],
    summary: 'Adds 1 to a number.',
    run: (call, args) => addSmall(call, arg(args, 0), 1),
  },
  {
    name: 'decr',
    arity: 2,
    ...ONE_KEY,
    flags: ['write', 'denyoom', 'fast'],
    summary: 'Subtracts 1 from a number.',
    run: (call, args) => addSmall(call, arg(args, 0), -1),
  },
  {
    name: 'incrby',
    arity: 3,
    ...ONE_KEY,
    flags: ['write', 'denyoom', 'fast'],
    summary: 'Adds to a number.',
    run: incrementBy,
  },
  {
    name: 'decrby',
    arity: 3,
    ...ONE_KEY,
    flags: ['write', 'denyoom', 'fast'],
    summary: 'Subtracts from a number.',
    run: decrementBy,
  },
  {
    name: 'incrbyfloat',
    arity: 3,
    ...ONE_KEY,
    flags: ['write', 'denyoom', 'fast'],
    summary: 'Adds to a number with a fraction.',
    run: incrementByFloat,
  },
];

/** Fields that are written and removed: HSET HMSET HSETNX HDEL HINCRBY HINCRBYFLOAT. */
import { bytes, OK, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { fieldValue, putField, removeMember } from '../../collections/members.js';
import { refusal } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { addLongDoubles, formatLongDouble, parseLongDouble } from '../long-double.js';
import { fitsInteger, parseInteger, readInteger } from '../numbers.js';
import { hashAt, ONE_KEY, putHash } from './hash-at.js';

const FLAGS = ['write', 'denyoom', 'fast'];

/** How many fields are new. */
function setFields(call: Call, name: string, args: readonly ByteString[]): number {
  if (args.length % 2 === 0) throw refusal('ERR', `wrong number of arguments for '${name}' command`);
  const key = arg(args, 0);
  const hash = hashAt(call, key) ?? call.keyspace.newCollection('hash');
  let added = 0;
  for (let i = 1; i < args.length; i += 2) {
    if (putField(call.keyspace.store, hash.owner, arg(args, i), arg(args, i + 1))) added++;
  }
  putHash(call, key, hash, hash.count + added);
  return added;
}

function setIfAbsent(call: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const field = arg(args, 1);
  const known = hashAt(call, key);
  const { store } = call.keyspace;
  if (known !== undefined && fieldValue(store, known.owner, field) !== undefined) return 0;
  const hash = known ?? call.keyspace.newCollection('hash');
  putField(store, hash.owner, field, arg(args, 2));
  putHash(call, key, hash, hash.count + 1);
  return 1;
}

function remove(call: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const hash = hashAt(call, key);
  if (hash === undefined) return 0;
  let removed = 0;
  for (const field of args.slice(1)) if (removeMember(call.keyspace.store, hash.owner, field)) removed++;
  if (removed > 0) putHash(call, key, hash, hash.count - removed);
  return removed;
}

/** Writes what `change` makes of a field's value. */
function changeField(
  call: Call,
  [key = '', field = '']: readonly ByteString[],
  change: (before: ByteString | undefined) => ByteString,
): ByteString {
  const known = hashAt(call, key);
  const { store } = call.keyspace;
  const after = change(known && fieldValue(store, known.owner, field));
  const hash = known ?? call.keyspace.newCollection('hash');
  const added = putField(store, hash.owner, field, after);
  putHash(call, key, hash, hash.count + Number(added));
  return after;
}

function incrementBy(call: Call, args: readonly ByteString[]): Reply {
  const increment = readInteger(arg(args, 2));
  const sum = changeField(call, args, (before) => {
    const number = before === undefined ? 0n : parseInteger(before);
    if (number === undefined) throw refusal('ERR', 'hash value is not an integer');
    if (!fitsInteger(number + increment)) throw refusal('ERR', 'increment or decrement would overflow');
    return (number + increment).toString();
  });
  return BigInt(sum);
}

function incrementByFloat(call: Call, args: readonly ByteString[]): Reply {
  const increment = parseLongDouble(arg(args, 2));
  if (increment === undefined) throw refusal('ERR', 'value is not a valid float');
  if (increment.infinite !== 0) throw refusal('ERR', 'value is NaN or Infinity');
  const sum = changeField(call, args, (before) => {
    const number = parseLongDouble(before ?? '0');
    if (number === undefined) throw refusal('ERR', 'hash value is not a float');
    const after = addLongDoubles(number, increment);
    if (after === undefined) throw refusal('ERR', 'increment would produce NaN or Infinity');
    return formatLongDouble(after);
  });
  return bytes(sum);
}

export const writeCommands: readonly KvCommand[] = [
  {
    name: 'hset',
    arity: -4,
    flags: FLAGS,
    ...ONE_KEY,
    summary: 'Sets fields of a hash.',
    run: (call, args) => setFields(call, 'hset', args),
  },
  {
    name: 'hmset',
    arity: -4,
    flags: FLAGS,
    ...ONE_KEY,
    summary: 'Sets fields of a hash.',
    run: (call, args) => {
      setFields(call, 'hmset', args);
      return OK;
    },
  },
  {
    name: 'hsetnx',
    arity: 4,
    flags: FLAGS,
    ...ONE_KEY,
    summary: 'Sets a field of a hash if it is not there.',
    run: setIfAbsent,
  },
  {
    name: 'hdel',
    arity: -3,
    flags: ['write', 'fast'],
    ...ONE_KEY,
    summary: 'Removes fields of a hash.',
    run: remove,
  },
  {
    name: 'hincrby',
    arity: 4,
    flags: FLAGS,
    ...ONE_KEY,
    summary: 'Adds a whole number to a field.',
    run: incrementBy,
  },
  {
    name: 'hincrbyfloat',
    arity: 4,
    flags: FLAGS,
    ...ONE_KEY,
    summary: 'Adds a number to a field.',
    run: incrementByFloat,
  },
];

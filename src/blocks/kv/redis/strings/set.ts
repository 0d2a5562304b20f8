/** SET and its older spellings. */
import { bytes, OK, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { wrongType } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { type ExpiryUnit, MILLISECONDS, readExpiry, SECONDS } from '../expiry-options.js';
import { readSetOptions, type SetOptions } from './set-options.js';
import { checkLength, findString, ONE_KEY, storeString } from './values.js';

function set(call: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const value = arg(args, 1);
  if (args.length > 2) return setWith(call, key, value, readSetOptions(args, 2));
  storeString(call.database, key, value);
  return OK;
}

function setWith({ database, keyspace }: Call, key: ByteString, value: ByteString, options: SetOptions): Reply {
  const { unit, get, condition, equals, keep } = options;
  const at = unit === undefined ? undefined : readExpiry('set', options.time, unit, keyspace.now);
  checkLength(value.length);
  const before = get ? findString(database, key) : database.find(key);
  const held = before?.type === 'string' ? before.value : undefined;
  const unmet = get && held !== undefined ? bytes(held) : null;
  if (condition === 'NX' ? before !== undefined : condition === 'XX' && before === undefined) return unmet;
  if (equals !== undefined) {
    if (before !== undefined && before.type !== 'string') throw wrongType();
    if (held !== equals) return unmet;
  }
  if (at !== undefined && at <= keyspace.now) database.remove(key);
  else database.setString(key, value, keep ? before?.expires : at);
  return get ? unmet : OK;
}

/** SETEX, PSETEX: key, time, value. */
function setExpiring(name: string, unit: ExpiryUnit, summary: string): KvCommand {
  return {
    name,
    arity: 4,
    ...ONE_KEY,
    flags: ['write', 'denyoom'],
    summary,
    run: ({ database, keyspace }, args) => {
      const at = readExpiry(name, arg(args, 1), unit, keyspace.now);
      storeString(database, arg(args, 0), arg(args, 2), at);
      return OK;
    },
  };
}

function setIfAbsent({ database }: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  if (database.find(key) !== undefined) return 0;
  storeString(database, key, arg(args, 1));
  return 1;
}

function getSet({ database }: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const before = findString(database, key);
  storeString(database, key, arg(args, 1));
  return before === undefined ? null : bytes(before.value);
}

export const setCommands: readonly KvCommand[] = [
  {
    name: 'set',
    arity: -3,
    ...ONE_KEY,
    flags: ['write', 'denyoom'],
    summary: 'Puts a string under a key, whatever it held.',
    run: set,
  },
  {
    name: 'setnx',
    arity: 3,
    ...ONE_KEY,
    flags: ['write', 'denyoom', 'fast'],
    summary: 'Puts a string under a key that does not exist.',
    run: setIfAbsent,
  },
  setExpiring('setex', SECONDS, 'Puts a string under a key for seconds.'),
  setExpiring('psetex', MILLISECONDS, 'Puts a string under a key for milliseconds.'),
  {
    name: 'getset',
    arity: 3,
    ...ONE_KEY,
    flags: ['write', 'denyoom', 'fast'],
    summary: 'Puts a string under a key and answers the one before.',
    run: getSet,
  },
];

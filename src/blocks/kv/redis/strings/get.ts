/** GET and what goes with it: GETDEL, GETEX, DELIFEQ, STRLEN. */
import { bytes, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { readExpiry } from '../expiry-options.js';
import { readGetExOptions } from './set-options.js';
import { findString, ONE_KEY } from './values.js';

function get({ database }: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const value = database.findPlain(key) ?? findString(database, key)?.value;
  return value === undefined ? null : bytes(value);
}

function getAndDelete({ database }: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const entry = findString(database, key);
  if (entry === undefined) return null;
  database.remove(key);
  return bytes(entry.value);
}

/** Errors are found in Redis's order: options, type, then the time, which nobody looks at where there is no such key. */
function getAndExpire({ database, keyspace }: Call, args: readonly ByteString[]): Reply {
  const { unit, time, persist } = readGetExOptions(args);
  const key = arg(args, 0);
  const entry = findString(database, key);
  if (entry === undefined) return null;
  if (unit !== undefined) {
    const at = readExpiry('getex', time, unit, keyspace.now);
    if (at <= keyspace.now) database.remove(key);
    else database.setString(key, entry.value, at);
  } else if (persist && entry.expires !== undefined) database.setString(key, entry.value, undefined);
  return bytes(entry.value);
}

function deleteIfEqual({ database }: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  if (findString(database, key)?.value !== arg(args, 1)) return 0;
  database.remove(key);
  return 1;
}

export const getCommands: readonly KvCommand[] = [
  { name: 'get', arity: 2, ...ONE_KEY, flags: ['readonly', 'fast'], summary: 'Answers the string of a key.', run: get },
  {
    name: 'getdel',
    arity: 2,
    ...ONE_KEY,
    flags: ['write', 'fast'],
    summary: 'Answers the string of a key and removes it.',
    run: getAndDelete,
  },
  {
    name: 'getex',
    arity: -2,
    ...ONE_KEY,
    flags: ['write', 'fast'],
    summary: 'Answers the string of a key and sets, or takes back, when it will be gone.',
    run: getAndExpire,
  },
  {
    name: 'delifeq',
    arity: 3,
    ...ONE_KEY,
    flags: ['write', 'fast'],
    summary: 'Removes a key that holds exactly this string.',
    run: deleteIfEqual,
  },
  {
    name: 'strlen',
    arity: 2,
    ...ONE_KEY,
    flags: ['readonly', 'fast'],
    summary: 'Answers the bytes of a string.',
    run: ({ database }, args) => findString(database, arg(args, 0))?.value.length ?? 0,
  },
];

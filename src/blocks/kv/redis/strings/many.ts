/** MGET, MSET, MSETNX: many strings at once. */
import { bytes, OK, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { refusal } from '../../errors.js';
import type { Database } from '../../store/database.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { checkLength } from './values.js';

/** A key that holds no string is answered as one that does not exist. */
function getMany({ database }: Call, keys: readonly ByteString[]): Reply {
  return keys.map((key) => {
    const entry = database.find(key);
    return entry?.type === 'string' ? bytes(entry.value) : null;
  });
}

/** Keys and values in turn. Nothing is written where one of the values is too long. */
function setAll(database: Database, args: readonly ByteString[]): void {
  for (let at = 1; at < args.length; at += 2) checkLength(arg(args, at).length);
  for (let at = 0; at < args.length; at += 2) database.setString(arg(args, at), arg(args, at + 1), undefined);
}

function checkPairs(name: string, args: readonly ByteString[]): void {
  if (args.length % 2 === 1) throw refusal('ERR', `wrong number of arguments for '${name}' command`);
}

function setMany({ database }: Call, args: readonly ByteString[]): Reply {
  checkPairs('mset', args);
  setAll(database, args);
  return OK;
}

function setManyIfAbsent({ database }: Call, args: readonly ByteString[]): Reply {
  checkPairs('msetnx', args);
  for (let at = 0; at < args.length; at += 2) if (database.find(arg(args, at)) !== undefined) return 0;
  setAll(database, args);
  return 1;
}

export const manyCommands: readonly KvCommand[] = [
  {
    name: 'mget',
    arity: -2,
    firstKey: 1,
    lastKey: -1,
    step: 1,
    flags: ['readonly', 'fast'],
    summary: 'Answers the strings of many keys.',
    run: getMany,
  },
  {
    name: 'mset',
    arity: -3,
    firstKey: 1,
    lastKey: -1,
    step: 2,
    flags: ['write', 'denyoom'],
    summary: 'Puts many strings under their keys.',
    run: setMany,
  },
  {
    name: 'msetnx',
    arity: -3,
    firstKey: 1,
    lastKey: -1,
    step: 2,
    flags: ['write', 'denyoom'],
    summary: 'Puts many strings under their keys, none of which may exist.',
    run: setManyIfAbsent,
  },
];

/** Reads and writes that tell revisions: KV.GET, KV.PUT, KV.DELETE. */
import { bytes, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import type { Entry } from '../../entry.js';
import { wrongType } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { MILLISECONDS, readExpiry } from '../expiry-options.js';
import { readCount } from '../numbers.js';
import { checkLength, findString, ONE_KEY } from '../strings/values.js';
import { readOptions } from './options.js';

/** In the place of a time that there is not. */
export const NEVER = -1;

function get({ database }: Call, args: readonly ByteString[]): Reply {
  const entry = findString(database, arg(args, 0));
  return entry === undefined ? null : [bytes(entry.value), entry.revision, entry.expires ?? NEVER];
}

/** Error: WRONGTYPE, where bytes are to be compared and the key holds no string. */
function conditionsHold(entry: Entry | undefined, options: ReadonlyMap<string, ByteString>): boolean {
  const equals = options.get('IFEQ');
  const revision = options.get('IFREV');
  if (options.has('NX') && entry !== undefined) return false;
  if (revision !== undefined && readCount(revision) !== (entry?.revision ?? 0)) return false;
  if (equals === undefined) return true;
  if (entry !== undefined && entry.type !== 'string') throw wrongType();
  return entry?.value === equals;
}

function put({ database, keyspace }: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const value = arg(args, 1);
  const options = readOptions(args.slice(2), { valued: ['PX', 'IFEQ', 'IFREV'], switches: ['NX'] });
  const time = options.get('PX');
  const expires = time === undefined ? undefined : readExpiry('kv.put', time, MILLISECONDS, keyspace.now);
  checkLength(value.length);
  const entry = database.find(key);
  if (!conditionsHold(entry, options)) return [0, entry?.revision ?? 0];
  return [1, database.setString(key, value, expires).revision];
}

function remove({ database }: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const entry = database.find(key);
  const options = readOptions(args.slice(1), { valued: ['IFEQ', 'IFREV'] });
  if (entry === undefined || !conditionsHold(entry, options)) return [0, entry?.revision ?? 0];
  database.remove(key);
  return [1, 0];
}

export const valueCommands: readonly KvCommand[] = [
  {
    name: 'kv.get',
    arity: 2,
    ...ONE_KEY,
    flags: ['readonly', 'fast'],
    summary: 'Answers the string of a key, its revision, and when it will be gone (-1: never).',
    run: get,
  },
  {
    name: 'kv.put',
    arity: -3,
    ...ONE_KEY,
    flags: ['write', 'denyoom', 'fast'],
    summary:
      'Puts a string (PX ms, NX, IFEQ value, IFREV revision); answers whether it did, and the revision of the key.',
    run: put,
  },
  {
    name: 'kv.delete',
    arity: -2,
    ...ONE_KEY,
    flags: ['write', 'fast'],
    summary: 'Removes a key (IFEQ value, IFREV revision); answers whether it did, and the revision of the key.',
    run: remove,
  },
];

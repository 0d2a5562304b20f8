/** RENAME, RENAMENX, MOVE, COPY: another key, or another database, for what a key holds. */
import { OK, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { noSuchKey, refusal, syntaxError } from '../../errors.js';
import type { Database } from '../../store/database.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { readDatabase } from '../numbered-database.js';
import { copyOf } from './copy-rows.js';

const sameObject = () => refusal('ERR', 'source and destination objects are the same');

/** Whether the key was given its new name. Error: no such key. */
function rename({ database }: Call, args: readonly ByteString[], onlyIfAbsent: boolean): boolean {
  const source = arg(args, 0);
  const destination = arg(args, 1);
  if (database.find(source) === undefined) throw noSuchKey();
  if (source === destination) return !onlyIfAbsent;
  if (onlyIfAbsent && database.find(destination) !== undefined) return false;
  hand(database, source, database, destination);
  return true;
}

/** Rows of a collection stay where they are: they go on with their owner. */
function hand(from: Database, source: ByteString, to: Database, destination: ByteString): void {
  const entry = from.detach(source);
  if (entry !== undefined) to.put(destination, entry, entry.expires);
}

function move({ keyspace, database }: Call, args: readonly ByteString[]): number {
  const key = arg(args, 0);
  const target = readDatabase(keyspace, arg(args, 1));
  if (target === database) throw sameObject();
  if (database.find(key) === undefined || target.find(key) !== undefined) return 0;
  hand(database, key, target, key);
  return 1;
}

function copy(call: Call, args: readonly ByteString[]): number {
  const source = arg(args, 0);
  const destination = arg(args, 1);
  const { target, replace } = readCopyOptions(call, args.slice(2));
  if (target === call.database && source === destination) throw sameObject();
  const entry = call.database.find(source);
  if (entry === undefined) return 0;
  if (!replace && target.find(destination) !== undefined) return 0;
  target.put(destination, copyOf(call.keyspace, entry), entry.expires);
  return 1;
}

function readCopyOptions(call: Call, options: readonly ByteString[]): { target: Database; replace: boolean } {
  let target = call.database;
  let replace = false;
  for (let i = 0; i < options.length; i++) {
    const name = options[i]?.toLowerCase();
    const value = options[i + 1];
    if (name === 'replace') replace = true;
    else if (name === 'db' && value !== undefined) {
      target = readDatabase(call.keyspace, value);
      i++;
    } else throw syntaxError();
  }
  return { target, replace };
}

const renameAlways = (call: Call, args: readonly ByteString[]): Reply => {
  rename(call, args, false);
  return OK;
};

export const renameCommands: readonly KvCommand[] = [
  {
    name: 'rename',
    arity: 3,
    firstKey: 1,
    lastKey: 2,
    step: 1,
    flags: ['write'],
    summary: 'Gives a key another name, which may be in use.',
    run: renameAlways,
  },
  {
    name: 'renamenx',
    arity: 3,
    firstKey: 1,
    lastKey: 2,
    step: 1,
    flags: ['write', 'fast'],
    summary: 'Gives a key another name that is not in use.',
    run: (call, args) => Number(rename(call, args, true)),
  },
  {
    name: 'move',
    arity: 3,
    firstKey: 1,
    lastKey: 1,
    step: 1,
    flags: ['write', 'fast'],
    summary: 'Moves a key to another database that does not have it.',
    run: move,
  },
  {
    name: 'copy',
    arity: -3,
    firstKey: 1,
    lastKey: 2,
    step: 1,
    flags: ['write', 'denyoom'],
    summary: 'Copies what a key holds to another key.',
    run: copy,
  },
];

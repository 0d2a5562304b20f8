/** DBSIZE, FLUSHDB, FLUSHALL, SWAPDB. */
import { OK, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { syntaxError } from '../../errors.js';
import type { Database } from '../../store/database.js';
import { swapDatabases } from '../../store/swap.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { readDatabase } from '../numbered-database.js';

/** The work is done later whether ASYNC or SYNC is said. */
function flush(databases: readonly Database[], args: readonly ByteString[]): Reply {
  const mode = args[0]?.toLowerCase();
  if (args.length > 1 || (mode !== undefined && mode !== 'async' && mode !== 'sync')) throw syntaxError();
  for (const database of databases) if (database.size > 0) database.flush();
  return OK;
}

function swap({ keyspace }: Call, args: readonly ByteString[]): Reply {
  const one = readDatabase(keyspace, arg(args, 0), 'invalid first DB index');
  const other = readDatabase(keyspace, arg(args, 1), 'invalid second DB index');
  swapDatabases(keyspace, one, other);
  return OK;
}

export const databaseCommands: readonly KvCommand[] = [
  {
    name: 'dbsize',
    arity: 1,
    flags: ['readonly', 'fast'],
    summary: 'Answers the number of keys of the database.',
    run: ({ database }) => database.size,
  },
  {
    name: 'flushdb',
    arity: -1,
    flags: ['write'],
    summary: 'Removes all keys of the database.',
    run: ({ database }, args) => flush([database], args),
  },
  {
    name: 'flushall',
    arity: -1,
    flags: ['write'],
    summary: 'Removes all keys of all databases.',
    run: ({ keyspace }, args) => flush(keyspace.databases, args),
  },
  {
    name: 'swapdb',
    arity: 3,
    flags: ['write', 'fast'],
    summary: 'Lets two databases change places.',
    run: swap,
  },
];

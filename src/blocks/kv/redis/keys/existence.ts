/** DEL, UNLINK, EXISTS, TOUCH, TYPE. */
import { simple } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { arg, type Call, type KvCommand } from '../command.js';

const ALL_KEYS = { arity: -2, firstKey: 1, lastKey: -1, step: 1 } as const;

/** Rows of a collection are swept later in any case, so that DEL returns as soon as UNLINK. */
function remove({ database }: Call, keys: readonly ByteString[]): number {
  let count = 0;
  for (const key of keys) if (database.remove(key)) count++;
  return count;
}

/** A key that is named twice counts twice. */
function count({ database }: Call, keys: readonly ByteString[]): number {
  let found = 0;
  for (const key of keys) if (database.find(key) !== undefined) found++;
  return found;
}

export const existenceCommands: readonly KvCommand[] = [
  { name: 'del', ...ALL_KEYS, flags: ['write'], summary: 'Removes keys.', run: remove },
  {
    name: 'unlink',
    ...ALL_KEYS,
    flags: ['write', 'fast'],
    summary: 'Removes keys; what they held is cleared away later.',
    run: remove,
  },
  {
    name: 'exists',
    ...ALL_KEYS,
    flags: ['readonly', 'fast'],
    summary: 'Counts which of the keys there are.',
    run: count,
  },
  {
    name: 'touch',
    ...ALL_KEYS,
    flags: ['readonly', 'fast'],
    summary: 'Looks at keys, so that memory keeps them, and counts those there are.',
    run: count,
  },
  {
    name: 'type',
    arity: 2,
    firstKey: 1,
    lastKey: 1,
    step: 1,
    flags: ['readonly', 'fast'],
    summary: 'Answers the type of what a key holds.',
    run: ({ database }, args) => simple(database.find(arg(args, 0))?.type ?? 'none'),
  },
];

/** Elements by their index: LINDEX LSET LRANGE LTRIM. */
import { bytes, OK, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { elementAt, elements, replaceElement, trimmed } from '../../collections/list.js';
import { noSuchKey, outOfRange } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { readCount } from '../numbers.js';
import { listAt } from './arguments.js';
import { absolute, within } from './indexes.js';

const ONE_KEY = { firstKey: 1, lastKey: 1, step: 1 } as const;

/** The key is looked at before the index, as in Redis. */
function lindex(call: Call, args: readonly ByteString[]): Reply {
  const list = listAt(call, arg(args, 0));
  if (list === undefined) return null;
  const element = elementAt(call.keyspace.store, list, absolute(readCount(arg(args, 1)), list.count));
  return element === undefined ? null : bytes(element);
}

function lset(call: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const list = listAt(call, key);
  if (list === undefined) throw noSuchKey();
  const index = absolute(readCount(arg(args, 1)), list.count);
  if (index < 0 || index >= list.count) throw outOfRange();
  replaceElement(call.keyspace.store, list, index, arg(args, 2));
  call.database.setCollection(key, list);
  return OK;
}

function lrange(call: Call, args: readonly ByteString[]): Reply {
  const [start, stop] = [readCount(arg(args, 1)), readCount(arg(args, 2))];
  const list = listAt(call, arg(args, 0));
  if (list === undefined) return [];
  const range = within(start, stop, list.count);
  return range === undefined ? [] : elements(call.keyspace.store, list, range.from, range.to).map(bytes);
}

function ltrim(call: Call, args: readonly ByteString[]): Reply {
  const [start, stop] = [readCount(arg(args, 1)), readCount(arg(args, 2))];
  const { keyspace, database } = call;
  const key = arg(args, 0);
  const list = listAt(call, key);
  if (list === undefined) return OK;
  const range = within(start, stop, list.count);
  if (range === undefined) database.remove(key);
  else if (range.to - range.from + 1 < list.count) {
    database.setCollection(
      key,
      trimmed(keyspace.store, list, range.from, range.to, () => keyspace.newOwner()),
    );
  }
  return OK;
}

export const indexedCommands: readonly KvCommand[] = [
  {
    name: 'lindex',
    arity: 3,
    flags: ['readonly'],
    ...ONE_KEY,
    summary: 'Answers the element at an index.',
    run: lindex,
  },
  {
    name: 'lset',
    arity: 4,
    flags: ['write', 'denyoom'],
    ...ONE_KEY,
    summary: 'Puts another element in the place of one.',
    run: lset,
  },
  {
    name: 'lrange',
    arity: 4,
    flags: ['readonly'],
    ...ONE_KEY,
    summary: 'Answers the elements from one index to another.',
    run: lrange,
  },
  {
    name: 'ltrim',
    arity: 4,
    flags: ['write'],
    ...ONE_KEY,
    summary: 'Keeps the elements from one index to another, and removes the others.',
    run: ltrim,
  },
];

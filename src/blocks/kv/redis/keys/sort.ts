/** SORT and SORT_RO. */
import { bytes, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { pushed } from '../../collections/list.js';
import type { CollectionEntry } from '../../entry.js';
import { wrongType } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { elementsOf } from './sort-elements.js';
import { SortPattern } from './sort-lookup.js';
import { readSortOptions, type SortOptions } from './sort-options.js';
import { sortedBy } from './sort-order.js';

/** Errors: WRONGTYPE; syntax; a score that is no number. */
function sort(call: Call, args: readonly ByteString[], readOnly: boolean): Reply {
  const options = readSortOptions(args.slice(1), readOnly);
  const entry = call.database.find(arg(args, 0));
  if (entry?.type === 'string' || entry?.type === 'hash') throw wrongType();
  const elements = entry === undefined ? [] : sorted(call, entry, options);
  const patterns = options.get.map((pattern) => new SortPattern(pattern));
  const values =
    patterns.length === 0
      ? elements
      : elements.flatMap((element) => patterns.map((pattern) => pattern.lookUp(call, element)));
  if (options.store !== undefined) return store(call, options.store, values);
  return values.map((value) => (value === undefined ? null : bytes(value)));
}

function sorted(call: Call, head: CollectionEntry, options: SortOptions): ByteString[] {
  const { by, store: destination, descending } = options;
  const unsorted = by !== undefined && !by.includes('*');
  const { offset, count } = rangeOf(head.count, options);
  const elementsIn = call.keyspace.store;
  // The order of a set is nobody's promise; what is stored is to be the same each time.
  const forced = unsorted && head.type === 'set' && destination !== undefined;
  if (unsorted && !forced) return elementsOf(elementsIn, head, { offset, count, descending });
  const all = elementsOf(elementsIn, head, { offset: 0, count: head.count, descending: false });
  const pattern = by === undefined || forced ? undefined : new SortPattern(by);
  const keyOf = (element: ByteString) => (pattern === undefined ? element : pattern.lookUp(call, element));
  return sortedBy(all, keyOf, options.alpha || forced, descending).slice(offset, offset + count);
}

/** LIMIT, within what there is. */
function rangeOf(size: number, options: SortOptions): { offset: number; count: number } {
  const offset = Math.min(Math.max(options.offset, 0), size);
  return { offset, count: options.count < 0 ? size - offset : Math.min(options.count, size - offset) };
}

/** As a list in place of whatever the key holds; what GET did not find is an empty element. */
function store({ keyspace, database }: Call, key: ByteString, values: readonly (ByteString | undefined)[]): number {
  if (values.length === 0) {
    database.remove(key);
    return 0;
  }
  const elements = values.map((value) => value ?? '');
  database.setCollection(key, pushed(keyspace.store, keyspace.newCollection('list'), 'right', elements));
  return values.length;
}

/** For COMMAND GETKEYS: of several STOREs the last one counts. */
function destination(args: readonly Buffer[]): readonly Buffer[] {
  const at = args.findLastIndex((word, i) => i > 0 && word.toString('latin1').toLowerCase() === 'store');
  return at < 0 ? [] : args.slice(at + 1, at + 2);
}

export const sortCommands: readonly KvCommand[] = [
  {
    name: 'sort',
    arity: -2,
    firstKey: 1,
    lastKey: 1,
    step: 1,
    flags: ['write', 'denyoom', 'movablekeys'],
    moreKeys: destination,
    summary: 'Sorts a list, a set or a sorted set; answers the elements or stores them.',
    run: (call, args) => sort(call, args, false),
  },
  {
    name: 'sort_ro',
    arity: -2,
    firstKey: 1,
    lastKey: 1,
    step: 1,
    flags: ['readonly', 'movablekeys'],
    summary: 'Sorts a list, a set or a sorted set; answers the elements.',
    run: (call, args) => sort(call, args, true),
  },
];

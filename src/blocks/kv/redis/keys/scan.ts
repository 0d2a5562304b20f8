/**
 * KEYS and SCAN. Keys are gone through in the order of their bytes, so that whatever is there from the beginning of a scan to its end is
 * found, whatever else comes and goes. A pattern with a fixed beginning looks at the keys that have it only.
 */
import { bytes, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { type NamePage, namePage } from '../../store/names.js';
import type { KeyName } from '../../store/tables.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { Glob } from '../glob.js';
import { placeOf, readCursor, readKeyScanOptions } from './scan-options.js';

const KEYS_PAGE = 1_024;
/** Keys that one SCAN looks at, at most: its COUNT is a hint, and the answer is to stay small. */
const MOST_COUNT = 100_000;

function keys(call: Call, args: readonly ByteString[]): Reply {
  const glob = new Glob(arg(args, 0));
  const found: Reply[] = [];
  for (let after: ByteString | undefined; ; ) {
    const { names, next } = pageOf(call, glob, after, KEYS_PAGE);
    for (const { key } of names) if (glob.matches(key)) found.push(bytes(key));
    if (next === undefined) return found;
    after = next;
  }
}

function scan(call: Call, args: readonly ByteString[]): Reply {
  const cursor = readCursor(arg(args, 0));
  const { glob, count, type } = readKeyScanOptions(args.slice(1));
  const after = cursor === 0n ? undefined : placeOf(call, cursor);
  const { names, next } = pageOf(call, glob, after, Math.min(count, MOST_COUNT));
  const found = names.filter((name) => (type === undefined || name.type === type) && glob.matches(name.key));
  return [next === undefined ? '0' : `${call.cursors.give(next)}`, found.map(({ key }) => bytes(key))];
}

/** A page of the keys that begin as the pattern does. */
function pageOf(call: Call, { prefix }: Glob, after: ByteString | undefined, limit: number): NamePage {
  const { keyspace, database } = call;
  if (prefix === '') return namePage(keyspace, database, after, limit);
  const { names, next } = namePage(keyspace, database, after ?? prefix, limit);
  // The page begins behind the prefix, which may be a key itself.
  const itself = after === undefined ? database.find(prefix) : undefined;
  const first: KeyName[] = itself === undefined ? [] : [{ key: prefix, type: itself.type, expires: itself.expires }];
  const inside = names.filter(({ key }) => key.startsWith(prefix));
  return {
    names: [...first, ...inside],
    next: next !== undefined && (next.startsWith(prefix) || next < prefix) ? next : undefined,
  };
}

export const scanCommands: readonly KvCommand[] = [
  {
    name: 'keys',
    arity: 2,
    flags: ['readonly', 'sort_for_script'],
    summary: 'Answers all keys that fit a pattern.',
    run: keys,
  },
  {
    name: 'scan',
    arity: -2,
    flags: ['readonly'],
    summary: 'Answers some keys, and a cursor with which the next call goes on.',
    run: scan,
  },
];

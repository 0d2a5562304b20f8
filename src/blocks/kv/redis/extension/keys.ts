/** KV.KEYS: keys in the order of their bytes, a page at a time; a page begins behind a key, so that nobody has to remember it. */
import { bytes, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { namePage } from '../../store/names.js';
import type { KeyName } from '../../store/tables.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { Glob } from '../glob.js';
import { readCount } from '../numbers.js';
import { readOptions } from './options.js';
import { NEVER } from './values.js';

/** Keys looked at for one answer. */
const MOST_LOOKS = 10_000;

function keys(call: Call, args: readonly ByteString[]): Reply {
  const limit = Math.min(MOST_LOOKS, Math.max(1, readCount(arg(args, 0))));
  const options = readOptions(args.slice(1), { valued: ['AFTER', 'PREFIX', 'MATCH', 'TYPE'] });
  const match = options.get('MATCH');
  const glob = match === undefined ? undefined : new Glob(match);
  const prefix = options.get('PREFIX') ?? '';
  // Of two beginnings that are asked for, the later one is where keys can be.
  const from = glob !== undefined && glob.prefix > prefix ? glob.prefix : prefix;
  const { names, next } = pageFrom(call, from, options.get('AFTER'), limit);
  const type = options.get('TYPE');
  const found = names.filter(
    ({ key, type: of }) =>
      key.startsWith(prefix) && (type === undefined || of === type) && (glob === undefined || glob.matches(key)),
  );
  return [next === undefined ? null : bytes(next), found.map(replyOf)];
}

const replyOf = ({ key, type, expires }: KeyName): Reply => [bytes(key), type, expires ?? NEVER];

/** Keys that begin with `from`; `next` undefined: there are no more of them. */
function pageFrom(call: Call, from: ByteString, after: ByteString | undefined, limit: number) {
  const { keyspace, database } = call;
  const start = after ?? (from === '' ? undefined : from);
  const { names, next } = namePage(keyspace, database, start, limit);
  // The page begins behind the prefix, which may be a key itself.
  const itself = after === undefined && from !== '' ? database.find(from) : undefined;
  const first: KeyName[] = itself === undefined ? [] : [{ key: from, type: itself.type, expires: itself.expires }];
  const inside = names.filter(({ key }) => key.startsWith(from));
  return {
    names: [...first, ...inside],
    next: next !== undefined && (next.startsWith(from) || next < from) ? next : undefined,
  };
}

export const keyCommands: readonly KvCommand[] = [
  {
    name: 'kv.keys',
    arity: -2,
    flags: ['readonly'],
    summary:
      'Answers keys in order (AFTER key, PREFIX bytes, MATCH pattern, TYPE type) with type and time; first the key to go on behind.',
    run: keys,
  },
];

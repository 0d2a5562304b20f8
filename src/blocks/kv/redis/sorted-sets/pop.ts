/** Elements are taken from an end: ZPOPMIN ZPOPMAX ZMPOP BZPOPMIN BZPOPMAX BZMPOP. */
import { bytes, double, nullArray, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import type { Place } from '../../collections/place.js';
import type { SortedSet } from '../../collections/sorted-set.js';
import { syntaxError } from '../../errors.js';
import { arg, type Call, type KvCommand, keysByNumber } from '../command.js';
import { type Taking, takeNow, takeOrWait, waitingPop } from '../first-of-keys.js';
import { readCountOr } from '../numbers.js';
import { readTimeout } from '../timeout.js';
import { elementsReply, ONE_KEY, pairsReply, sortedSetAt } from './zset-at.js';

type End = 'min' | 'max';

function take(call: Call, key: ByteString, set: SortedSet, end: End, count: number): Place[] {
  const elements = set.ranked(0, Math.min(count, set.count) - 1, end === 'max');
  if (elements.length === set.count) call.database.remove(key);
  else {
    set.removeAll(elements);
    set.put(call.database, key);
  }
  return elements;
}

function pop(call: Call, args: readonly ByteString[], end: End): Reply {
  const [key = '', countText] = args;
  if (args.length > 2) throw syntaxError();
  const count = countText === undefined ? 1 : readCountOr(countText, 0, 'value is out of range, must be positive');
  const set = sortedSetAt(call, key);
  if (set === undefined || count === 0) return [];
  const elements = take(call, key, set, end, count);
  // Without a count it is one element, and no pair, in RESP3 too.
  if (countText === undefined) return elements.flatMap(({ member, score }) => [bytes(member), double(score)]);
  return elementsReply(call, elements, true);
}

const sortedSetIfAny = (call: Call, key: ByteString): SortedSet | undefined =>
  call.database.find(key)?.type === 'zset' ? sortedSetAt(call, key) : undefined;

const SORTED_SETS = { at: sortedSetAt, ifAny: sortedSetIfAny } as const;

const takingOne = (call: Call, end: End): Taking<SortedSet> => ({
  ...SORTED_SETS,
  take: (key, set) => [
    bytes(key),
    ...take(call, key, set, end, 1).flatMap(({ member, score }) => [bytes(member), double(score)]),
  ],
});

const takingMany = (call: Call, { end, count }: ManyKeys): Taking<SortedSet> => ({
  ...SORTED_SETS,
  take: (key, set) => [bytes(key), pairsReply(take(call, key, set, end, count))],
});

interface ManyKeys {
  readonly keys: readonly ByteString[];
  readonly end: End;
  readonly count: number;
}

/** numkeys key … MIN|MAX [COUNT count] */
function readManyKeys(args: readonly ByteString[], at: number): ManyKeys {
  const number = readCountOr(arg(args, at), 1, 'numkeys should be greater than 0');
  const keys = args.slice(at + 1, at + 1 + number);
  const [where, option, countText, ...more] = args.slice(at + 1 + number);
  const end = where?.toLowerCase();
  if (keys.length < number || (end !== 'min' && end !== 'max')) throw syntaxError();
  if (option === undefined) return { keys, end, count: 1 };
  if (option.toLowerCase() !== 'count' || countText === undefined) throw syntaxError();
  const count = readCountOr(countText, 1, 'count should be greater than 0');
  if (more.length > 0) throw syntaxError();
  return { keys, end, count };
}

const popping = (name: string, end: End, summary: string): KvCommand => ({
  name,
  arity: -2,
  flags: ['write', 'fast'],
  ...ONE_KEY,
  summary,
  run: (call, args) => pop(call, [arg(args, 0), ...args.slice(1)], end),
});

const waitingPopOf = (name: string, end: End, summary: string): KvCommand =>
  waitingPop(name, ['write', 'noscript', 'blocking', 'fast'], (call) => takingOne(call, end), summary);

export const popCommands: readonly KvCommand[] = [
  popping('zpopmin', 'min', 'Takes the members with the lowest scores.'),
  popping('zpopmax', 'max', 'Takes the members with the highest scores.'),
  waitingPopOf('bzpopmin', 'min', 'As ZPOPMIN of the first of the sorted sets that is not empty, and waits for one.'),
  waitingPopOf('bzpopmax', 'max', 'As ZPOPMAX of the first of the sorted sets that is not empty, and waits for one.'),
  {
    name: 'zmpop',
    arity: -4,
    flags: ['write', 'movablekeys'],
    moreKeys: keysByNumber(0),
    summary: 'Takes members from the first of the sorted sets that is not empty.',
    run(call, args) {
      const many = readManyKeys(args, 0);
      return takeNow(call, many.keys, takingMany(call, many)) ?? nullArray;
    },
  },
  {
    name: 'bzmpop',
    arity: -5,
    flags: ['write', 'blocking', 'movablekeys'],
    moreKeys: keysByNumber(1),
    summary: 'As ZMPOP, and waits for members.',
    run(call, args) {
      const many = readManyKeys(args, 1);
      const timeoutMs = readTimeout(arg(args, 0), call.keyspace.now);
      return takeOrWait(call, many.keys, timeoutMs, takingMany(call, many));
    },
  },
];

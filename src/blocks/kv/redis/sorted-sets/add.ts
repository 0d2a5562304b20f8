/** Members and their scores are written: ZADD ZINCRBY ZREM. */
import { double, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import type { SortedSet } from '../../collections/sorted-set.js';
import { refusal, syntaxError } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { newSortedSet, ONE_KEY, readScore, sortedSetAt } from './zset-at.js';

interface AddOptions {
  readonly onlyNew: boolean;
  readonly onlyExisting: boolean;
  readonly onlyGreater: boolean;
  readonly onlyLess: boolean;
  readonly countChanged: boolean;
  readonly increment: boolean;
}

const OPTIONS: Readonly<Record<string, keyof AddOptions>> = {
  nx: 'onlyNew',
  xx: 'onlyExisting',
  gt: 'onlyGreater',
  lt: 'onlyLess',
  ch: 'countChanged',
  incr: 'increment',
};

const NOTHING: AddOptions = {
  onlyNew: false,
  onlyExisting: false,
  onlyGreater: false,
  onlyLess: false,
  countChanged: false,
  increment: false,
};

interface Addition {
  readonly options: AddOptions;
  readonly elements: readonly { readonly score: number; readonly member: ByteString }[];
}

/** `args` are behind the key. */
function readAddition(args: readonly ByteString[]): Addition {
  const options: Record<keyof AddOptions, boolean> = { ...NOTHING };
  let at = 0;
  for (; at < args.length; at++) {
    const name = args[at]?.toLowerCase() ?? '';
    const option = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined;
    if (option === undefined) break;
    options[option] = true;
  }
  const pairs = args.slice(at);
  if (pairs.length === 0 || pairs.length % 2 === 1) throw syntaxError();
  refuseContradictions(options, pairs.length / 2);
  const elements: { score: number; member: ByteString }[] = [];
  for (let i = 0; i < pairs.length; i += 2)
    elements.push({ score: readScore(arg(pairs, i)), member: arg(pairs, i + 1) });
  return { options, elements };
}

function refuseContradictions(
  { onlyNew, onlyExisting, onlyGreater, onlyLess, increment }: AddOptions,
  pairs: number,
): void {
  if (onlyNew && onlyExisting) throw refusal('ERR', 'XX and NX options at the same time are not compatible');
  if ((onlyGreater && onlyNew) || (onlyLess && onlyNew) || (onlyGreater && onlyLess)) {
    throw refusal('ERR', 'GT, LT, and/or NX options at the same time are not compatible');
  }
  if (increment && pairs > 1) throw refusal('ERR', 'INCR option supports a single increment-element pair');
}

interface Added {
  readonly what: 'nothing' | 'added' | 'updated' | 'same';
  readonly score: number;
}

/** Error: a score that would be no number. */
function addOne(set: SortedSet, member: ByteString, score: number, options: AddOptions): Added {
  const before = set.score(member);
  if (before === undefined) {
    if (options.onlyExisting) return { what: 'nothing', score };
    set.set(member, score, undefined);
    return { what: 'added', score };
  }
  if (options.onlyNew) return { what: 'nothing', score: before };
  const after = options.increment ? before + score : score;
  if (Number.isNaN(after)) throw refusal('ERR', 'resulting score is not a number (NaN)');
  if ((options.onlyGreater && after <= before) || (options.onlyLess && after >= before)) {
    return { what: 'nothing', score: before };
  }
  if (after === before) return { what: 'same', score: before };
  set.set(member, after, before);
  return { what: 'updated', score: after };
}

function add(call: Call, key: ByteString, { options, elements }: Addition): Reply {
  const known = sortedSetAt(call, key);
  if (known === undefined && options.onlyExisting) return options.increment ? null : 0;
  const set = known ?? newSortedSet(call);
  const added = elements.map(({ score, member }) => addOne(set, member, score, options));
  const countOf = (what: Added['what']) => added.filter((one) => one.what === what).length;
  const [fresh, updated] = [countOf('added'), countOf('updated')];
  if (fresh + updated > 0) set.put(call.database, key);
  if (!options.increment) return options.countChanged ? fresh + updated : fresh;
  const [only] = added;
  return only === undefined || only.what === 'nothing' ? null : double(only.score);
}

function remove(call: Call, args: readonly ByteString[]): Reply {
  const key = arg(args, 0);
  const set = sortedSetAt(call, key);
  if (set === undefined) return 0;
  const removed = args.slice(1).filter((member) => set.remove(member)).length;
  if (removed > 0) set.put(call.database, key);
  return removed;
}

export const addCommands: readonly KvCommand[] = [
  {
    name: 'zadd',
    arity: -4,
    flags: ['write', 'denyoom', 'fast'],
    ...ONE_KEY,
    summary: 'Adds members with their scores to a sorted set, or changes scores.',
    run: (call, args) => add(call, arg(args, 0), readAddition(args.slice(1))),
  },
  {
    name: 'zincrby',
    arity: 4,
    flags: ['write', 'denyoom', 'fast'],
    ...ONE_KEY,
    summary: 'Adds to the score of a member.',
    run(call, args) {
      const elements = [{ score: readScore(arg(args, 1)), member: arg(args, 2) }];
      return add(call, arg(args, 0), { options: { ...NOTHING, increment: true }, elements });
    },
  },
  {
    name: 'zrem',
    arity: -3,
    flags: ['write', 'fast'],
    ...ONE_KEY,
    summary: 'Removes members of a sorted set.',
    run: remove,
  },
];

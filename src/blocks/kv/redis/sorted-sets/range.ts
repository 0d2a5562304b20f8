/** Elements of a range: ZRANGE and its older kin, ZRANGESTORE, ZREMRANGEBYRANK, -SCORE, -LEX. */
import type { Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import type { Place } from '../../collections/place.js';
import type { SortedSet } from '../../collections/sorted-set.js';
import { refusal, syntaxError } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { readCount } from '../numbers.js';
import { readLexRange, readScoreRange } from './ranges.js';
import { replaceSortedSet } from './replace.js';
import { elementsReply, ONE_KEY, sortedSetAt } from './zset-at.js';

type By = 'rank' | 'score' | 'lex';

interface RangeOptions {
  readonly by: By;
  readonly reverse: boolean;
  readonly withScores: boolean;
  readonly offset: number;
  /** Infinity: all. */
  readonly limit: number;
}

/** What the command's own name fixes. */
interface Fixed {
  readonly by?: By;
  readonly reverse?: boolean;
  readonly storing?: boolean;
}

function readOptions(args: readonly ByteString[], fixed: Fixed): RangeOptions {
  let { by, reverse } = fixed;
  let withScores = false;
  let window: readonly [number, number] | undefined;
  for (let i = 0; i < args.length; i++) {
    const option = args[i]?.toLowerCase();
    if (option === 'withscores' && fixed.storing !== true) withScores = true;
    else if (option === 'limit' && i + 2 < args.length) {
      window = [readCount(arg(args, i + 1)), readCount(arg(args, i + 2))];
      i += 2;
    } else if (reverse === undefined && fixed.by === undefined && option === 'rev') reverse = true;
    else if (by === undefined && option === 'byscore') by = 'score';
    else if (by === undefined && option === 'bylex') by = 'lex';
    else throw syntaxError();
  }
  by ??= 'rank';
  // A limit of -1 is the same as none.
  if (window !== undefined && window[1] !== -1 && by === 'rank') {
    throw refusal('ERR', 'syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX');
  }
  if (withScores && by === 'lex') {
    throw refusal('ERR', 'syntax error, WITHSCORES not supported in combination with BYLEX');
  }
  const [offset = 0, limit = -1] = window ?? [];
  return { by, reverse: reverse ?? false, withScores, offset, limit: limit < 0 ? Number.POSITIVE_INFINITY : limit };
}

type Select = (set: SortedSet) => readonly Place[];

/** Reads the bounds, which may be refused, before the key is looked at. */
function selection(first: ByteString, second: ByteString, options: RangeOptions): Select {
  const { by, reverse, offset, limit } = options;
  if (by === 'rank') {
    const [start, end] = [readCount(first), readCount(second)];
    return (set) => set.ranked(...withinSet(start, end, set.count), reverse);
  }
  // The greater bound comes first in a reversed range.
  const [min, max] = reverse ? [second, first] : [first, second];
  const rangeOf = by === 'lex' ? readLexRange(min, max) : always(readScoreRange(min, max));
  return (set) => {
    const range = rangeOf(set);
    return range === undefined || offset < 0 ? [] : set.within(range, reverse, offset, limit);
  };
}

const always =
  <Value>(value: Value) =>
  () =>
    value;

/** Ranks from the end are negative. */
function withinSet(start: number, end: number, count: number): [number, number] {
  const first = start < 0 ? Math.max(0, count + start) : start;
  const last = end < 0 ? count + end : Math.min(end, count - 1);
  return [first, last];
}

function range(call: Call, args: readonly ByteString[], fixed: Fixed): Reply {
  const options = readOptions(args.slice(3), fixed);
  const select = selection(arg(args, 1), arg(args, 2), options);
  const set = sortedSetAt(call, arg(args, 0));
  return elementsReply(call, set === undefined ? [] : select(set), options.withScores);
}

function rangeStore(call: Call, args: readonly ByteString[]): Reply {
  const options = readOptions(args.slice(4), { storing: true });
  const select = selection(arg(args, 2), arg(args, 3), options);
  const set = sortedSetAt(call, arg(args, 1));
  return replaceSortedSet(call, arg(args, 0), set === undefined ? [] : select(set));
}

function removeRange(call: Call, args: readonly ByteString[], by: By): Reply {
  const key = arg(args, 0);
  const everything = { by, reverse: false, withScores: false, offset: 0, limit: Number.POSITIVE_INFINITY };
  const select = selection(arg(args, 1), arg(args, 2), everything);
  const set = sortedSetAt(call, key);
  if (set === undefined) return 0;
  const elements = select(set);
  if (elements.length === 0) return 0;
  if (elements.length === set.count) {
    // Its rows are swept later.
    call.database.remove(key);
    return elements.length;
  }
  set.removeAll(elements);
  set.put(call.database, key);
  return elements.length;
}

const ranging = (name: string, fixed: Fixed, summary: string): KvCommand => ({
  name,
  arity: -4,
  flags: ['readonly'],
  ...ONE_KEY,
  summary,
  run: (call, args) => range(call, args, fixed),
});

const removing = (name: string, by: By, summary: string): KvCommand => ({
  name,
  arity: 4,
  flags: ['write'],
  ...ONE_KEY,
  summary,
  run: (call, args) => removeRange(call, args, by),
});

export const rangeCommands: readonly KvCommand[] = [
  ranging('zrange', {}, 'Answers members by rank, score or name.'),
  ranging('zrevrange', { by: 'rank', reverse: true }, 'Answers members by rank, from the greatest on.'),
  ranging('zrangebyscore', { by: 'score' }, 'Answers members by score.'),
  ranging('zrevrangebyscore', { by: 'score', reverse: true }, 'Answers members by score, from the greatest on.'),
  ranging('zrangebylex', { by: 'lex' }, 'Answers members by name.'),
  ranging('zrevrangebylex', { by: 'lex', reverse: true }, 'Answers members by name, from the greatest on.'),
  removing('zremrangebyrank', 'rank', 'Removes members by rank.'),
  removing('zremrangebyscore', 'score', 'Removes members by score.'),
  removing('zremrangebylex', 'lex', 'Removes members by name.'),
  {
    name: 'zrangestore',
    arity: -5,
    flags: ['write', 'denyoom'],
    firstKey: 1,
    lastKey: 2,
    step: 1,
    summary: 'Stores members by rank, score or name.',
    run: rangeStore,
  },
];

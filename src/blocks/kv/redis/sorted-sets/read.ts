/** Single members, and counts: ZSCORE ZMSCORE ZCARD ZRANK ZREVRANK ZCOUNT ZLEXCOUNT ZSCAN ZRANDMEMBER. */
import { bytes, double, nullArray, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { START } from '../../collections/place.js';
import { syntaxError } from '../../errors.js';
import { arg, type Call, collection, type KvCommand } from '../command.js';
import { scanElements } from '../element-scan.js';
import { readRandomCountWith } from '../random-count.js';
import { randomElements } from '../random-elements.js';
import { readLexRange, readScoreRange } from './ranges.js';
import { elementsReply, ONE_KEY, sortedSetAt } from './zset-at.js';

const FAST = ['readonly', 'fast'];

const scoreReply = (score: number | undefined): Reply => (score === undefined ? null : double(score));

function rank(call: Call, args: readonly ByteString[], reverse: boolean): Reply {
  const [key = '', member = '', option] = args;
  if (args.length > 3 || (option !== undefined && option.toLowerCase() !== 'withscore')) throw syntaxError();
  const set = sortedSetAt(call, key);
  const score = set?.score(member);
  if (set === undefined || score === undefined) return option === undefined ? null : nullArray;
  const before = set.before({ score, member });
  const place = reverse ? set.count - 1 - before : before;
  return option === undefined ? place : [place, double(score)];
}

function random(call: Call, args: readonly ByteString[]): Reply {
  const [key = '', ...options] = args;
  const wanted = options.length === 0 ? undefined : readRandomCountWith(options, 'withscores');
  const set = sortedSetAt(call, key);
  if (set === undefined) return wanted === undefined ? null : [];
  const pick = () => set.at(Math.floor(call.random() * set.count)) ?? START;
  if (wanted === undefined) return bytes(pick().member);
  return elementsReply(
    call,
    randomElements(call, { count: set.count, pick, all: () => set.all() }, wanted),
    wanted.both,
  );
}

export const readCommands: readonly KvCommand[] = [
  {
    name: 'zscore',
    arity: 3,
    flags: FAST,
    ...ONE_KEY,
    summary: 'Answers the score of a member.',
    run: (call, args) => scoreReply(sortedSetAt(call, arg(args, 0))?.score(arg(args, 1))),
  },
  {
    name: 'zmscore',
    arity: -3,
    flags: FAST,
    ...ONE_KEY,
    summary: 'Answers the scores of members.',
    run(call, args) {
      const set = sortedSetAt(call, arg(args, 0));
      return args.slice(1).map((member) => scoreReply(set?.score(member)));
    },
  },
  {
    name: 'zcard',
    arity: 2,
    flags: FAST,
    ...ONE_KEY,
    summary: 'Answers how many members a sorted set has.',
    run: (call, args) => sortedSetAt(call, arg(args, 0))?.count ?? 0,
  },
  {
    name: 'zrank',
    arity: -3,
    flags: FAST,
    ...ONE_KEY,
    summary: 'Answers how many members are before one.',
    run: (call, args) => rank(call, args, false),
  },
  {
    name: 'zrevrank',
    arity: -3,
    flags: FAST,
    ...ONE_KEY,
    summary: 'Answers how many members are behind one.',
    run: (call, args) => rank(call, args, true),
  },
  {
    name: 'zcount',
    arity: 4,
    flags: FAST,
    ...ONE_KEY,
    summary: 'Answers how many members have a score within a range.',
    run(call, args) {
      const range = readScoreRange(arg(args, 1), arg(args, 2));
      const set = sortedSetAt(call, arg(args, 0));
      return set === undefined || range === undefined ? 0 : set.countIn(range);
    },
  },
  {
    name: 'zlexcount',
    arity: 4,
    flags: FAST,
    ...ONE_KEY,
    summary: 'Answers how many members are within a range of names.',
    run(call, args) {
      const rangeAt = readLexRange(arg(args, 1), arg(args, 2));
      const set = sortedSetAt(call, arg(args, 0));
      const range = set && rangeAt(set);
      return set === undefined || range === undefined ? 0 : set.countIn(range);
    },
  },
  {
    name: 'zrandmember',
    arity: -2,
    flags: ['readonly'],
    ...ONE_KEY,
    summary: 'Answers random members of a sorted set.',
    run: (call, args) => random(call, [arg(args, 0), ...args.slice(1)]),
  },
  {
    name: 'zscan',
    arity: -3,
    flags: ['readonly'],
    ...ONE_KEY,
    summary: 'Answers some members and scores, and a cursor with which the next call goes on.',
    run: (call, args) =>
      scanElements(call, args.slice(1), () => collection(call.database, arg(args, 0), 'zset'), {
        value: ({ score }) => formatScore(score),
        namesOnly: 'noscores',
      }),
  },
];

/** As RESP2 has doubles. */
function formatScore(score: number): ByteString {
  if (score === Number.POSITIVE_INFINITY) return 'inf';
  return score === Number.NEGATIVE_INFINITY ? '-inf' : String(score);
}

/** From the first of several lists that is not empty: BLPOP BRPOP LMPOP BLMPOP. */
import { bytes, nullArray, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import type { End } from '../../collections/list.js';
import type { CollectionEntry } from '../../entry.js';
import { arg, type Call, type KvCommand, keysByNumber, type Outcome } from '../command.js';
import { readTimeout } from '../timeout.js';
import { listAt, listIfAny, readManyKeys } from './arguments.js';
import { pop, popOne } from './changes.js';

/** What is taken from the list that is found. */
type Take = (key: ByteString, list: CollectionEntry) => Reply;

/** Error: WRONGTYPE, where a key before the first list holds something else. */
function takeNow(call: Call, keys: readonly ByteString[], take: Take): Reply | undefined {
  for (const key of keys) {
    const list = listAt(call, key);
    if (list !== undefined) return take(key, list);
  }
  return undefined;
}

function takeOrWait(call: Call, keys: readonly ByteString[], timeoutMs: number, take: Take): Outcome {
  const now = takeNow(call, keys, take);
  if (now !== undefined) return now;
  const attempt = (key: ByteString) => {
    const list = listIfAny(call, key);
    return list && take(key, list);
  };
  return call.wait(keys, timeoutMs, attempt, nullArray);
}

const takeOne =
  (call: Call, end: End): Take =>
  (key, list) => [bytes(key), bytes(popOne(call, key, list, end))];

const takeMany =
  (call: Call, end: End, count: number): Take =>
  (key, list) => [bytes(key), pop(call, key, list, end, count)];

const waitingPop = (name: string, end: End, summary: string): KvCommand => ({
  name,
  arity: -3,
  flags: ['write', 'noscript', 'blocking'],
  firstKey: 1,
  lastKey: -2,
  step: 1,
  summary,
  run(call, args) {
    const timeoutMs = readTimeout(arg(args, args.length - 1), call.keyspace.now);
    return takeOrWait(call, args.slice(0, -1), timeoutMs, takeOne(call, end));
  },
});

export const popManyCommands: readonly KvCommand[] = [
  waitingPop('blpop', 'left', 'Takes the first element of one of the lists, and waits for one.'),
  waitingPop('brpop', 'right', 'Takes the last element of one of the lists, and waits for one.'),
  {
    name: 'lmpop',
    arity: -4,
    flags: ['write', 'movablekeys'],
    moreKeys: keysByNumber(0),
    summary: 'Takes elements from the first of the lists that has any.',
    run(call, args) {
      const { keys, end, count } = readManyKeys(args, 0);
      return takeNow(call, keys, takeMany(call, end, count)) ?? nullArray;
    },
  },
  {
    name: 'blmpop',
    arity: -5,
    flags: ['write', 'blocking', 'movablekeys'],
    moreKeys: keysByNumber(1),
    summary: 'As LMPOP, and waits for elements.',
    run(call, args) {
      const { keys, end, count } = readManyKeys(args, 1);
      const timeoutMs = readTimeout(arg(args, 0), call.keyspace.now);
      return takeOrWait(call, keys, timeoutMs, takeMany(call, end, count));
    },
  },
];

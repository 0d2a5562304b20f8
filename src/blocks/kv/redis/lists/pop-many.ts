/** From the first of several lists that is not empty: BLPOP BRPOP LMPOP BLMPOP. */
import { bytes, nullArray } from '../../../../platform/protocol/resp/reply.js';
import type { End } from '../../collections/list.js';
import type { CollectionEntry } from '../../entry.js';
import { arg, type Call, type KvCommand, keysByNumber } from '../command.js';
import { type Taking, takeNow, takeOrWait, waitingPop } from '../first-of-keys.js';
import { readTimeout } from '../timeout.js';
import { listAt, listIfAny, readManyKeys } from './arguments.js';
import { pop, popOne } from './changes.js';

type TakingOfLists = Taking<CollectionEntry>;

const LISTS = { at: listAt, ifAny: listIfAny } as const;

const takingOne = (call: Call, end: End): TakingOfLists => ({
  ...LISTS,
  take: (key, list) => [bytes(key), bytes(popOne(call, key, list, end))],
});

const takingMany = (call: Call, end: End, count: number): TakingOfLists => ({
  ...LISTS,
  take: (key, list) => [bytes(key), pop(call, key, list, end, count)],
});

const waitingPopOf = (name: string, end: End, summary: string): KvCommand =>
  waitingPop(name, ['write', 'noscript', 'blocking'], (call) => takingOne(call, end), summary);

export const popManyCommands: readonly KvCommand[] = [
  waitingPopOf('blpop', 'left', 'Takes the first element of one of the lists, and waits for one.'),
  waitingPopOf('brpop', 'right', 'Takes the last element of one of the lists, and waits for one.'),
  {
    name: 'lmpop',
    arity: -4,
    flags: ['write', 'movablekeys'],
    moreKeys: keysByNumber(0),
    summary: 'Takes elements from the first of the lists that is not empty.',
    run(call, args) {
      const { keys, end, count } = readManyKeys(args, 0);
      return takeNow(call, keys, takingMany(call, end, count)) ?? nullArray;
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
      return takeOrWait(call, keys, timeoutMs, takingMany(call, end, count));
    },
  },
];

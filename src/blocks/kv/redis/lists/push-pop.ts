/** The ends of a list: LPUSH RPUSH LPUSHX RPUSHX LPOP RPOP LLEN. */
import { bytes, nullArray, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import type { End } from '../../collections/list.js';
import { refusal } from '../../errors.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { listAt, readPopCount } from './arguments.js';
import { pop, popOne, push } from './changes.js';

const ONE_KEY = { firstKey: 1, lastKey: 1, step: 1 } as const;

const pushing = (name: string, end: End, onlyExisting: boolean, summary: string): KvCommand => ({
  name,
  arity: -3,
  flags: ['write', 'denyoom', 'fast'],
  ...ONE_KEY,
  summary,
  run(call, args) {
    const key = arg(args, 0);
    const list = listAt(call, key);
    return list === undefined && onlyExisting ? 0 : push(call, key, list, end, args.slice(1));
  },
});

const popping = (name: string, end: End, summary: string): KvCommand => ({
  name,
  arity: -2,
  flags: ['write', 'fast'],
  ...ONE_KEY,
  summary,
  run: (call, args) => runPop(call, args, name, end),
});

function runPop(call: Call, args: readonly ByteString[], name: string, end: End): Reply {
  if (args.length > 2) throw refusal('ERR', `wrong number of arguments for '${name}' command`);
  const key = arg(args, 0);
  const count = args[1] === undefined ? undefined : readPopCount(args[1]);
  const list = listAt(call, key);
  if (count === undefined) return list === undefined ? null : bytes(popOne(call, key, list, end));
  if (list === undefined) return nullArray;
  return count === 0 ? [] : pop(call, key, list, end, count);
}

export const pushPopCommands: readonly KvCommand[] = [
  pushing('lpush', 'left', false, 'Adds elements at the left end of a list.'),
  pushing('rpush', 'right', false, 'Adds elements at the right end of a list.'),
  pushing('lpushx', 'left', true, 'Adds elements at the left end of a list that exists.'),
  pushing('rpushx', 'right', true, 'Adds elements at the right end of a list that exists.'),
  popping('lpop', 'left', 'Takes elements from the left end of a list.'),
  popping('rpop', 'right', 'Takes elements from the right end of a list.'),
  {
    name: 'llen',
    arity: 2,
    flags: ['readonly', 'fast'],
    ...ONE_KEY,
    summary: 'Answers how many elements a list has.',
    run: (call, args) => listAt(call, arg(args, 0))?.count ?? 0,
  },
];

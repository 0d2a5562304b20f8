/** From one list to another, or around in one: LMOVE RPOPLPUSH BLMOVE BRPOPLPUSH. */
import { bytes, nullArray, type Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import type { End } from '../../collections/list.js';
import type { CollectionEntry } from '../../entry.js';
import { arg, type Call, type KvCommand, type Outcome } from '../command.js';
import { readTimeout } from '../timeout.js';
import { listAt, listIfAny, readEnd } from './arguments.js';
import { popOne, push, rotate } from './changes.js';

const TWO_KEYS = { firstKey: 1, lastKey: 2, step: 1 } as const;

interface Move {
  readonly source: ByteString;
  readonly destination: ByteString;
  readonly from: End;
  readonly to: End;
}

/** The destination is looked at first: an element is taken only if it can be put there. */
function move(call: Call, { source, destination, from, to }: Move, list: CollectionEntry): Reply {
  if (source === destination) return bytes(rotate(call, source, list, from, to));
  const target = listAt(call, destination);
  const value = popOne(call, source, list, from);
  push(call, destination, target, to, [value]);
  return bytes(value);
}

function moveNow(call: Call, wanted: Move): Reply {
  const list = listAt(call, wanted.source);
  return list === undefined ? null : move(call, wanted, list);
}

function moveOrWait(call: Call, wanted: Move, timeout: ByteString): Outcome {
  const timeoutMs = readTimeout(timeout, call.keyspace.now);
  const list = listAt(call, wanted.source);
  if (list !== undefined) return move(call, wanted, list);
  const attempt = () => {
    const present = listIfAny(call, wanted.source);
    return present && move(call, wanted, present);
  };
  return call.wait([wanted.source], timeoutMs, attempt, nullArray, null);
}

function readMove(args: readonly ByteString[]): Move {
  const [from, to] = [readEnd(arg(args, 2)), readEnd(arg(args, 3))];
  return { source: arg(args, 0), destination: arg(args, 1), from, to };
}

function rightToLeft(args: readonly ByteString[]): Move {
  return { source: arg(args, 0), destination: arg(args, 1), from: 'right', to: 'left' };
}

export const moveCommands: readonly KvCommand[] = [
  {
    name: 'lmove',
    arity: 5,
    flags: ['write', 'denyoom'],
    ...TWO_KEYS,
    summary: 'Moves an element from an end of a list to an end of another.',
    run: (call, args) => moveNow(call, readMove(args)),
  },
  {
    name: 'rpoplpush',
    arity: 3,
    flags: ['write', 'denyoom'],
    ...TWO_KEYS,
    summary: 'Moves the last element of a list to the left end of another.',
    run: (call, args) => moveNow(call, rightToLeft(args)),
  },
  {
    name: 'blmove',
    arity: 6,
    flags: ['write', 'denyoom', 'noscript', 'blocking'],
    ...TWO_KEYS,
    summary: 'As LMOVE, and waits for an element.',
    run: (call, args) => moveOrWait(call, readMove(args), arg(args, 4)),
  },
  {
    name: 'brpoplpush',
    arity: 4,
    flags: ['write', 'denyoom', 'noscript', 'blocking'],
    ...TWO_KEYS,
    summary: 'As RPOPLPUSH, and waits for an element.',
    run: (call, args) => moveOrWait(call, rightToLeft(args), arg(args, 2)),
  },
];

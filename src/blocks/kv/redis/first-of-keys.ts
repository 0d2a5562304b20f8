/** Commands that take from the first of several collections that is not empty, and may wait for one: BLPOP, BZPOPMIN and their kin. */
import { nullArray, type Reply } from '../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../bytes.js';
import { arg, type Call, type KvCommand, type Outcome } from './command.js';
import { readTimeout } from './timeout.js';

/** How a type is taken from. */
export interface Taking<Collection> {
  /** Error: WRONGTYPE. */
  at(call: Call, key: ByteString): Collection | undefined;
  /** As `at`, but what is of another type is passed over: a client that waits goes on waiting. */
  ifAny(call: Call, key: ByteString): Collection | undefined;
  take(key: ByteString, collection: Collection): Reply;
}

/** Error: WRONGTYPE, where a key before the first such collection holds something else. */
export function takeNow<Collection>(
  call: Call,
  keys: readonly ByteString[],
  { at, take }: Taking<Collection>,
): Reply | undefined {
  for (const key of keys) {
    const found = at(call, key);
    if (found !== undefined) return take(key, found);
  }
  return undefined;
}

export function takeOrWait<Collection>(
  call: Call,
  keys: readonly ByteString[],
  timeoutMs: number,
  taking: Taking<Collection>,
): Outcome {
  const now = takeNow(call, keys, taking);
  if (now !== undefined) return now;
  const attempt = (key: ByteString) => {
    const found = taking.ifAny(call, key);
    return found && taking.take(key, found);
  };
  return call.wait(keys, timeoutMs, attempt, nullArray);
}

/** `name key … timeout`. */
export const waitingPop = <Collection>(
  name: string,
  flags: readonly string[],
  taking: (call: Call) => Taking<Collection>,
  summary: string,
): KvCommand => ({
  name,
  arity: -3,
  flags,
  firstKey: 1,
  lastKey: -2,
  step: 1,
  summary,
  run(call, args) {
    const timeoutMs = readTimeout(arg(args, args.length - 1), call.keyspace.now);
    return takeOrWait(call, args.slice(0, -1), timeoutMs, taking(call));
  },
});

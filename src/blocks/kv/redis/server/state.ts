/** TIME, LASTSAVE, WAIT. */
import type { Reply } from '../../../../platform/protocol/resp/reply.js';
import type { ByteString } from '../../bytes.js';
import { refusal } from '../../errors.js';
import { arg, type Call, type KvCommand, type Outcome } from '../command.js';
import { parseInteger, readInteger } from '../numbers.js';

/** Microseconds are those of a clock that counts milliseconds. */
function time({ keyspace }: Call): Reply {
  return [`${Math.floor(keyspace.now / 1_000)}`, `${(keyspace.now % 1_000) * 1_000}`];
}

/** Seconds since the epoch of the last commit: all that was answered is saved. With nothing written yet: now. */
function lastSave({ keyspace }: Call): number {
  const sql = 'SELECT at FROM journal ORDER BY revision DESC LIMIT 1';
  const at = keyspace.store.statement<[], { at: number }>(sql).get()?.at ?? keyspace.now;
  return Math.floor(at / 1_000);
}

/** There are no replicas: whoever waits for one waits until the time is over. */
function wait(call: Call, args: readonly ByteString[]): Outcome {
  const replicas = readInteger(arg(args, 0));
  const timeoutMs = parseInteger(arg(args, 1));
  if (timeoutMs === undefined) throw refusal('ERR', 'timeout is not an integer or out of range');
  if (timeoutMs < 0n) throw refusal('ERR', 'timeout is negative');
  return replicas <= 0n ? 0 : call.wait([], Number(timeoutMs), () => undefined, 0);
}

export const stateCommands: readonly KvCommand[] = [
  { name: 'time', arity: 1, flags: ['loading', 'stale', 'fast'], summary: "Answers the server's time.", run: time },
  {
    name: 'lastsave',
    arity: 1,
    flags: ['loading', 'stale', 'fast'],
    summary: 'Answers when something was written last, in seconds since the epoch.',
    run: lastSave,
  },
  {
    name: 'wait',
    arity: 3,
    flags: ['blocking'],
    summary: 'Waits for replicas, of which there are none.',
    run: wait,
  },
];

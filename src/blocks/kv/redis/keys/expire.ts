/** When a key will be gone: setting it, asking for it, taking it back. */
import type { ByteString } from '../../bytes.js';
import { arg, type Call, type KvCommand } from '../command.js';
import { conditionsHold, readConditions, readTime } from './expire-options.js';

const ONE_KEY = { firstKey: 1, lastKey: 1, step: 1 } as const;
const NO_KEY = -2;
const NO_TIME = -1;

function expireCommand(name: string, unitMs: 1 | 1_000, relative: boolean, summary: string): KvCommand {
  return {
    name,
    arity: -3,
    ...ONE_KEY,
    flags: ['write', 'fast'],
    summary,
    run: (call, args) => {
      const conditions = readConditions(args.slice(2));
      const at = readTime(name, arg(args, 1), unitMs, relative ? call.keyspace.now : 0);
      const key = arg(args, 0);
      const entry = call.database.find(key);
      if (entry === undefined || !conditionsHold(conditions, entry.expires, at)) return 0;
      if (at <= call.keyspace.now) call.database.remove(key);
      else call.database.put(key, entry, at);
      return 1;
    },
  };
}

/** `tell` is given the time at which a key will be gone, and now, in milliseconds. */
function timeCommand(name: string, summary: string, tell: (expires: number, now: number) => number): KvCommand {
  return {
    name,
    arity: 2,
    ...ONE_KEY,
    flags: ['readonly', 'fast'],
    summary,
    run: ({ database, keyspace }, args) => {
      const entry = database.find(arg(args, 0));
      if (entry === undefined) return NO_KEY;
      return entry.expires === undefined ? NO_TIME : tell(entry.expires, keyspace.now);
    },
  };
}

/** To the nearest one, as Redis. */
const seconds = (milliseconds: number): number => Math.floor((milliseconds + 500) / 1_000);

function persist({ database }: Call, args: readonly ByteString[]): number {
  const key = arg(args, 0);
  const entry = database.find(key);
  if (entry?.expires === undefined) return 0;
  database.put(key, entry, undefined);
  return 1;
}

export const expireCommands: readonly KvCommand[] = [
  expireCommand('expire', 1_000, true, 'Lets a key be gone after seconds.'),
  expireCommand('pexpire', 1, true, 'Lets a key be gone after milliseconds.'),
  expireCommand('expireat', 1_000, false, 'Lets a key be gone at a time in seconds since the epoch.'),
  expireCommand('pexpireat', 1, false, 'Lets a key be gone at a time in milliseconds since the epoch.'),
  timeCommand('ttl', 'Answers the seconds a key has left.', (expires, now) => seconds(expires - now)),
  timeCommand('pttl', 'Answers the milliseconds a key has left.', (expires, now) => expires - now),
  timeCommand('expiretime', 'Answers when a key will be gone, in seconds since the epoch.', seconds),
  timeCommand('pexpiretime', 'Answers when a key will be gone, in milliseconds since the epoch.', (expires) => expires),
  {
    name: 'persist',
    arity: 2,
    ...ONE_KEY,
    flags: ['write', 'fast'],
    summary: 'Lets a key stay that would be gone at some time.',
    run: persist,
  },
];

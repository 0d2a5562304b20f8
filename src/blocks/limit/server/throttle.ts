/**
 * `CL.THROTTLE key max_burst count period [quantity]`, as the Redis module redis-cell has it, so that its clients work
 * unchanged: `count` in `period` seconds by GCRA, `max_burst` more at once. The reply is five integers:
 *
 *     limited (0 or 1), max_burst + 1, remaining, seconds until a retry (-1: allowed, or never), seconds until reset
 *
 * This is the daemon's hot path: numbers are read from the bytes, and limits are kept by their three numbers, because
 * defineLimit reduces fractions.
 */
import { error, type Reply, type RespCommand } from '../../../platform/protocol/resp/index.js';
import { keyFromBytes } from '../key.js';
import { defineLimit, type Limit } from '../limit.js';
import type { Outcome } from '../limiter.js';
import type { RespLimitEngine } from './engine.js';

const LEAST_ARGUMENTS = 4;
const MOST_ARGUMENTS = 5;
const MICROS_PER_SECOND = 1_000_000;
const ZERO = 0x30;
/** 2^53 has sixteen digits. */
const FAST_DIGITS = 15;
/** Limits kept. Clients use a handful; who makes up new ones pays for each. */
const MOST_LIMITS = 1_024;

export function throttleCommand(engine: RespLimitEngine): RespCommand {
  const limits = new LimitsByNumbers();
  return {
    name: 'CL.THROTTLE',
    // As redis-cell registers it: a wrong number of arguments is answered with the usage.
    arity: -1,
    flags: ['write'],
    firstKey: 1,
    summary: 'Whether so much of a GCRA limit may be taken, in the form of redis-cell.',
    handle(_connection, args) {
      if (args.length < LEAST_ARGUMENTS || args.length > MOST_ARGUMENTS) return usage;
      const maxBurst = readInteger(args[1]);
      const count = readInteger(args[2]);
      const period = readInteger(args[3]);
      const cost = args.length === MOST_ARGUMENTS ? readInteger(args[4]) : 1;
      if (Number.isNaN(maxBurst + count + period + cost)) return firstUnreadable(args);
      if (count === 0 || period === 0) return zeroRate;
      const limit = limits.get(maxBurst + 1, count, period);
      const demands = [{ scope: '', key: keyFromBytes(args[0] ?? EMPTY), limit, cost }];
      const outcome = cost === 0 ? engine.limiter.peek(demands) : engine.check(demands);
      return outcome instanceof Promise ? outcome.then(reply) : reply(outcome);
    },
  };
}

const EMPTY = Buffer.alloc(0);

function reply({ allowed, blockedForUs, decisions: [decision] }: Outcome): number[] {
  if (decision === undefined) throw new TypeError('a check of one demand gave no decision');
  const { limit, remaining, retryAfterUs, resetAfterUs } = decision;
  const retry = allowed ? -1 : seconds(Math.max(retryAfterUs, blockedForUs));
  return [allowed ? 0 : 1, limit, remaining, retry, seconds(resetAfterUs)];
}

/** As redis-cell rounds: up to whole seconds, after what is below a millisecond has been left out. -1 for never. */
export function seconds(us: number): number {
  return us === Number.POSITIVE_INFINITY ? -1 : Math.ceil(Math.floor(us / 1_000) / 1_000);
}

/** A signed 64-bit integer; NaN for what is none. Beyond 2^53 it is not exact, and refused by whoever counts with it. */
function readInteger(bytes: Buffer | undefined): number {
  if (bytes === undefined || bytes.length === 0 || bytes.length > FAST_DIGITS) return readUnusual(bytes);
  let value = 0;
  for (let index = 0; index < bytes.length; index++) {
    const digit = (bytes[index] ?? 0) - ZERO;
    if (digit < 0 || digit > 9) return readUnusual(bytes);
    value = value * 10 + digit;
  }
  return value;
}

/** Signed, long, or no number. */
function readUnusual(bytes: Buffer | undefined): number {
  const text = bytes?.toString('latin1', 0, 64) ?? '';
  if (!/^[+-]?\d{1,40}$/.test(text)) return Number.NaN;
  const value = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? Number(value) : Number.NaN;
}

class LimitsByNumbers {
  readonly #limits = new Map<string, Limit>();
  /** Most clients ask for one limit over and over. */
  #last: Limit | undefined;
  #lastPeriod = Number.NaN;

  /** Errors: `limit.bad_rate`, `limit.bad_burst`. */
  get(burst: number, count: number, seconds: number): Limit {
    const last = this.#last;
    if (last !== undefined && last.burst === burst && last.count === count && this.#lastPeriod === seconds) return last;
    const name = `${burst} ${count} ${seconds}`;
    const limit = this.#limits.get(name) ?? this.#define(name, burst, count, seconds);
    this.#last = limit;
    this.#lastPeriod = seconds;
    return limit;
  }

  #define(name: string, burst: number, count: number, seconds: number): Limit {
    const limit = defineLimit({ algorithm: 'gcra', count, periodUs: seconds * MICROS_PER_SECOND, burst });
    if (this.#limits.size >= MOST_LIMITS) this.#limits.clear();
    this.#limits.set(name, limit);
    return limit;
  }
}

/** redis-cell's own texts. */
const cellError = (message: string): Reply => error('Cell', `error: Store error: ${message}`);
const usage = cellError('Usage: cl.throttle <key> <max_burst> <count per period> <period> [<quantity>]');
const zeroRate = cellError('Zero rates are not supported');

function firstUnreadable(args: readonly Buffer[]): Reply {
  const wrong = args.slice(1).find((arg) => Number.isNaN(readInteger(arg)));
  return cellError(`Couldn't parse as integer: ${wrong?.toString('utf8', 0, 64) ?? ''}`);
}

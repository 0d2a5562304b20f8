/**
 * The rate limiter's door: all that commands and other blocks may import.
 *
 * Light by construction: the SQLite store, the clients of a server and the policies are loaded when they are used, because
 * `ds limit check` is measured as a whole process.
 */
import type { Clock, Random } from '../../platform/clock.js';
import type { Block } from '../../platform/daemon/block.js';
import type { RateLimiter } from './limiter.js';

export { answerFields, answerRecord, answersOf, sayAnswer } from './answer.js';
export { countedKeys, type ExplainedKey, explainKey } from './known-keys.js';
export { type AlgorithmName, algorithmNames, formatRate, type Limit, MOST_COST } from './limit.js';
export type * from './limiter.js';
export { paceLines } from './line-flow.js';
export { sharedPace, steadyPace } from './pace.js';
export { MOST_POLICY_BYTES, type PolicyDescription } from './policy/policy.js';
export { limitOptions } from './server/options.js';
export { readLimit, readQueue } from './typed-limit.js';
export { readHeader, readPolicies } from './typed-policies.js';
export { takeWhenAllowed } from './waiting.js';
export { sayLimit, sayState, sayTime } from './words.js';

/** Where `ds limit serve` listens when it is not told, for hints. */
export const limitUrl = 'redis://127.0.0.1:6391';

/** The block as the catalogue has it, for `ds limit serve`. */
export async function loadBlock(): Promise<Block> {
  return (await import('./block.js')).block;
}

/** `ds limit test`: finds out what limit an endpoint enforces. */
export const loadTester = () => import('./tester/index.js');

/** Where the counts live: a SQLite file, or a server (`ds limit serve`, Redis, Valkey). */
export type LimiterTarget =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

/** What a limiter needs from outside. */
export interface LimiterContext {
  readonly clock: Clock;
  readonly random: Random;
}

export interface OpenOptions {
  /** See {@link LimiterStoreOptions.oneShot}; for commands that are measured as a whole process. */
  readonly oneShot?: boolean;
  /** Stops connecting. */
  readonly signal?: AbortSignal;
  /** Told what of the server's settings can lose counts. */
  readonly onNotice?: (text: string) => void;
}

async function openLimiter(
  target: LimiterTarget,
  { clock, random }: LimiterContext,
  { oneShot = false, signal, onNotice }: OpenOptions,
): Promise<RateLimiter> {
  if (target.kind === 'url') {
    const { openRemoteLimiter } = await import('./remote/index.js');
    const limiter = await openRemoteLimiter(target.url, { clock, random, ...(signal === undefined ? {} : { signal }) });
    if (onNotice !== undefined) limiter.notices.forEach(onNotice);
    return limiter;
  }
  const { openLimiterStore } = await import('./store.js');
  return openLimiterStore({ path: target.path, clock, random, oneShot });
}

/** Opens the file in this process or connects to the server, uses it and closes it, whatever happens in between. */
export async function withLimiter<T>(
  target: LimiterTarget,
  context: LimiterContext,
  use: (limiter: RateLimiter) => Promise<T>,
  options: OpenOptions = {},
): Promise<T> {
  const limiter = await openLimiter(target, context, options);
  try {
    return await use(limiter);
  } finally {
    await limiter.close();
  }
}

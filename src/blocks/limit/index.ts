/**
 * The rate limiter's door: all that commands and other blocks may import.
 *
 * Light by construction: the SQLite store, the clients of a server and the policies are loaded when they are used, because
 * `ds limit check` is measured as a whole process.
 */
import type { Clock, Random } from '../../platform/clock.js';
import type { Block } from '../../platform/daemon/block.js';
import { limitErrors } from './errors.js';
import { type AlgorithmName, defineLimit, type Limit, readAlgorithm, readRate } from './limit.js';
import type { Demand, KeyReport, Micros, RateLimiter } from './limiter.js';
import { queueOf } from './pace.js';
import type { PolicyDescription } from './policy/index.js';

export { answerFields, answerRecord, answersOf, sayAnswer } from './answer.js';
export { type AlgorithmName, algorithmNames, formatRate, hasBurst, type Limit, MOST_COST } from './limit.js';
export type * from './limiter.js';
export { paceLines } from './line-flow.js';
export { type Pace, sharedPace, steadyPace } from './pace.js';
export type { PolicyDescription } from './policy/index.js';
export { limitOptions } from './server/options.js';
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

/** A limit as it is typed. Errors: `limit.bad_rate`, `limit.bad_burst`, `limit.unknown_algorithm`. */
export interface TypedLimit {
  /** `5/min` */
  readonly rate: string;
  readonly burst?: number | undefined;
  /** Default: gcra. */
  readonly algorithm?: string | undefined;
}

export function readLimit({ rate, burst, algorithm = 'gcra' }: TypedLimit): Limit {
  const name: AlgorithmName = readAlgorithm(algorithm);
  return defineLimit({ algorithm: name, ...readRate(rate), ...(burst === undefined ? {} : { burst }) });
}

/** Of a policy file that are read: more than any that is accepted has. */
export const MOST_POLICY_BYTES = 4 * 1024 * 1024;

/** What a policy may look at, as it is typed. */
export interface TypedRequest {
  readonly path: string;
  readonly method: string;
  readonly host: string;
  /** `Name: value` */
  readonly headers: readonly string[];
  readonly client: string;
}

export interface ReadPolicies {
  readonly policies: readonly PolicyDescription[];
  /** What a request takes, of every policy that matches; empty where none does. */
  demandsOf(request: TypedRequest): Demand[];
}

/** Policies of a YAML text. Errors: `limit.bad_policy` with the line, `limit.bad_header` for a header without a colon. */
export async function readPolicies(text: string, filename: string): Promise<ReadPolicies> {
  const { demandsOf, describePolicies, parsePolicies } = await import('./policy/index.js');
  const set = parsePolicies(text, filename);
  return {
    policies: describePolicies(set),
    demandsOf({ headers, ...request }) {
      const fields = new Map(headers.map(readHeader));
      return demandsOf(set, { ...request, header: (name) => fields.get(name) });
    },
  };
}

/** `X-Api-Key: abc`; names in lower case. Error: `limit.bad_header`. */
export function readHeader(text: string): [name: string, value: string] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name.toLowerCase(), value.trimEnd()];
  throw limitErrors.error('limit.bad_header', `${JSON.stringify(text.slice(0, 64))} is not a header`, {
    hint: "write it as 'X-Api-Key: abc'",
  });
}

/** The queue that pipes share. Error: `limit.bad_rate`. */
export function readQueue(rate: string): Limit {
  return queueOf(readRate(rate));
}

/** One scope of a key, with its limit: as it was counted last, or as somebody asks for it. */
export interface CountedKey {
  readonly scope: string;
  readonly key: string;
  readonly limit: Limit;
}

/**
 * Where a key is counted: under the limit that is given, in the scope given or in '' (where keys that are just named are);
 * without a limit in every scope, or the one that is given, under the limits that are stored.
 * Error: `limit.rate_needed` when no limit is stored.
 */
export async function countedKeys(
  limiter: RateLimiter,
  key: string,
  { limit, scope }: { readonly limit?: Limit | undefined; readonly scope?: string | undefined },
): Promise<readonly CountedKey[]> {
  if (limit !== undefined) return [{ scope: scope ?? '', key, limit }];
  const { reports } = await limiter.inspect(key);
  const found = reports.filter((report) => scope === undefined || report.scope === scope);
  if (found.length > 0) return found.map((report) => ({ scope: report.scope, key, limit: report.limit }));
  throw limitErrors.error('limit.rate_needed', 'nothing is counted for this key, so its limit is not known', {
    hint: '--rate 5/min',
    details: { key },
  });
}

export interface ExplainedKey {
  readonly reports: readonly (KeyReport & {
    /** Until one more would be allowed, µs. */
    readonly nextUs: number;
  })[];
  readonly blockedUntilUs: Micros | undefined;
}

/** Everything that is known of a key. */
export async function explainKey(limiter: RateLimiter, key: string): Promise<ExplainedKey> {
  const { reports, blockedUntilUs } = await limiter.inspect(key);
  if (reports.length === 0) return { reports: [], blockedUntilUs };
  const nexts: number[] = [];
  for (const { scope, limit } of reports) {
    const { decisions } = await limiter.peek([{ scope, key, limit, cost: 1 }]);
    nexts.push(decisions[0]?.retryAfterUs ?? 0);
  }
  return { reports: reports.map((report, i) => ({ ...report, nextUs: nexts[i] ?? 0 })), blockedUntilUs };
}

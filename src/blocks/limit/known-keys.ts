/** What a limiter knows of a key: under which limits it is counted, and why it is limited. */
import { limitErrors } from './errors.js';
import type { Limit } from './limit.js';
import type { KeyReport, Micros, RateLimiter } from './limiter.js';

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
    hint: 'say the limit: --rate 5/min',
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

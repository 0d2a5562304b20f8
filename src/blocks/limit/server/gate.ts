/**
 * Whether a request may pass, for /auth and the proxy: the policies are asked, and the answer's header fields made.
 *
 *     demands of the policies ──▶ check ──refused──▶ 429, problem+json, Retry-After
 *                                   │ allowed
 *                                   ▼
 *                      a leaky bucket says: wait ──longer than LONGEST_DELAY_MS──▶ given back, 429
 *                                   │
 *                                   ▼ its turn
 *                                 passes
 */
import { limitErrors } from '../errors.js';
import { formatRate } from '../limit.js';
import type { Decision, Demand, Outcome } from '../limiter.js';
import { demandsOf, type PolicyRequest } from '../policy/index.js';
import { rateLimitFields } from '../ratelimit-fields.js';
import { retryAfterUs } from '../waiting.js';
import type { LimitEngine } from './engine.js';

export interface Verdict {
  readonly allowed: boolean;
  /** Header fields of the answer, lower-case names. */
  readonly fields: Readonly<Record<string, string>>;
  /** application/problem+json of a refusal. */
  readonly problem?: string;
  /** Gives the places of concurrency limits back; the request has ended. */
  release(): Promise<void>;
}

/** How long a request is held at most until its turn in a leaky bucket; one that would wait longer is refused. */
export const LONGEST_DELAY_MS = 60_000;

/** Errors: `limit.no_policy`, and the store's. Rejects with the signal's reason when it aborts during a delay. */
export async function askPolicies(engine: LimitEngine, request: PolicyRequest, signal: AbortSignal): Promise<Verdict> {
  if (engine.policies === undefined) {
    throw limitErrors.error('limit.no_policy', 'there are no policies to apply', {
      hint: 'ds limit serve --policy FILE',
    });
  }
  const demands = demandsOf(engine.policies, request);
  if (demands.length === 0) return { allowed: true, fields: {}, release: async () => {} };
  const outcome = await engine.check(demands);
  const settled = outcome.allowed ? await waitForTurn(engine, demands, outcome, signal) : outcome;
  return {
    allowed: settled.allowed,
    fields: fieldsOf(engine, demands, settled),
    ...(!settled.allowed && { problem: JSON.stringify(problemOf(demands, settled)) }),
    release: () => giveBack(engine, demands, settled, (decision) => decision.lease !== undefined),
  };
}

async function waitForTurn(
  engine: LimitEngine,
  demands: readonly Demand[],
  outcome: Outcome,
  signal: AbortSignal,
): Promise<Outcome> {
  const delayUs = delayOf(demands, outcome);
  if (delayUs === 0) return outcome;
  if (delayUs <= LONGEST_DELAY_MS * 1000) {
    try {
      await engine.clock.sleep(Math.ceil(delayUs / 1000), AbortSignal.any([signal, engine.stopping]));
      return outcome;
    } catch (gone) {
      // Its turn passes unused: those behind it have been told theirs. A place among others is free at once.
      await giveBack(engine, demands, outcome, (decision) => decision.lease !== undefined);
      throw gone;
    }
  }
  await giveBack(engine, demands, outcome, () => true);
  const decisions = outcome.decisions.map((decision) =>
    decision.delayUs > LONGEST_DELAY_MS * 1000
      ? { ...decision, allowed: false, retryAfterUs: decision.delayUs, delayUs: 0 }
      : decision,
  );
  return { ...outcome, allowed: false, decisions };
}

/** The longest wait that any limit asks for; a shadow asks in vain. */
export function delayOf(demands: readonly Demand[], { decisions }: Outcome): number {
  return Math.max(0, ...decisions.filter((_, index) => demands[index]?.shadow !== true).map(({ delayUs }) => delayUs));
}

async function giveBack(
  { limiter }: LimitEngine,
  demands: readonly Demand[],
  { decisions }: Outcome,
  which: (decision: Decision) => boolean,
): Promise<void> {
  for (const [index, { scope, key, limit, cost }] of demands.entries()) {
    const decision = decisions[index];
    if (decision === undefined || !decision.allowed || !which(decision)) continue;
    const { lease } = decision;
    await limiter.refund({ scope, key, limit, cost, ...(lease !== undefined && { lease }) });
  }
}

/** Shadows are not told to clients, who would keep to them. */
export function fieldsOf(
  { legacyHeaders }: LimitEngine,
  demands: readonly Demand[],
  { allowed, blockedForUs, decisions }: Outcome,
): Record<string, string> {
  const told = demands.flatMap(({ scope, limit, shadow }, index) => {
    const decision = decisions[index];
    return decision === undefined || shadow === true ? [] : [{ name: scope, limit, decision }];
  });
  return rateLimitFields(told, { legacy: legacyHeaders, blockedForUs, refused: !allowed });
}

/** The problem type of draft-ietf-httpapi-ratelimit-headers-11, section 5. */
export function problemOf(demands: readonly Demand[], outcome: Outcome) {
  const refusing = demands.filter(
    ({ shadow }, index) => shadow !== true && outcome.decisions[index]?.allowed === false,
  );
  const us = retryAfterUs(outcome, demands);
  const limits = refusing.map(({ scope, limit }) => `${scope === '' ? 'the limit' : scope} of ${formatRate(limit)}`);
  return {
    type: 'https://iana.org/assignments/http-problem-types#quota-exceeded',
    title: 'Request cannot be satisfied as assigned quota has been exceeded',
    status: 429,
    detail: outcome.blockedForUs > 0 ? 'the key is blocked' : `${limits.join(', ')} is used up`,
    'violated-policies': refusing.map(({ scope }) => scope),
    retry_after_ms: us === Number.POSITIVE_INFINITY ? null : us / 1000,
  };
}

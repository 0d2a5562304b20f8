/** Outcomes and decisions as arrays of integers, the way the hot path wants them. -1 stands for never, and for no lease. */
import type { Reply } from '../../../platform/protocol/resp/reply.js';
import { readList, readNumber, unexpected, type WireReply } from '../../../platform/protocol/resp-client/values.js';
import type { Decision, Outcome } from '../limiter.js';

const NONE = -1;

export function encodeDecision(decision: Decision): number[] {
  const { allowed, limit, remaining, retryAfterUs, resetAfterUs, delayUs, lease = NONE } = decision;
  const retry = retryAfterUs === Number.POSITIVE_INFINITY ? NONE : retryAfterUs;
  return [allowed ? 1 : 0, limit, remaining, retry, resetAfterUs, delayUs, lease];
}

export function decodeDecision(reply: WireReply): Decision {
  const numbers = readList(reply, 'decision').map((item) => readNumber(item, 'decision'));
  const [allowed, limit, remaining, retry, resetAfterUs, delayUs, lease] = numbers;
  if (
    limit === undefined ||
    remaining === undefined ||
    retry === undefined ||
    resetAfterUs === undefined ||
    delayUs === undefined ||
    lease === undefined
  ) {
    throw unexpected('decision', reply);
  }
  return {
    allowed: allowed === 1,
    limit,
    remaining,
    retryAfterUs: retry === NONE ? Number.POSITIVE_INFINITY : retry,
    resetAfterUs,
    delayUs,
    ...(lease === NONE ? {} : { lease }),
  };
}

export function encodeOutcome({ allowed, blockedForUs, decisions }: Outcome): Reply {
  return [allowed ? 1 : 0, blockedForUs, ...decisions.map(encodeDecision)];
}

export function decodeOutcome(reply: WireReply): Outcome {
  const [allowed = null, blockedFor = null, ...decisions] = readList(reply, 'outcome');
  return {
    allowed: readNumber(allowed, 'outcome.allowed') === 1,
    blockedForUs: readNumber(blockedFor, 'outcome.blocked_for_us'),
    decisions: decisions.map(decodeDecision),
  };
}

/**
 * Waiting for a limit: asks, sleeps until it may be its turn, looks, and asks again.
 *
 *     check ──allowed──▶ (leaky bucket: wait out the delay) ──▶ done
 *       │ refused                                    ▲
 *       ▼                                            │ allowed
 *     sleep retry-after + jitter ──▶ peek ──allowed──▶ check
 *       ▲                             │ refused        │ refused: somebody was quicker
 *       └─────────────────────────────┴────────────────┘ the jitter doubles
 *
 * Many may wait for one slot. Who wakes up looks before asking, which writes nothing, and the time over which the losers
 * spread their next look doubles each time. Nobody holds a place meanwhile: who comes first after the slot has opened
 * gets it. Whoever wants to be served in the order of coming takes a leaky bucket, whose places are given at once.
 */
import { type Clock, fraction, type Random } from '../../platform/clock.js';
import type { Demand, Outcome, RateLimiter } from './limiter.js';

export interface Waiting {
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
  /** Milliseconds; Infinity for as long as it takes. */
  readonly timeoutMs: number;
  /** Told before each sleep how long the wait may take yet, µs. */
  readonly onWait?: (us: number) => void;
}

/** Spread of the first look after a refusal, milliseconds; less where the limit's slots come faster. */
const FIRST_JITTER_MS = 20;
const MOST_JITTER_MS = 1_000;
/** So long at most until the next look, milliseconds: a reset, a refund or a lifted block is noticed after it. */
const LONGEST_SLEEP_MS = 5_000;
/** A lease may be given back at any time, so that waiters look this often, milliseconds: at first, and at most. */
const FIRST_POLL_MS = 25;
const SLOWEST_POLL_MS = 500;

/** Until the demands of this outcome would all be allowed, µs; 0 when they are, Infinity for never. */
export function retryAfterUs({ blockedForUs, decisions }: Outcome, demands: readonly Pick<Demand, 'shadow'>[]): number {
  const waits = decisions.filter((_, i) => demands[i]?.shadow !== true).map((decision) => decision.retryAfterUs);
  return Math.max(blockedForUs, ...waits);
}

/**
 * Takes the demand as soon as the limit allows it; a leaky bucket's delay is waited out, too. Resolves to a refusal when
 * the time would not suffice, or never will. Rejects with the signal's reason; what was taken is then given back.
 */
export async function takeWhenAllowed(limiter: RateLimiter, demand: Demand, waiting: Waiting): Promise<Outcome> {
  const { clock, signal } = waiting;
  const deadline = clock.monotonic() + waiting.timeoutMs;
  let outcome = await limiter.check([demand]);
  for (let looks = 0, lost = 0; !outcome.allowed; looks++) {
    const wait = retryAfterUs(outcome, [demand]) / 1000;
    const left = deadline - clock.monotonic();
    // A place may be given back before its lease ends; everything else comes no sooner than it says.
    const isFirm = demand.limit.algorithm !== 'concurrency' || outcome.blockedForUs > 0;
    if (wait === Number.POSITIVE_INFINITY || left <= 0 || (isFirm && wait > left)) return outcome;
    const sleep = isFirm ? wait + jitterMs(demand, lost, waiting.random) : pollMs(wait, looks, waiting.random);
    if (isFirm && sleep <= LONGEST_SLEEP_MS) lost++;
    waiting.onWait?.(wait * 1000);
    await clock.sleep(Math.min(Math.ceil(Math.min(sleep, LONGEST_SLEEP_MS)), Math.max(1, Math.ceil(left))), signal);
    outcome = await limiter.peek([demand]);
    if (outcome.allowed) outcome = await limiter.check([demand]);
  }
  return waitOutDelay(limiter, demand, outcome, deadline, waiting);
}

/** A leaky bucket has given a place in its queue; now until its turn. */
async function waitOutDelay(
  limiter: RateLimiter,
  demand: Demand,
  outcome: Outcome,
  deadline: number,
  { clock, signal, onWait }: Waiting,
): Promise<Outcome> {
  const [decision] = outcome.decisions;
  if (decision === undefined || decision.delayUs === 0) return outcome;
  const delayMs = Math.ceil(decision.delayUs / 1000);
  if (delayMs > deadline - clock.monotonic()) {
    const { remaining, resetAfterUs } = await limiter.refund(demand);
    const refused = {
      ...decision,
      allowed: false,
      remaining,
      resetAfterUs,
      retryAfterUs: decision.delayUs,
      delayUs: 0,
    };
    return { ...outcome, allowed: false, decisions: [refused] };
  }
  onWait?.(decision.delayUs);
  try {
    await clock.sleep(delayMs, signal);
  } catch (interruption) {
    await limiter.refund(demand);
    throw interruption;
  }
  return outcome;
}

function jitterMs({ limit }: Demand, lost: number, random: Random): number {
  const slotMs = limit.periodUs / limit.count / 1000;
  return fraction(random) * Math.min(MOST_JITTER_MS, Math.min(FIRST_JITTER_MS, slotMs) * 2 ** lost);
}

function pollMs(waitMs: number, looks: number, random: Random): number {
  const pause = Math.min(SLOWEST_POLL_MS, FIRST_POLL_MS * 2 ** looks);
  return Math.min(waitMs, pause * (0.5 + fraction(random)));
}

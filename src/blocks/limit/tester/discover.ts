/**
 * The order of the discovery, from idle:
 *
 *     one request ──▶ one after another ──refused──▶ rate.ts
 *                          │        └──answers come later and later──▶ queue.ts ──(the server is only slow)──┐
 *                          ▼ none refused                                                                    │
 *                     at once: 4, 8, 16 … ──refused, and the next one alone is not──▶ concurrency.ts ──no──┐ │
 *                          ▲        └──refused, and still so──▶ rate.ts ◀───────────────────────────────────┘ │
 *                          └───────────────────────────────────────────────────────────────────────────────────┘
 *                          ▼ none refused: nothing found
 */
import { discoverConcurrency } from './concurrency.js';
import type { Discovery } from './finding.js';
import { discoverQueue, staircase } from './queue.js';
import { discoverRate, type Expected, type Tell } from './rate.js';
import { isCutShort, latencyOf, median, type Session } from './session.js';
import { temper } from './temper.js';

/** One after another, so many at most, and so long. */
const SEQUENTIAL = 200;
const SEQUENTIAL_MS = 3_000;
const MOST_AT_ONCE = 64;
const SETTLES_MS = 30;
/** Of the budgets: what may be spent before something is refused. */
const OPENING_SHARE = 0.6;

/** `expected`: what the server's answers have said by the time something is refused. */
export async function discover(
  session: Session,
  tell: Tell,
  expected?: () => Expected | undefined,
): Promise<Discovery> {
  try {
    return temper(await open(session, tell, () => expected?.()), session);
  } catch (error) {
    if (!isCutShort(error)) throw error;
    return nothingFound(session, error.message);
  }
}

async function open(session: Session, tell: Tell, expected: () => Expected | undefined): Promise<Discovery> {
  tell('a first request');
  const first = await session.one();
  if (!first.accepted) return discoverRate(session, tell);
  tell('one after another');
  let met = await oneAfterAnother(session, true);
  if (met === 'delayed') {
    const queue = await discoverQueue(session, tell);
    if (queue !== undefined) return queue;
    met = await oneAfterAnother(session, false);
  }
  if (met === 'refused') return discoverRate(session, tell, expected());
  tell('many at once');
  return (await manyAtOnce(session, tell)) ?? nothingFound(session, undefined);
}

/**
 * In a queue each request waits for the one before it: so many in a row are later than the quickest by so much, and all by
 * about the same. A machine that is busy with something else makes answers late, too, but not alike.
 */
const DELAYED_IN_A_ROW = 6;
const DELAYED_BY_MS = 8;
const ALIKE = 0.35;

async function oneAfterAnother(session: Session, looksForQueue: boolean): Promise<'refused' | 'delayed' | 'none'> {
  const until = session.nowMs + Math.min(SEQUENTIAL_MS, session.options.maxTimeMs / 4);
  const most = Math.min(SEQUENTIAL, session.options.maxRequests * OPENING_SHARE);
  for (let sent = 0; sent < most && session.nowMs < until; sent++) {
    if (!(await session.one()).accepted) return 'refused';
    if (looksForQueue && areDelayed(session.observations.map(latencyOf))) return 'delayed';
  }
  return 'none';
}

function areDelayed(latencies: readonly number[]): boolean {
  const last = latencies.slice(-DELAYED_IN_A_ROW);
  const late = Math.min(...latencies) * 2 + DELAYED_BY_MS;
  if (last.length < DELAYED_IN_A_ROW || last.some((latency) => latency < late)) return false;
  const middle = median(last);
  return last.filter((latency) => Math.abs(latency - middle) <= middle * ALIKE).length >= DELAYED_IN_A_ROW - 1;
}

async function manyAtOnce(session: Session, tell: Tell): Promise<Discovery | undefined> {
  const most = session.options.maxRequests * OPENING_SHARE;
  const until = session.options.maxTimeMs * OPENING_SHARE;
  for (let together = 4; session.requests + together <= most && session.nowMs < until; ) {
    const seen = await session.parallel(together);
    const accepted = seen.filter((one) => one.accepted).length;
    if (accepted < together) {
      session.concurrency = Math.min(16, together);
      const step = staircase(seen);
      if (step !== undefined) {
        const queue = await discoverQueue(session, tell, step);
        if (queue !== undefined) return queue;
      }
      // A place in flight may be given back a moment after the answer.
      await session.wait(SETTLES_MS);
      const alone = await session.one();
      const concurrency = alone.accepted ? await discoverConcurrency(session, accepted, tell) : undefined;
      if (concurrency !== undefined) return concurrency;
      await session.untilRefused(session.requestsLeft / 2);
      return discoverRate(session, tell);
    }
    session.checkLatency(seen.map(latencyOf));
    together = Math.min(MOST_AT_ONCE, together * 2);
  }
  return undefined;
}

function nothingFound(session: Session, cutShort: string | undefined): Discovery {
  const { observations } = session;
  const seconds = ((observations.at(-1)?.receivedMs ?? 0) - (observations[0]?.sentMs ?? 0)) / 1000;
  const refused = observations.filter(({ accepted }) => !accepted).length;
  return {
    confidence: 'low',
    mispredicted: 0,
    rivals: [],
    ...(cutShort === undefined ? {} : { cutShort }),
    summary: `${observations.length} requests in ${seconds.toFixed(1)} s, ${refused === 0 ? 'none' : refused} refused`,
  };
}

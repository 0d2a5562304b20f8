/**
 * A limit that makes its callers wait: a leaky bucket as a queue. Requests that come at once are answered one interval
 * after another, and what finds the queue full is refused. A server that is merely slow takes its time over a request from
 * idle, too; a queue does not: that tells them apart.
 */
import type { Discovery, Interval } from './finding.js';
import type { Observation } from './observation.js';
import type { Tell } from './rate.js';
import { BudgetSpent, latencyOf, median, type Session } from './session.js';
import { simplestStep } from './simplest.js';

const FIRST_BATCH = 4;
const MOST_AT_ONCE = 128;
/** A batch may take at most so long to be answered: milliseconds. */
const LONGEST_BATCH_MS = 15_000;
/** Answers of a full queue that are measured, at least. */
const ENOUGH = 24;

/** Undefined: the server is slow, and no queue. */
export async function discoverQueue(session: Session, tell: Tell): Promise<Discovery | undefined> {
  tell('answers come late: a queue, or a slow server?');
  const waited = Math.max(...session.observations.slice(-4).map(latencyOf));
  await session.wait(waited * 3 + 100);
  const fromIdle = await session.one();
  if (latencyOf(fromIdle) > waited * 0.6) return undefined;
  tell('filling the queue');
  const intervals: Interval[] = [];
  let places: Interval | undefined;
  let cutShort: string | undefined;
  try {
    let interval = waited;
    for (let together = FIRST_BATCH; together <= MOST_AT_ONCE; ) {
      await session.wait(interval * 3 + 20);
      const batch = await session.parallel(together);
      const measured = intervalOf(batch);
      if (measured !== undefined) intervals.push(measured);
      interval = measured?.value ?? interval;
      const accepted = batch.filter((one) => one.accepted);
      if (accepted.length < together) {
        const found = placesOf(batch, interval);
        places =
          places === undefined
            ? found
            : {
                value: Math.min(places.value, found.value),
                low: Math.max(places.low, found.low),
                high: Math.min(places.high, found.high),
              };
        if (intervals.length >= 3 || accepted.length * intervals.length >= ENOUGH) break;
        together = accepted.length + 3;
      } else together *= 2;
      if (together * interval > Math.min(LONGEST_BATCH_MS, session.timeLeftMs / 3)) break;
    }
  } catch (error) {
    if (!(error instanceof BudgetSpent)) throw error;
    cutShort = error.message;
  }
  return report(session, intervals, places, cutShort);
}

function report(
  session: Session,
  intervals: readonly Interval[],
  places: Interval | undefined,
  cutShort: string | undefined,
): Discovery | undefined {
  const low = Math.max(...intervals.map((interval) => interval.low));
  const high = Math.min(...intervals.map((interval) => interval.high));
  const best = [...intervals].sort((a, b) => a.high / a.low - b.high / b.low)[0];
  if (best === undefined) return undefined;
  const [from, to] = low <= high ? [low, high] : [best.low, best.high];
  const most = Math.max(...session.observations.map((_, i, all) => waitingAt(all, i)));
  return {
    finding: {
      family: 'queue',
      periodMs: { value: simplestStep(from, to), low: from, high: to },
      limit: places ?? { value: most, low: most, high: Number.POSITIVE_INFINITY },
      ...(places === undefined ? { unbounded: true } : {}),
    },
    confidence: low <= high && intervals.length > 1 ? 'high' : 'medium',
    mispredicted: 0,
    rivals: [],
    ...(cutShort === undefined ? {} : { cutShort }),
    summary: '',
  };
}

/** From the last answers of a batch: the first is let through at once, and the second may be nearer to it. */
function intervalOf(batch: readonly Observation[]): Interval | undefined {
  const answers = batch
    .filter(({ accepted }) => accepted)
    .map(({ receivedMs }) => receivedMs)
    .sort((a, b) => a - b);
  const [, second] = answers;
  const last = answers.at(-1);
  if (second === undefined || last === undefined || answers.length < 4) return undefined;
  const gaps = answers.length - 2;
  const value = (last - second) / gaps;
  const wobble = median(answers.slice(1).map((at, i) => Math.abs(at - (second + value * i)))) * 2 + 2;
  return { value, low: Math.max(0.1, (last - second - wobble) / gaps), high: (last - second + wobble) / gaps };
}

/** Those that were let in before the first left, the one that was let through at once included. */
function placesOf(batch: readonly Observation[], intervalMs: number): Interval {
  const accepted = batch.filter((one) => one.accepted).length;
  const spread = Math.max(...batch.map(({ sentMs }) => sentMs)) - Math.min(...batch.map(({ sentMs }) => sentMs));
  const left = Math.floor(spread / Math.max(1, intervalMs));
  return { value: accepted, low: Math.max(1, accepted - left), high: accepted };
}

/** Requests that were in the queue when this one was sent, itself included. */
function waitingAt(all: readonly Observation[], index: number): number {
  const at = all[index]?.sentMs ?? 0;
  return all.filter(({ accepted, sentMs, receivedMs }) => accepted && sentMs <= at && receivedMs > at).length;
}

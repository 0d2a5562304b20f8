/**
 * A limit that makes its callers wait: a leaky bucket as a queue. Requests that come at once are answered one interval
 * after another, and what finds the queue full is refused. A server that is merely slow takes its time over a request from
 * idle, too; a queue does not: that tells them apart.
 */
import type { Discovery, Interval } from './finding.js';
import { BucketModel } from './models/bucket.js';
import type { Observation } from './observation.js';
import type { Tell } from './rate.js';
import { isCutShort, latencyOf, median, type Session } from './session.js';
import { simplestStep } from './simplest.js';
import { CLOCK_SLACK_MS, lossOf } from './trace.js';

const FIRST_BATCH = 4;
const MOST_AT_ONCE = 128;
/** A batch may take at most so long to be answered: milliseconds. */
const LONGEST_BATCH_MS = 15_000;
/** Looks at an idle server, since any one may be disturbed. */
const IDLE_TRIES = 4;
/** Answers of a full queue that are measured, at least. */
const ENOUGH = 24;
/** Answers, and milliseconds, over which the interval is measured at last. */
const STREAM = 60;
const STREAM_MS = 2_500;
/** Known well enough: natural logarithm of longest to shortest. */
const NARROW = 0.06;
/** Requests that were let in or refused otherwise than the places would have it. */
const WELL_EXPLAINED = 0.75;

/**
 * The interval between the answers of a batch when they come one after another, evenly: the last one waits for all the others.
 * What was in flight together for the same work is answered together, and is no staircase.
 */
export function staircase(batch: readonly Observation[]): number | undefined {
  const passed = batch.filter(({ accepted }) => accepted);
  const measured = intervalOf(batch);
  if (measured === undefined || measured.high > measured.value * 1.5) return undefined;
  const latencies = passed.map(latencyOf);
  const [quickest, slowest] = [Math.min(...latencies), Math.max(...latencies)];
  const stairs = measured.value * measured.gaps;
  return stairs > slowest * 0.5 && slowest > quickest * 2 && measured.value > LEAST_STEP_MS
    ? measured.value
    : undefined;
}

/** Milliseconds: a server that works on one after another has steps, too, but small ones. */
const LEAST_STEP_MS = 4;

/**
 * Undefined: the server is slow, and no queue. `step`: the interval that a staircase of answers has shown already, with some
 * refused: then it is a queue, however long it works on each.
 */
export async function discoverQueue(session: Session, tell: Tell, step?: number): Promise<Discovery | undefined> {
  tell('answers come late: a queue, or a slow server?');
  const waited = step ?? median(session.observations.slice(-5).map(latencyOf));
  if (step === undefined && (await isSlow(session, waited))) return undefined;
  return fill(session, tell, waited);
}

async function isSlow(session: Session, waited: number): Promise<boolean> {
  await session.wait(waited * 3 + 100);
  let fromIdle = Number.POSITIVE_INFINITY;
  for (let tries = 0; tries < IDLE_TRIES && fromIdle > waited * 0.5; tries++) {
    if (tries > 0) await session.wait(waited * 3 + 100);
    fromIdle = latencyOf(await session.one());
  }
  return fromIdle > waited * 0.5;
}

async function fill(session: Session, tell: Tell, waited: number): Promise<Discovery | undefined> {
  tell('filling the queue');
  const intervals: Measured[] = [];
  let full = false;
  let cutShort: string | undefined;
  try {
    let interval = waited;
    for (let together = FIRST_BATCH; together <= MOST_AT_ONCE; ) {
      await session.wait(interval * 3 + 20);
      const batch = await session.parallel(together);
      const measured = intervalOf(batch);
      if (measured !== undefined) intervals.push(measured);
      interval = measured?.value ?? interval;
      const accepted = batch.filter((one) => one.accepted).length;
      if (accepted < together) {
        full = true;
        if (intervals.length >= 4 || accepted * intervals.length >= ENOUGH) break;
        together = accepted + 3;
      } else together *= 2;
      if (together * interval > Math.min(LONGEST_BATCH_MS, session.timeLeftMs / 3)) break;
    }
    const streamed = await stream(session, bestOf(intervals)?.value ?? waited);
    if (streamed !== undefined) intervals.push(streamed);
  } catch (error) {
    if (!isCutShort(error)) throw error;
    cutShort = error.message;
  }
  // One after another they waited for a whole interval each; what does not fit to that was a coincidence.
  const best = bestOf(intervals);
  if (best === undefined || Math.abs(best.value / waited - 1) > 0.35) return undefined;
  return report(session, intervals, best, full, cutShort);
}

/** A few always wait: the longer that lasts, the less a single late answer matters. */
async function stream(session: Session, interval: number): Promise<Measured | undefined> {
  const count = Math.min(STREAM, Math.floor(STREAM_MS / interval), session.requestsLeft);
  if (count < ENOUGH / 2) return undefined;
  await session.wait(interval * 3 + 20);
  const most = Math.max(2, ...session.observations.map((_, i, all) => waitingAt(all, i)));
  return intervalOf(await session.stream(count, Math.min(6, most - 1)));
}

/** The one with the most answers counts. */
const bestOf = (intervals: readonly Measured[]): Measured | undefined =>
  [...intervals].sort((a, b) => b.gaps - a.gaps || a.high / a.low - b.high / b.low)[0];

function report(
  session: Session,
  intervals: readonly Measured[],
  best: Measured,
  full: boolean,
  cutShort: string | undefined,
): Discovery {
  const agreeing = intervals.filter(({ low, high }) => low <= best.high && high >= best.low);
  const from = Math.max(...agreeing.map(({ low }) => low));
  const to = Math.min(...agreeing.map(({ high }) => high));
  const [low, high] = from <= to ? [from, to] : [best.low, best.high];
  const most = Math.max(...session.observations.map((_, i, all) => waitingAt(all, i)));
  const places = full ? placesOf(session.observations, best.value) : undefined;
  const loss = places?.loss ?? 0;
  const clear = agreeing.length > intervals.length / 2 && Math.log(high / low) < NARROW && loss < WELL_EXPLAINED;
  return {
    finding: {
      family: 'queue',
      periodMs: { value: simplestStep(low, high), low, high },
      limit:
        places === undefined
          ? { value: most, low: most, high: Number.POSITIVE_INFINITY }
          : { value: places.value, low: places.low, high: places.high },
      ...(places === undefined ? { unbounded: true } : {}),
    },
    confidence: clear ? 'high' : 'medium',
    mispredicted: Math.round(loss * 10) / 10,
    rivals: [],
    ...(cutShort === undefined ? {} : { cutShort }),
    summary: '',
  };
}

interface Measured extends Interval {
  readonly gaps: number;
}

/** From the answers of a batch: the first is let through at once, and the second may be nearer to it. */
function intervalOf(batch: readonly Observation[]): Measured | undefined {
  const answers = batch
    .filter(({ accepted }) => accepted)
    .map(({ receivedMs }) => receivedMs)
    .sort((a, b) => a - b)
    .slice(1);
  if (answers.length < 3) return undefined;
  const gaps = answers.length - 1;
  // The median slope of all pairs that lie far enough apart (Theil and Sen): one late answer changes nothing.
  const slopes: number[] = [];
  for (let i = 0; i < gaps; i++) {
    for (let j = i + Math.ceil(gaps / 2); j <= gaps; j++)
      slopes.push(((answers[j] ?? 0) - (answers[i] ?? 0)) / (j - i));
  }
  const value = median(slopes);
  const start = median(answers.map((at, i) => at - value * i));
  const wobble = median(answers.map((at, i) => Math.abs(at - start - value * i))) * 2 + 1.5;
  return { gaps, value, low: Math.max(0.1, value - wobble / gaps), high: value + wobble / gaps };
}

/** A queue lets in as a bucket does with its interval: the burst that explains best who was let in is its places. */
function placesOf(observations: readonly Observation[], periodMs: number): Interval & { readonly loss: number } {
  const quick = median(observations.filter(({ accepted }) => !accepted).map(latencyOf));
  const originMs = observations[0]?.sentMs ?? 0;
  // They arrive in the order they were sent in, whenever each is answered.
  const arrivals = observations.map(({ sentMs, receivedMs, accepted }) => ({
    at: sentMs - originMs + quick / 2,
    slack: Math.max(quick, accepted ? 0 : receivedMs - sentMs) / 2 + CLOCK_SLACK_MS,
    accepted,
  }));
  const losses = Array.from({ length: MOST_AT_ONCE }, (_, i) => {
    const model = new BucketModel({ count: i + 1, periodMs, phase: 0 });
    return lossOf(model, arrivals, periodMs, { share: 0.5, most: Number.POSITIVE_INFINITY });
  });
  const least = Math.min(...losses);
  const good = losses.flatMap((loss, i) => (loss <= least + 0.25 ? [i + 1] : []));
  return { value: losses.indexOf(least) + 1, low: Math.min(...good), high: Math.max(...good), loss: least };
}

/** Requests that were in the queue when this one was sent, itself included. */
function waitingAt(all: readonly Observation[], index: number): number {
  const at = all[index]?.sentMs ?? 0;
  return all.filter(({ accepted, sentMs, receivedMs }) => accepted && sentMs <= at && receivedMs > at).length;
}

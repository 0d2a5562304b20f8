/**
 * A limit on how many are in flight: only parallel requests are refused, whatever the rate. Batches follow one another at
 * once. A limit on the rate lets fewer through each time; a limit on concurrency lets the same number through again.
 */
import type { Discovery } from './finding.js';
import type { Observation } from './observation.js';
import { discoverQueue, staircase } from './queue.js';
import type { Tell } from './rate.js';
import { latencyOf, median, type Session } from './session.js';

const BATCHES = 4;
/** Milliseconds: a place may be given back a moment after the answer. */
const SETTLES_MS = 30;

/** Undefined: it is not that. `accepted`: of the batch in which some were refused for the first time. */
export async function discoverConcurrency(
  session: Session,
  accepted: number,
  tell: Tell,
): Promise<Discovery | undefined> {
  tell('only at once refused: in flight, or by rate?');
  let held = 0;
  const steps: number[] = [];
  for (let batch = 0; batch < BATCHES; batch++) {
    await session.wait(SETTLES_MS);
    const seen = await session.parallel(accepted + 4);
    const passed = seen.filter((one) => one.accepted);
    held = median(passed.map(latencyOf));
    const step = staircase(seen);
    if (step !== undefined) steps.push(step);
    if (passed.length < accepted * 0.6) return undefined;
    await session.wait(SETTLES_MS);
    if (!(await session.one()).accepted) return undefined;
  }
  // Once may be an accident; what comes one after another most of the time stands in a queue.
  if (steps.length * 2 > BATCHES) return discoverQueue(session, tell, median(steps));
  const { low, high } = inFlight(session.observations);
  if (high < 1) return undefined;
  const value = Math.min(low, high);
  return {
    finding: { family: 'concurrency', limit: { value, low: Math.min(low, high), high: Math.max(low, high) } },
    confidence:
      low === high && steps.length === 0 ? 'high' : Math.abs(high - low) <= Math.max(1, low * 0.1) ? 'medium' : 'low',
    mispredicted: Math.max(0, low - high),
    rivals: [],
    summary: `each is in flight for ${Math.round(held)} ms`,
  };
}

/**
 * How many places there are. Who is let in finds a place free: certainly more than those in flight all that time. Who is
 * refused finds none: at most those in flight at some moment of it.
 */
function inFlight(observations: readonly Observation[]): { readonly low: number; readonly high: number } {
  const passed = observations.filter(({ accepted }) => accepted);
  const quick = median(observations.filter(({ accepted }) => !accepted).map(latencyOf));
  let low = 0;
  const mosts: number[] = [];
  for (const one of observations) {
    // It was judged soon after it was sent: as soon as others are refused, or later by as much again.
    const judgedBy = Math.min(one.receivedMs, one.sentMs + quick * 2 + 2);
    const others = passed.filter((other) => other !== one);
    if (one.accepted) {
      const surely = others.filter(
        (other) => other.sentMs + quick * 2 + 2 < one.sentMs && other.receivedMs - quick > judgedBy,
      );
      low = Math.max(low, surely.length + 1);
    } else mosts.push(others.filter((other) => other.sentMs < one.receivedMs && other.receivedMs > one.sentMs).length);
  }
  const most = median(mosts);
  return { low: Math.max(low, Math.min(most, ...mosts.filter((count) => count >= low))), high: most };
}

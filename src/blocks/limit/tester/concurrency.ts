/**
 * A limit on how many are in flight: only parallel requests are refused, whatever the rate. Batches follow one another at
 * once. A limit on the rate lets fewer through each time; a limit on concurrency lets the same number through again.
 */
import type { Discovery } from './finding.js';
import type { Observation } from './observation.js';
import type { Tell } from './rate.js';
import { latencyOf, median, type Session } from './session.js';

const BATCHES = 4;

/** Undefined: it is not that. `accepted`: of the batch in which some were refused for the first time. */
export async function discoverConcurrency(
  session: Session,
  accepted: number,
  tell: Tell,
): Promise<Discovery | undefined> {
  tell('only at once refused: in flight, or by rate?');
  const counts: number[] = [accepted];
  let held = 0;
  for (let batch = 0; batch < BATCHES; batch++) {
    const seen = await session.parallel(accepted * 2 + 3);
    const passed = seen.filter((one) => one.accepted);
    counts.push(passed.length);
    held = median(passed.map(latencyOf));
    if (passed.length < accepted * 0.7) return undefined;
    if (!(await session.one()).accepted) return undefined;
  }
  const value = median(counts);
  if (value < 1 || value * 1.5 < Math.max(...counts)) return undefined;
  const mispredicted = counts.filter((count) => count !== value).length;
  const most = mostInFlight(session.observations);
  return {
    finding: {
      family: 'concurrency',
      limit: { value, low: Math.min(...counts), high: Math.max(value, Math.min(most, Math.max(...counts))) },
    },
    confidence: mispredicted === 0 ? 'high' : mispredicted === 1 ? 'medium' : 'low',
    mispredicted,
    rivals: [],
    summary: `each is in flight for ${Math.round(held)} ms`,
  };
}

/** At one instant, of those that were let through. */
function mostInFlight(observations: readonly Observation[]): number {
  const passed = observations.filter(({ accepted }) => accepted);
  const at = passed.map(
    ({ sentMs }) => passed.filter((other) => other.sentMs <= sentMs && other.receivedMs > sentMs).length,
  );
  return Math.max(0, ...at);
}

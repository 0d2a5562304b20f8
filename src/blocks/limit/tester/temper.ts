/** Nobody is surer than the machine is punctual. */
import type { Confidence, Discovery, Finding } from './finding.js';
import { latencyOf, median, type Session } from './session.js';

/** What decides has to be longer than the jitter by so much. */
const CLEARLY_LONGER = 4;

const LOWER: Readonly<Record<Confidence, Confidence>> = { high: 'medium', medium: 'low', low: 'low' };

/** Less sure where the machine's own delays are of the order of what decides. */
export function temper(discovery: Discovery, session: Session): Discovery {
  const { finding } = discovery;
  if (finding === undefined || session.jitterMs * CLEARLY_LONGER <= decidingMs(finding, session)) return discovery;
  return { ...discovery, confidence: LOWER[discovery.confidence] };
}

/** The time that tells this finding from others. */
function decidingMs({ family, limit, periodMs }: Finding, session: Session): number {
  if (periodMs === undefined) return median(session.observations.filter(({ accepted }) => accepted).map(latencyOf));
  return family === 'bucket' ? limit.value * periodMs.value : periodMs.value;
}

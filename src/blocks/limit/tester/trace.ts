/** A run as the models read it: when each request arrived, within which bounds, and what became of it. */
import type { Model } from './models/model.js';
import type { Observation } from './observation.js';

export interface Arrival {
  /** Milliseconds since the run began. */
  readonly at: number;
  /** It was at most so much earlier or later. */
  readonly slack: number;
  readonly accepted: boolean;
}

/** Milliseconds: a server's clock that is read once a turn, or counts whole milliseconds. */
export const CLOCK_SLACK_MS = 1.5;

/**
 * A request arrives after it was sent, and so long before its answer as the quickest answer of its kind takes to be made
 * and to travel. What remains is uncertain, and so much more as this machine is usually late: `delayMs`.
 */
export function arrivalsOf(observations: readonly Observation[], originMs: number, delayMs = 0): Arrival[] {
  const quickest = { true: Number.POSITIVE_INFINITY, false: Number.POSITIVE_INFINITY };
  for (const { accepted, sentMs, receivedMs } of observations) {
    quickest[`${accepted}`] = Math.min(quickest[`${accepted}`], receivedMs - sentMs);
  }
  const onTheWay = Math.min(quickest.true, quickest.false) / 2;
  const arrivals = observations.map(({ accepted, sentMs, receivedMs }) => {
    const latest = Math.max(sentMs, receivedMs - (quickest[`${accepted}`] - onTheWay));
    const middle = (sentMs + latest) / 2;
    return { at: middle - originMs, slack: (latest - sentMs) / 2 + CLOCK_SLACK_MS + delayMs, accepted };
  });
  return arrivals.sort((a, b) => a.at - b.at);
}

/** A wrong prediction costs up to 1: all of it from so much of the period on. */
export interface Tolerance {
  readonly share: number;
  /** Given up above this. */
  readonly most: number;
}

/**
 * How badly a model explains what was seen: 0 is perfect, 1 a wrong prediction more. The model is left at the end of the run.
 * What the model counts from was itself seen with some doubt, which is added.
 */
export function lossOf(
  model: Model,
  arrivals: readonly Arrival[],
  periodMs: number,
  { share, most }: Tolerance,
): number {
  const cap = Math.max(5, share * periodMs);
  let loss = 0;
  for (const { at, slack, accepted } of arrivals) {
    const free = model.freeAt(at);
    const leeway = slack + model.doubt;
    const error = accepted ? free - at - leeway : at - leeway - free;
    if (error > 0) {
      loss += Math.min(1, error / cap);
      if (loss > most) return loss;
    }
    model.record(accepted ? Math.max(at, Math.min(free, at + leeway)) : at, accepted, slack);
  }
  return loss;
}

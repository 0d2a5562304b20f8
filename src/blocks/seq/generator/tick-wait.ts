import type { Clock } from '../../../platform/clock.js';

/** A timer fires up to a millisecond late, so spinning takes over this long before the tick. */
const TIMER_SLACK_MS = 2;

/** Bounds the spin should the clock stand still or step back: about 20 ms of readings. */
const MOST_READINGS = 500_000;

/**
 * Waits for the wall clock to reach `until`; may return early, so the caller looks again. `spin` trades a busy core
 * for waking within a microsecond: at one-millisecond ticks a timer misses about every other tick.
 */
export async function waitForTick(clock: Clock, until: number, spin: boolean, signal?: AbortSignal): Promise<void> {
  const left = until - clock.now();
  if (left <= 0) return;
  if (!spin) return clock.sleep(left, signal);
  if (left > TIMER_SLACK_MS) return clock.sleep(left - TIMER_SLACK_MS, signal);
  for (let reading = 0; reading < MOST_READINGS; reading++) {
    if (clock.now() >= until) return;
  }
  await clock.sleep(left, signal);
}

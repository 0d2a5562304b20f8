/**
 * Limits are written by people: of the numbers that an interval leaves, the roundest is the likeliest. 60.2 s is reported
 * as a minute when a minute lies in the interval; the interval is told beside it.
 */

/** Milliseconds, the rounder the earlier. */
const UNITS = [
  86_400_000, 3_600_000, 1_800_000, 600_000, 300_000, 60_000, 30_000, 10_000, 5_000, 1_000, 500, 250, 100, 50, 10, 5, 1,
];

/** The multiple of the roundest unit that lies in the interval; its middle where it is narrower than all. */
export function simplestDuration(lowMs: number, highMs: number): number {
  for (const unit of UNITS) {
    const middle = Math.sqrt(lowMs * highMs);
    const nearest = Math.round(middle / unit) * unit;
    const found = [nearest, nearest - unit, nearest + unit].find(
      (value) => value > 0 && value >= lowMs && value <= highMs,
    );
    if (found !== undefined) return found;
  }
  return Math.sqrt(lowMs * highMs);
}

const HOUR = 3_600_000;

/** The time for one: of the rates in the interval the roundest, told by the second, the minute or the hour. */
export function simplestStep(lowMs: number, highMs: number): number {
  for (const grain of [100, 50, 10, 5, 1]) {
    for (const per of [1_000, 60_000, HOUR]) {
      const count = Math.round(per / Math.sqrt(lowMs * highMs) / grain) * grain;
      if (count > 0 && per / count >= lowMs && per / count <= highMs) return per / count;
    }
  }
  return simplestDuration(lowMs, highMs);
}

/** A step as a rate for people: so many in so much time, both whole where that is possible. */
export function rateOfStep(stepMs: number): { readonly count: number; readonly periodMs: number } {
  for (const periodMs of [1_000, 60_000, HOUR, 24 * HOUR]) {
    const count = periodMs / stepMs;
    if (count >= 0.999 && Math.abs(count - Math.round(count)) < count * 0.002)
      return { count: Math.round(count), periodMs };
  }
  for (const periodMs of [1_000, 60_000, HOUR, 24 * HOUR]) {
    const count = Math.round(periodMs / stepMs);
    if (count >= 100) return { count, periodMs };
  }
  return { count: 1, periodMs: Math.round(stepMs) };
}

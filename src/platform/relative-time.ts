/** Instants as people say them, beside the exact ones that pipes and `--json` get. */
import { formatDuration } from './units.js';

const UNITS_MS = [86_400_000, 3_600_000, 60_000, 1_000] as const;

/** `in 59s`, `3h ago`, `now` (within a second): the two largest units are enough to act on. */
export function relativeTime(instant: number, now: number): string {
  const distance = Math.abs(instant - now);
  if (distance < 1_000) return 'now';
  const unit = UNITS_MS.find((ms) => distance >= ms) ?? 1_000;
  const finest = UNITS_MS[Math.min(UNITS_MS.indexOf(unit) + 1, UNITS_MS.length - 1)] ?? 1_000;
  const text = formatDuration(Math.floor(distance / finest) * finest);
  return instant > now ? `in ${text}` : `${text} ago`;
}

/** ISO 8601 in UTC with milliseconds; beyond what a Date can hold (±8.64e15 ms), the milliseconds themselves. */
export function isoTime(instant: number): string {
  return Math.abs(instant) <= 8.64e15 ? new Date(instant).toISOString() : `${instant}ms`;
}

/** A finding in words. */
import { formatDuration } from '../../../platform/units.js';
import type { Family, Finding, Interval } from './finding.js';
import { rateOfStep } from './simplest.js';

const NAMES: Readonly<Record<Family, string>> = {
  bucket: 'token bucket (GCRA decides alike)',
  'fixed-window': 'fixed window',
  'anchored-window': 'window from the first request on',
  'sliding-counter': 'sliding-window counter',
  'sliding-log': 'sliding-window log',
  queue: 'leaky bucket that queues',
  concurrency: 'concurrency',
};

export const familyName = (family: Family): string => NAMES[family];

/** `100`, `97–100`; what has no upper end: `128 or more`. */
export function sayInterval({ low, high }: Interval, say: (value: number) => string = String): string {
  if (!Number.isFinite(high)) return `${say(low)} or more`;
  const [from, to] = [say(low), say(high)];
  return from === to ? from : `${from}–${to}`;
}

/** Milliseconds with as many digits as they deserve. */
export function sayMs(ms: number): string {
  return ms >= 60_000 || (ms >= 1000 && ms % 1000 === 0)
    ? formatDuration(Math.round(ms))
    : ms >= 1000
      ? `${(ms / 1000).toFixed(2)}s`
      : `${Number(ms.toFixed(ms < 20 ? 2 : 0))}ms`;
}

/** `100 per 1m`, `10/s with a burst of 21`, `5 at once`. */
export function describe({ family, limit, periodMs, unbounded }: Finding): string {
  const most = `${limit.value}${unbounded === true ? ' or more' : ''}`;
  if (family === 'concurrency' || periodMs === undefined) return `${most} at once`;
  if (family !== 'bucket' && family !== 'queue') return `${most} per ${sayMs(periodMs.value)}`;
  const { count, periodMs: per } = rateOfStep(periodMs.value);
  const rate = count === 1 ? `one per ${sayMs(per)}` : `${count} per ${sayMs(per)}`;
  return family === 'bucket' ? `${rate}, ${most} at once from idle` : `${rate}, ${most} waiting`;
}

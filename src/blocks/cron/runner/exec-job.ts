/** The job that `ds cron exec` makes when there is none of the name: no schedule, one run at a time. */
import type { Random } from '../../../platform/clock.js';
import type { JobSpec } from '../job.js';

export interface ExecJobOptions {
  /** 0 is never. Milliseconds. */
  readonly timeoutMs: number;
  readonly mutexes: readonly string[];
  readonly random: Random;
}

const KILL_AFTER_MS = 10_000;
const OUTPUT_BYTES = 1024 * 1024;

export function execJobSpec(name: string, { timeoutMs, mutexes, random }: ExecJobOptions): JobSpec {
  return {
    ...{ name, timeoutMs, mutexes, killAfterMs: KILL_AFTER_MS, outputBytes: OUTPUT_BYTES, pauses: [] },
    schedule: { timeZone: 'UTC', clockChanges: 'vixie', jitterMs: 0 },
    action: { kind: 'external', pingKey: uuid(random) },
    retries: { most: 0, delayMs: 0, longestDelayMs: 0, jitter: 0 },
    concurrency: 'skip',
    catchUp: { policy: 'skip', windowMs: 0, most: 1 },
    // Whoever schedules it starts it again, or not.
    delivery: 'at-most-once',
    ...{ startDeadlineMs: 0, lateAfterMs: 0, overrunAfterMs: 0 },
    notifications: { on: [] },
  };
}

/** Version 4 (RFC 9562, section 5.4). */
function uuid(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

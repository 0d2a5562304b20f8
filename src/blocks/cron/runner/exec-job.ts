/** The job that `ds cron exec` makes when there is none of the name: no schedule, one run at a time, everything else by default. */
import type { Random } from '../../../platform/clock.js';
import type { JobSpec } from '../job.js';
import { readJobSpec } from '../spec.js';

export interface ExecJobOptions {
  /** 0 is never. Milliseconds. */
  readonly timeoutMs: number;
  readonly mutexes: readonly string[];
  readonly random: Random;
}

/** Error: `cron.bad_job`, for a name of the job or of a mutex that is none. */
export function execJobSpec(name: string, { timeoutMs, mutexes, random }: ExecJobOptions): JobSpec {
  const raw = { name, mutex: mutexes, external: { 'ping-key': uuid(random) } };
  return { ...readJobSpec(raw, '', { timeZone: 'UTC' }), timeoutMs };
}

/** Version 4 (RFC 9562, section 5.4). */
function uuid(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

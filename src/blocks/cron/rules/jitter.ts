/** A slot starts later by an amount that is its own: the same for whoever works it out, and spread over the jobs. */
import { createHash } from 'node:crypto';
import type { JobSpec } from '../job.js';

/** From 0 to the job's jitter, both included. Milliseconds. */
export function jitterOf({ name, schedule: { jitterMs } }: JobSpec, slot: number): number {
  if (jitterMs === 0) return 0;
  const digest = createHash('sha256').update(`${name}\n${slot}`).digest();
  return digest.readUInt32BE() % (jitterMs + 1);
}

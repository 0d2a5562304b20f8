/** Durations that callers give. Beyond these bounds sums with instants would leave what a JSON number holds exactly. */
import { seqErrors } from '../errors.js';
import type { LeaseRequest } from '../sequencer.js';

/** A century. */
const MAX_MS = 100 * 366 * 24 * 3600 * 1000;

const MAX_DRIFT_MS = 24 * 3600 * 1000;

export function checkTtl(ttlMs: number): void {
  checkDuration('the time to live', ttlMs, 1);
}

export function checkLeaseDurations(request: Pick<LeaseRequest, 'ttlMs' | 'skewMs' | 'reserveMs'>): void {
  checkTtl(request.ttlMs);
  checkDuration('the skew', request.skewMs, 0);
  checkDuration('the reservation', request.reserveMs, 1);
}

/** How far ahead a remote stamp may pull the hybrid clock, which never comes back: a day, whatever is asked for. */
export function checkMaxDrift(maxDriftMs: number): void {
  checkDuration('the allowed drift', maxDriftMs, 0, MAX_DRIFT_MS, '--max-drift 500ms');
}

function checkDuration(what: string, ms: number, least: number, most = MAX_MS, hint = '--ttl 30s'): void {
  if (Number.isInteger(ms) && ms >= least && ms <= most) return;
  throw seqErrors.error('seq.bad_duration', `${what} is ${ms} ms; it must be a whole number from ${least} to ${most}`, {
    hint,
    details: { ms },
  });
}

/**
 * What holds for leases of worker numbers wherever they live, and what is said when it does not hold. Names of spaces and
 * holders are kept on disk and listed, so they are bounded.
 */
import { seqErrors } from '../errors.js';
import type { LeaseKey, LeaseRequest } from '../sequencer.js';
import { checkLeaseDurations } from './durations.js';

/** As for a sequence's name; the longest specification of a layout is shorter. */
const MAX_TEXT_BYTES = 512;

/**
 * How far beyond max(now, floor) plus the lease's length a renewal may reserve, in milliseconds. More means that the
 * holder's clock is ahead of the store's: its reservation would block the number for as long.
 */
export const MAX_RESERVE_AHEAD_MS = 60_000;

/** Errors: `seq.bad_argument`, `seq.bad_duration`, `seq.worker_out_of_range`. */
export function checkLeaseRequest(request: LeaseRequest): void {
  checkText('the space', request.space);
  checkHolder(request.holder);
  if (!Number.isSafeInteger(request.workers) || request.workers < 1) {
    throw seqErrors.error('seq.bad_argument', `a space cannot have ${request.workers} worker numbers`);
  }
  checkLeaseDurations(request);
  const { space, workers, worker } = request;
  if (worker === undefined || (Number.isInteger(worker) && worker >= 0 && worker < workers)) return;
  throw seqErrors.error('seq.worker_out_of_range', `${space} has no worker ${worker}, only 0 to ${workers - 1}`, {
    hint: `--worker ${workers - 1}`,
    details: { space, worker, workers },
  });
}

/** Error: `seq.bad_argument`. */
export function checkHolder(holder: string): void {
  checkText('the holder', holder);
}

function checkText(what: string, text: string): void {
  const bytes = Buffer.byteLength(text);
  if (bytes >= 1 && bytes <= MAX_TEXT_BYTES) return;
  throw seqErrors.error('seq.bad_argument', `${what} has ${bytes} bytes, not 1 to ${MAX_TEXT_BYTES}`);
}

export function workerTaken({ space, worker = 0 }: LeaseRequest, holder: string, freeAt: number, now: number) {
  const message = `worker ${worker} of ${space} is taken by ${holder}; it is free ${inWords(freeAt - now)}`;
  return seqErrors.error('seq.worker_taken', message, {
    hint: 'leave --worker out to get a free one, or see who has them: ds seq worker list',
    details: { space, worker, holder, free_at_ms: freeAt },
  });
}

export function workersExhausted({ space, workers }: LeaseRequest, freeAt: number, now: number) {
  const message = `all ${workers} worker numbers of ${space} are taken; the next is free ${inWords(freeAt - now)}`;
  return seqErrors.error('seq.workers_exhausted', message, {
    hint: 'see who has them: ds seq worker list',
    details: { space, workers, free_at_ms: freeAt },
  });
}

export function leaseLost({ space, worker, token }: LeaseKey, reason: string) {
  return seqErrors.error('seq.lease_lost', `the lease of worker ${worker} of ${space} is lost: ${reason}`, {
    hint: 'lease a number again: ds seq worker lease',
    details: { space, worker, token: token.toString() },
  });
}

/** A renewal asked for instants `aheadMs` beyond what is there to give, at the store's time `now`. */
export function clockAhead(reserveUntil: number, aheadMs: number, now: number) {
  const message = `instants up to ${reserveUntil} were asked for, ${aheadMs} ms ahead of the store`;
  return seqErrors.error('seq.clock_ahead', message, {
    hint: 'compare the clocks: timedatectl',
    details: { reserve_until: reserveUntil, store_now: now },
  });
}

function inWords(ms: number): string {
  if (ms < 1000) return `in ${Math.max(ms, 0)} ms`;
  const seconds = Math.ceil(ms / 1000);
  // So long a wait has another reason than leases: the clock stands before instants that were already used.
  return seconds < 3600 ? `in ${seconds} s` : `in ${seconds} s: has the clock been set back?`;
}

/** What a lease may be asked for with. Names of spaces and holders are kept on disk and listed, so they are bounded. */
import { seqErrors } from '../errors.js';
import type { LeaseRequest } from '../sequencer.js';
import { checkLeaseDurations } from './durations.js';

/** As for a sequence's name; the longest specification of a layout is shorter. */
const MAX_TEXT_BYTES = 512;

/** Errors: `seq.bad_argument`, `seq.bad_duration`. */
export function checkLeaseRequest(request: LeaseRequest): void {
  checkText('the space', request.space);
  checkHolder(request.holder);
  if (!Number.isSafeInteger(request.workers) || request.workers < 1) {
    throw seqErrors.error('seq.bad_argument', `a space cannot have ${request.workers} worker numbers`);
  }
  checkLeaseDurations(request);
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

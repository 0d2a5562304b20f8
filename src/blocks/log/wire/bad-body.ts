/** The error of a body that cannot be decoded. */
import type { DsError } from '../../../platform/errors.js';
import { logErrors } from '../errors.js';
import { MOST_ENTRIES } from './limits.js';

/** `log.bad_body`: `what` says where and why, for whoever wrote the sender. */
export function badBody(what: string, cause?: unknown): DsError {
  return logErrors.error('log.bad_body', what, cause === undefined ? {} : { cause });
}

/** `log.too_large` where there are more entries than a request may have. To be asked before work is done on them. */
export function checkEntries(count: number): void {
  if (count > MOST_ENTRIES) throw tooLarge(`the request has more than ${MOST_ENTRIES} entries`);
}

/** `log.too_large`. */
export function tooLarge(what: string): DsError {
  return logErrors.error('log.too_large', what, { hint: 'send fewer entries at a time' });
}

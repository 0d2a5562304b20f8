/** What HTTP servers say beside their answers, and what is said where there is none. */
import { codeOf, messageOf } from '../../../platform/errors.js';

/** The header Retry-After, seconds or a date (RFC 9110, section 10.2.3), in milliseconds from `now`; undefined where it says neither. */
export function readRetryAfter(header: string | readonly string[] | undefined, now: number): number | undefined {
  if (typeof header !== 'string') return undefined;
  if (/^\d{1,12}$/.test(header)) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

/** Why there was no answer. Of several addresses that were tried, the first one's reason. */
export function whyUnreachable(error: unknown): string {
  const first = error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error;
  return messageOf(first) || codeOf(first) || 'no reason is known';
}

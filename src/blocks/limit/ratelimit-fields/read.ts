/**
 * What a server says of its own limits, in any of the forms that are met:
 *
 *     RateLimit-Policy: "burst";q=100;w=60            drafts 8 to 11 of draft-ietf-httpapi-ratelimit-headers
 *     RateLimit: "burst";r=50;t=30
 *     RateLimit-Policy: 100;w=60                      draft 7 and before
 *     RateLimit: limit=100, remaining=50, reset=30    draft 7
 *     RateLimit-Limit: 100, 100;w=60                  draft 6 and before, with -Remaining and -Reset
 *     X-RateLimit-Limit: 100                          never specified: also X-Rate-Limit-, one per unit or period behind
 *     X-RateLimit-Reset: 1767225600                   delta or epoch, seconds or milliseconds, a date, a duration
 *     Retry-After: 30                                 RFC 9110, section 10.2.3; or a date
 *
 * Malformed fields are ignored, as the draft demands, and noted.
 */
import type { Declarations, Findings, HeaderFields } from './declared.js';
import { readModernPolicies, readRateLimit } from './drafts.js';
import { readThreeFields } from './three-fields.js';
import { readRetryAfter } from './times.js';

/** Characters of one field that are looked at. */
const LONGEST_FIELD = 8 * 1024;
/** Limits of one answer; more say nothing about what is enforced. */
const MOST_LIMITS = 64;

/** `now`: milliseconds since the Unix epoch, when the answer came; dates are told by the answer's own Date where it has one. */
export function readDeclared(headers: HeaderFields, now: number): Declarations {
  const findings: Findings = { limits: [], notes: [] };
  const field = (name: string) => fieldValue(headers, name, findings);
  const date = field('date');
  const sentAt = date === undefined ? Number.NaN : Date.parse(date);
  const answeredAt = Number.isNaN(sentAt) ? now : sentAt;
  readModernPolicies(field('ratelimit-policy'), findings);
  readRateLimit(field('ratelimit'), findings);
  readThreeFields(
    Object.keys(headers).map((name) => [name.toLowerCase(), field(name) ?? ''] as const),
    answeredAt,
    findings,
  );
  const retryAfterMs = readRetryAfter(field('retry-after'), answeredAt, findings);
  return {
    limits: findings.limits.slice(0, MOST_LIMITS),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    notes: findings.notes,
  };
}

/** Several fields of one name are one list (RFC 9110, section 5.2). */
function fieldValue(headers: HeaderFields, name: string, { notes }: Findings): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  const text = typeof value === 'string' ? value : value?.join(', ');
  if (text === undefined || text.length <= LONGEST_FIELD) return text;
  if (/ratelimit|rate-limit|^retry-after$/i.test(name))
    notes.push(`${name} is longer than ${LONGEST_FIELD} characters`);
  return undefined;
}

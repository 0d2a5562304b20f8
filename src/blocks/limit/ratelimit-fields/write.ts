/**
 * What our own answers carry, as draft-ietf-httpapi-ratelimit-headers-11 has it:
 *
 *     RateLimit-Policy: "login/burst";q=5;w=60, "login/day";q=100;w=86400
 *     RateLimit: "login/burst";r=3;t=12, "login/day";r=98;t=864
 *     Retry-After: 12                                                     (only on a refusal)
 *
 * `q` and `w` are the rate. Seconds are the draft's only unit, so a period of 250 ms is told as four of them in one
 * second. A burst that differs from the count goes into a parameter of our own, `ds-burst`, which the draft allows for.
 */
import { type Item, serializeList } from '../../../platform/protocol/structured-fields.js';
import { greatestCommonDivisor, type Limit } from '../limit.js';
import type { Decision } from '../limiter.js';

/** One limit with what it says; the name is the scope of its demand. */
export interface NamedDecision {
  readonly name: string;
  readonly limit: Limit;
  readonly decision: Decision;
}

export interface FieldOptions {
  /** Also X-RateLimit-Limit, -Remaining and -Reset (delta seconds), which have room for one limit: the tightest. */
  readonly legacy?: boolean;
  /** The key is blocked for so long, whatever its limits say. */
  readonly blockedForUs?: number;
  /** A refusal carries Retry-After. */
  readonly refused?: boolean;
}

const MICROS_PER_SECOND = 1_000_000;
/** The field has no way to say never; a year is beyond every client's patience. */
const NEVER_SECONDS = 31_536_000;

/** Header fields by lower-case name. Empty for no decisions, since the draft's lists must not be. */
export function rateLimitFields(
  decisions: readonly NamedDecision[],
  options: FieldOptions = {},
): Record<string, string> {
  const fields: Record<string, string> = {};
  if (decisions.length > 0) {
    fields['ratelimit-policy'] = serializeList(decisions.map(policyItem));
    fields['ratelimit'] = serializeList(decisions.map(serviceLimitItem));
  }
  if (options.legacy === true) Object.assign(fields, legacyFields(decisions));
  if (options.refused === true) fields['retry-after'] = String(retryAfterSeconds(decisions, options.blockedForUs ?? 0));
  return fields;
}

function policyItem({ name, limit }: NamedDecision): Item {
  const { algorithm, count, periodUs, burst } = limit;
  const parameters = new Map<string, number | string>();
  if (algorithm === 'concurrency') {
    parameters.set('q', count).set('qu', 'concurrent-requests');
  } else {
    const times = MICROS_PER_SECOND / greatestCommonDivisor(periodUs, MICROS_PER_SECOND);
    parameters.set('q', count * times).set('w', (periodUs * times) / MICROS_PER_SECOND);
  }
  if (burst !== count) parameters.set('ds-burst', burst);
  return [fieldName(name), parameters];
}

function serviceLimitItem({ name, limit, decision }: NamedDecision): Item {
  const parameters = new Map<string, number>([['r', Math.max(0, decision.remaining)]]);
  const seconds = moreAfterSeconds(limit, decision);
  if (seconds !== undefined) parameters.set('t', seconds);
  return [fieldName(name), parameters];
}

/**
 * Seconds until there is more: what `t` means since draft 10. Where places come back one by one that is what is left of
 * one step; elsewhere the reset is the latest that it can be. Never later than Retry-After would say.
 */
function moreAfterSeconds(limit: Limit, decision: Decision): number | undefined {
  const { resetAfterUs, retryAfterUs } = decision;
  if (resetAfterUs <= 0) return undefined;
  const stepwise =
    limit.algorithm === 'gcra' || limit.algorithm === 'token-bucket' || limit.algorithm === 'leaky-bucket';
  const step = limit.stepUs + limit.stepFraction / limit.fractions;
  const more = stepwise ? resetAfterUs % step || step : resetAfterUs;
  return ceilSeconds(retryAfterUs > 0 ? Math.min(more, retryAfterUs) : more);
}

/** What the slowest of the limits that refused asks for, and at least a second: 0 would mean at once. */
function retryAfterSeconds(decisions: readonly NamedDecision[], blockedForUs: number): number {
  const refused = decisions.filter(({ decision }) => !decision.allowed).map(({ decision }) => decision.retryAfterUs);
  return Math.max(1, ceilSeconds(Math.max(blockedForUs, ...refused)));
}

function legacyFields(decisions: readonly NamedDecision[]): Record<string, string> {
  let tightest: Decision | undefined;
  for (const { decision } of decisions) {
    if (tightest === undefined || decision.remaining < tightest.remaining) tightest = decision;
  }
  if (tightest === undefined) return {};
  return {
    'x-ratelimit-limit': String(tightest.limit),
    'x-ratelimit-remaining': String(Math.max(0, tightest.remaining)),
    'x-ratelimit-reset': String(ceilSeconds(tightest.resetAfterUs)),
  };
}

function ceilSeconds(micros: number): number {
  return Math.min(NEVER_SECONDS, Math.ceil(micros / MICROS_PER_SECOND));
}

/** A String of structured fields holds printable ASCII only (RFC 9651, section 3.3.3). */
function fieldName(name: string): string {
  return name === '' ? 'default' : name.replace(/[^\x20-\x7e]/g, '?');
}

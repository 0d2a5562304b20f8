/** When a rule of a lifecycle comes due, and for what: https://docs.aws.amazon.com/AmazonS3/latest/userguide/intro-lifecycle-rules.html. */
import type { Tags } from '../object-types.js';
import type { LifecycleFilter, LifecycleRule } from './rule.js';

export const DAY_MS = 86_400_000;

/** Days count from an instant to the midnight UTC that follows their end. */
export function midnightAfter(since: number, days: number): number {
  return Math.ceil((since + days * DAY_MS) / DAY_MS) * DAY_MS;
}

/** What a filter looks at. A delete marker and an upload have no size and no tags, so that a filter on those is not about them. */
export interface Filtered {
  readonly key: string;
  readonly size?: number;
  readonly tags?: Tags;
}

/** Whether all holds that the filter names; of what has no size or no tags nothing holds that is about those. */
export function matchesFilter(
  { prefix, tags, sizeGreaterThan, sizeLessThan }: LifecycleFilter,
  thing: Filtered,
): boolean {
  if (prefix !== undefined && !thing.key.startsWith(prefix)) return false;
  if (sizeGreaterThan !== undefined && !(thing.size !== undefined && thing.size > sizeGreaterThan)) return false;
  if (sizeLessThan !== undefined && !(thing.size !== undefined && thing.size < sizeLessThan)) return false;
  return Object.entries(tags ?? {}).every(([key, value]) => thing.tags?.[key] === value);
}

/** When the current version that was made at `modifiedAt` expires; undefined: it does not. */
export function expiryOf({ expiration }: LifecycleRule, modifiedAt: number): number | undefined {
  if (expiration === undefined || 'expiredObjectDeleteMarker' in expiration) return undefined;
  return 'days' in expiration ? midnightAfter(modifiedAt, expiration.days) : expiration.date;
}

/** The first of all expiries of a current version, and the rule that it is by. */
export function firstExpiry(
  rules: readonly LifecycleRule[],
  object: Filtered,
  modifiedAt: number,
): { readonly at: number; readonly ruleId: string } | undefined {
  let first: { readonly at: number; readonly ruleId: string } | undefined;
  for (const rule of rules) {
    const at = rule.enabled && matchesFilter(rule.filter, object) ? expiryOf(rule, modifiedAt) : undefined;
    if (at !== undefined && (first === undefined || at < first.at)) first = { at, ruleId: rule.id };
  }
  return first;
}

/**
 * When a delete marker goes that has no version under it. S3 does so by the rule for it, and also where its age would have an object
 * expire.
 */
export function expiryOfMarker(rule: LifecycleRule, modifiedAt: number): number | undefined {
  const { expiration } = rule;
  if (expiration === undefined) return undefined;
  if ('expiredObjectDeleteMarker' in expiration) return expiration.expiredObjectDeleteMarker ? modifiedAt : undefined;
  return expiryOf(rule, modifiedAt);
}

/** Rules as `--json` prints them. */
import { present } from '../../../platform/present.js';
import { isoTime } from '../../../platform/relative-time.js';
import type { LifecycleRule } from './rule.js';

export function ruleJson(rule: LifecycleRule) {
  const { id, enabled, filter, noncurrentExpiration, abortUploadsAfterDays } = rule;
  return present({
    id,
    enabled,
    filter: present({
      prefix: filter.prefix,
      tags: filter.tags,
      size_greater_than: filter.sizeGreaterThan,
      size_less_than: filter.sizeLessThan,
    }),
    expiration: expirationJson(rule),
    noncurrent_expiration:
      noncurrentExpiration &&
      present({ days: noncurrentExpiration.days, newer_versions_kept: noncurrentExpiration.newerVersionsKept }),
    abort_uploads_after_days: abortUploadsAfterDays,
  });
}

function expirationJson({ expiration }: LifecycleRule) {
  if (expiration === undefined) return undefined;
  if ('days' in expiration) return { days: expiration.days };
  if ('date' in expiration) return { date: isoTime(expiration.date) };
  return { expired_object_delete_marker: expiration.expiredObjectDeleteMarker };
}

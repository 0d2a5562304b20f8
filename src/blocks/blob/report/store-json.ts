/** What commands on the store as a whole print under `--json`. */
import { present } from '../../../platform/present.js';
import { isoTime } from '../../../platform/relative-time.js';
import type { GcResult } from '../store/gc/collect.js';
import type { ScrubReport } from '../store/scrub/scrub.js';
import type { StoreTotals } from '../store/totals.js';
import type { BucketUsage } from '../store/usage.js';

export function gcJson(result: GcResult) {
  const { freedBytes, contents, chunks, packs, rewritten, deadWriters, damagedPacks } = result;
  const counts = { contents, chunks, packs, rewritten_packs: rewritten };
  return { freed_bytes: freedBytes, ...counts, dead_writers: deadWriters, damaged_packs: damagedPacks };
}

export function scrubJson({ startedAt, resumed, chunks, bytes, damage, places, more }: ScrubReport) {
  return {
    started_at: isoTime(startedAt),
    ...{ resumed, chunks, read_bytes: bytes, damage },
    places: places.map(({ bucket, key, versionId, uploadId }) =>
      present({ bucket, key, version_id: versionId, upload_id: uploadId }),
    ),
    more,
  };
}

/** Ratios are absent where nothing is stored. */
export function totalsJson(totals: StoreTotals) {
  const { buckets, objects, versions, uploads, logicalBytes, contentBytes, uniqueBytes, storedBytes } = totals;
  return present({
    ...{ buckets, objects, versions, uploads },
    logical_bytes: logicalBytes,
    content_bytes: contentBytes,
    unique_bytes: uniqueBytes,
    stored_bytes: storedBytes,
    dedup_ratio: ratio(logicalBytes, uniqueBytes),
    compression_ratio: ratio(uniqueBytes, storedBytes),
    packs: totals.packs,
    pack_bytes: totals.packBytes,
    garbage_bytes: totals.garbageBytes,
    database_bytes: totals.databaseBytes,
  });
}

function ratio(whole: number, part: number): number | undefined {
  return part === 0 ? undefined : Math.round((whole / part) * 1000) / 1000;
}

export function bucketUsageJson(usage: BucketUsage) {
  const { name, versioning, snapshotOf, objects, bytes, versions, versionBytes, uploads } = usage;
  return present({
    bucket: name,
    versioning,
    snapshot_of: snapshotOf,
    ...{ objects, size_bytes: bytes, versions, version_bytes: versionBytes, uploads },
  });
}

/** Buckets, objects and versions as `--json` prints them: times ISO 8601 UTC, sizes in bytes, what is absent is absent. */
import { present } from '../../../platform/present.js';
import { isoTime } from '../../../platform/relative-time.js';
import type { DeleteResult, PutResult, VersionEntry } from '../blob-store.js';
import type { BucketDifference } from '../bulk/diff.js';
import type { Usage } from '../bulk.js';
import type { BucketInfo, ObjectInfo, ObjectPlace, ObjectStat, Tags } from '../object-types.js';
import { CONTENT_HEADERS, type ContentHeaders } from '../rules/content-headers.js';

/** `{bucket, created_at, versioning, snapshot_of}` */
export function bucketJson({ name, createdAt, versioning, snapshotOf }: BucketInfo) {
  return present({ bucket: name, created_at: isoTime(createdAt), versioning, snapshot_of: snapshotOf });
}

/** `{bucket, key, size_bytes, etag, modified_at, version_id, checksum}` */
export function objectJson(bucket: string, { key, size, etag, modifiedAt, versionId, checksum }: ObjectInfo) {
  return present({
    bucket,
    key,
    size_bytes: size,
    etag,
    modified_at: isoTime(modifiedAt),
    version_id: versionId,
    checksum,
  });
}

/** As {@link objectJson}, with headers, metadata, tags and the number of parts. @param tags undefined: not asked for */
export function statJson(bucket: string, stat: ObjectStat, tags: Tags | undefined) {
  const { headers, metadata, partCount } = stat;
  return present({
    ...objectJson(bucket, stat),
    ...headersJson(headers),
    metadata: Object.keys(metadata).length === 0 ? undefined : { ...metadata },
    tags: tags === undefined || Object.keys(tags).length === 0 ? undefined : { ...tags },
    part_count: partCount,
  });
}

/** `content_type`, `cache_control`, …, `website_redirect`. */
function headersJson(headers: ContentHeaders) {
  return Object.fromEntries(
    CONTENT_HEADERS.map(([, name]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), headers[name]]),
  );
}

export function versionJson(bucket: string, { key, versionId, isLatest, modifiedAt, object }: VersionEntry) {
  return present({
    bucket,
    key,
    version_id: versionId,
    is_latest: isLatest,
    delete_marker: object === undefined ? true : undefined,
    size_bytes: object?.size,
    etag: object?.etag,
    modified_at: isoTime(modifiedAt),
    checksum: object?.checksum,
  });
}

/** What was written, and where. */
export function putJson({ bucket, key }: ObjectPlace, { size, etag, modifiedAt, versionId, checksum }: PutResult) {
  return present({
    bucket,
    key,
    size_bytes: size,
    etag,
    modified_at: isoTime(modifiedAt),
    version_id: versionId,
    checksum,
  });
}

export function deletedJson({ bucket, key }: ObjectPlace, { versionId, deleteMarker, existed }: DeleteResult) {
  return present({ bucket, key, version_id: versionId, delete_marker: deleteMarker ? true : undefined, existed });
}

export function usageJson({ prefix, objects, bytes }: Usage) {
  return { prefix, objects, size_bytes: bytes };
}

/** `{bucket, key, version_id}` */
export function placeJson({ bucket, key, versionId }: ObjectPlace) {
  return present({ bucket, key, version_id: versionId });
}

export function differenceJson(difference: BucketDifference) {
  const side = (object: ObjectInfo | undefined) => {
    if (object === undefined) return undefined;
    const { size, etag, modifiedAt } = object;
    return { size_bytes: size, etag, modified_at: isoTime(modifiedAt) };
  };
  const { change } = difference;
  const before = change === 'added' ? undefined : difference.before;
  const after = change === 'removed' ? undefined : difference.after;
  return present({ change, key: (after ?? before)?.key, before: side(before), after: side(after) });
}

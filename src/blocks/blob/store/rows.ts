/** Rows as the tables have them, and what callers are told of them. */
import type { ObjectInfo, ObjectStat, Versioning } from '../object-types.js';
import { decodeAttributes, decodeChecksum, decodeOwner } from './attributes.js';

export interface BucketRow {
  readonly id: number;
  readonly name: string;
  readonly created_at: number;
  readonly versioning: Versioning;
  readonly snapshot_of: string | null;
  readonly sequence: number;
  /** JSON (bucket-grants.ts); null: private, and the store's owner's. */
  readonly grants: string | null;
}

export const BUCKET_COLUMNS = 'id, name, created_at, versioning, snapshot_of, sequence, grants';

/** A row of object or history. */
export interface VersionRow {
  readonly key: string;
  readonly rank: number;
  readonly version_id: string;
  /** Null: a delete marker. */
  readonly content_id: number | null;
  readonly size: number;
  readonly etag: string;
  readonly modified_at: number;
  readonly attributes: string | null;
}

export const VERSION_COLUMNS = 'key, rank, version_id, content_id, size, etag, modified_at, attributes';

/** A version that has bytes. */
export type ObjectRow = VersionRow & { readonly content_id: number };

/** Else it is a delete marker. */
export function hasContent(row: VersionRow): row is ObjectRow {
  return row.content_id !== null;
}

/** What S3 calls the version that is made without versioning. */
export const NULL_VERSION = 'null';

/** As told; undefined where versioning was never on. */
export function versionIdOf(bucket: BucketRow, storedId: string): string | undefined {
  if (bucket.versioning === 'off') return undefined;
  return storedId === '' ? NULL_VERSION : storedId;
}

/** For spreading, of what was written just now: S3 does not name the version «null» in its answer. */
export function writtenVersion(storedId: string): { readonly versionId?: string } {
  return storedId === '' ? {} : { versionId: storedId };
}

/** For spreading: no property where there is no version. */
export function toldVersion(bucket: BucketRow, storedId: string): { readonly versionId?: string } {
  const versionId = versionIdOf(bucket, storedId);
  return versionId === undefined ? {} : { versionId };
}

export function toObjectInfo(bucket: BucketRow, row: VersionRow): ObjectInfo {
  const checksum = decodeChecksum(row.attributes);
  const owner = decodeOwner(row.attributes);
  return {
    key: row.key,
    size: row.size,
    etag: row.etag,
    modifiedAt: row.modified_at,
    ...toldVersion(bucket, row.version_id),
    ...(checksum === undefined ? {} : { checksum }),
    ...(owner === undefined ? {} : { owner }),
  };
}

export function toObjectStat(bucket: BucketRow, row: VersionRow): ObjectStat {
  const { headers, metadata = {}, tags = {}, checksum, partCount, grants } = decodeAttributes(row.attributes);
  return {
    key: row.key,
    size: row.size,
    etag: row.etag,
    modifiedAt: row.modified_at,
    ...toldVersion(bucket, row.version_id),
    ...(checksum === undefined ? {} : { checksum }),
    headers,
    metadata,
    tagCount: Object.keys(tags).length,
    ...(partCount === undefined ? {} : { partCount }),
    ...(grants?.owner === undefined ? {} : { owner: grants.owner }),
  };
}

/** As conditions are judged. */
export function judgedOf(row: VersionRow) {
  return { etag: row.etag, size: row.size, modifiedAt: row.modified_at };
}

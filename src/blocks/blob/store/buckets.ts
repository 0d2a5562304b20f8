/** Rows of buckets: made, found, told, counted. All but the reads run within a write's transaction. */
import type { Store } from '../../../platform/store/store.js';
import type { BucketGrants } from '../access/bucket-grants.js';
import { blobErrors } from '../errors.js';
import type { BucketInfo, Versioning } from '../object-types.js';
import { bucketExists, noSuchBucket } from '../rules/absent.js';
import { decodeGrants, encodeGrants } from './bucket-grants.js';
import { BUCKET_COLUMNS, type BucketRow } from './rows.js';

/** What a write adds to the counts of a bucket. */
export interface CountChange {
  objects: number;
  bytes: number;
  versions: number;
  versionBytes: number;
}

/** What is kept beside its objects. */
export interface BucketCounts {
  /** Current versions, and their bytes. */
  readonly objects: number;
  readonly bytes: number;
  /** All other versions and delete markers, and their bytes. */
  readonly versions: number;
  readonly versionBytes: number;
}

export class Buckets {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Error: `blob.no_such_bucket`. */
  find(name: string): BucketRow {
    const row = this.#store.read(() => this.lookUp(name));
    if (row !== undefined) return row;
    throw noSuchBucket(name);
  }

  /** Errors: `blob.no_such_bucket`, `blob.read_only_bucket`. */
  findWritable(name: string): BucketRow {
    const bucket = this.find(name);
    if (bucket.snapshot_of === null) return bucket;
    throw blobErrors.error(
      'blob.read_only_bucket',
      `bucket ${name} is a snapshot of ${bucket.snapshot_of}, and cannot be written to`,
      { hint: `make a bucket of it that can be: ds blob bucket clone ${name} NAME`, details: { bucket: name } },
    );
  }

  list(): BucketRow[] {
    return this.#store.read(() =>
      this.#store.statement<[], BucketRow>(`SELECT ${BUCKET_COLUMNS} FROM bucket ORDER BY name`).all(),
    );
  }

  /** Error: `blob.bucket_exists`. */
  create(
    name: string,
    createdAt: number,
    origin: { readonly snapshotOf?: string; readonly sequence?: number; readonly grants?: string | null } = {},
  ): BucketRow {
    if (this.lookUp(name) !== undefined) throw bucketExists(name);
    this.#store
      .statement<[string, number, string | null, string | null, number]>(
        `INSERT INTO bucket (name, created_at, versioning, snapshot_of, grants, sequence, objects, bytes, versions, version_bytes)
         VALUES (?, ?, 'off', ?, ?, ?, 0, 0, 0, 0)`,
      )
      .run(name, createdAt, origin.snapshotOf ?? null, origin.grants ?? null, origin.sequence ?? 0);
    return this.find(name);
  }

  /** The row and the documents. The caller has seen to what the bucket had. */
  remove(bucket: BucketRow): void {
    this.#store.statement<[number]>('DELETE FROM bucket WHERE id = ?').run(bucket.id);
  }

  setVersioning(bucket: BucketRow, state: Exclude<Versioning, 'off'>): void {
    this.#store.statement<[string, number]>('UPDATE bucket SET versioning = ? WHERE id = ?').run(state, bucket.id);
  }

  setGrants(bucket: BucketRow, grants: BucketGrants): void {
    this.#store
      .statement<[string | null, number]>('UPDATE bucket SET grants = ? WHERE id = ?')
      .run(encodeGrants(grants), bucket.id);
  }

  counts(bucket: BucketRow): BucketCounts {
    const row = this.#store.read(() =>
      this.#store
        .statement<[number], BucketCounts>(
          'SELECT objects, bytes, versions, version_bytes AS versionBytes FROM bucket WHERE id = ?',
        )
        .get(bucket.id),
    );
    return row ?? { objects: 0, bytes: 0, versions: 0, versionBytes: 0 };
  }

  /** Notes what a write changed, and how many numbers of the sequence it has taken. */
  count(bucket: BucketRow, taken: 0 | 1, change: CountChange): void {
    this.#store
      .statement<[number, number, number, number, number, number]>(
        `UPDATE bucket SET sequence = sequence + ?, objects = objects + ?, bytes = bytes + ?, versions = versions + ?,
           version_bytes = version_bytes + ? WHERE id = ?`,
      )
      .run(taken, change.objects, change.bytes, change.versions, change.versionBytes, bucket.id);
  }

  /** Undefined: there is none of this name. */
  lookUp(name: string): BucketRow | undefined {
    return this.#store.statement<[string], BucketRow>(`SELECT ${BUCKET_COLUMNS} FROM bucket WHERE name = ?`).get(name);
  }
}

export function toBucketInfo(row: BucketRow): BucketInfo {
  const { owner } = decodeGrants(row.grants);
  return {
    name: row.name,
    createdAt: row.created_at,
    versioning: row.versioning,
    ...(row.snapshot_of === null ? {} : { snapshotOf: row.snapshot_of }),
    ...(owner === undefined ? {} : { owner }),
  };
}

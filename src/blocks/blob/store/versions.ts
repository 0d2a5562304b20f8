/**
 * The versions of a key, across two tables. All but the reads run within a write's transaction.
 *
 *                      put                                  delete, no version named
 *     off              replaces the object                  removes the object
 *     enabled          object ─▶ history, new object        object ─▶ history, marker ─▶ history
 *     suspended        as enabled, but the new one is       as enabled, but the marker is
 *                      «null», and there was no other       «null», and there is no other
 *
 *     a version is deleted: it goes; where it was the newest, the next one comes back from history to object, unless it is a marker
 *
 * So there is a row in object exactly where the newest version is no delete marker. Each write takes the bucket's next number, so that it
 * wants a row of the bucket that was read after the write before it.
 */
import type { Random } from '../../../platform/clock.js';
import type { Store } from '../../../platform/store/store.js';
import { blobErrors } from '../errors.js';
import { makeOpaqueId, numberOfOpaqueId } from '../rules/opaque-id.js';
import type { Buckets, CountChange } from './buckets.js';
import type { Contents } from './contents.js';
import {
  type BucketRow,
  hasContent,
  NULL_VERSION,
  type ObjectRow,
  toldVersion,
  VERSION_COLUMNS,
  type VersionRow,
} from './rows.js';

export interface NewVersion {
  /** The caller's reference to it becomes the version's. */
  readonly contentId: number;
  readonly size: number;
  readonly etag: string;
  readonly modifiedAt: number;
  readonly attributes: string | null;
}

export interface Found {
  readonly row: VersionRow;
  /** It is in object, and not in history. */
  readonly isCurrent: boolean;
}

type InsertParameters = [number, string, number, string, number | null, number, string, number, string | null];

const COLUMNS = `bucket_id, ${VERSION_COLUMNS}`;
const VALUES = 'VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)';
const ONE_OF_HISTORY = 'bucket_id = ? AND key = ? AND rank = ?';

export class Versions {
  readonly #store: Store;
  readonly #contents: Contents;
  readonly #buckets: Buckets;
  readonly #random: Random;

  constructor(store: Store, contents: Contents, buckets: Buckets, random: Random) {
    this.#store = store;
    this.#contents = contents;
    this.#buckets = buckets;
    this.#random = random;
  }

  /** The newest version, where it is no delete marker. */
  current(bucket: BucketRow, key: string): ObjectRow | undefined {
    return this.#store
      .statement<[number, string], ObjectRow>(`SELECT ${VERSION_COLUMNS} FROM object WHERE bucket_id = ? AND key = ?`)
      .get(bucket.id, key);
  }

  /** The newest of history; a delete marker where there is no {@link current}. */
  newestOfHistory(bucket: BucketRow, key: string): VersionRow | undefined {
    return this.#store
      .statement<[number, string], VersionRow>(
        `SELECT ${VERSION_COLUMNS} FROM history WHERE bucket_id = ? AND key = ? ORDER BY rank LIMIT 1`,
      )
      .get(bucket.id, key);
  }

  /** `versionId` as callers say it. Undefined: there is no such version of this key. */
  find(bucket: BucketRow, key: string, versionId: string): Found | undefined {
    const stored = versionId === NULL_VERSION ? '' : versionId;
    const current = this.current(bucket, key);
    if (current?.version_id === stored) return { row: current, isCurrent: true };
    const row = stored === '' ? this.#nullOfHistory(bucket, key) : this.#numberedOfHistory(bucket, key, stored);
    return row && { row, isCurrent: false };
  }

  /**
   * The version that a reader gets. Errors: `blob.no_such_key`, `blob.no_such_version`; `blob.delete_marker`, where one is named. With
   * `delete_marker` in the details where the newest version is one.
   */
  findReadable(bucket: BucketRow, key: string, versionId: string | undefined): ObjectRow & { isCurrent: boolean } {
    const found =
      versionId === undefined
        ? { row: this.current(bucket, key), isCurrent: true }
        : (this.find(bucket, key, versionId) ?? { row: undefined, isCurrent: false });
    const { row, isCurrent } = found;
    if (row === undefined) throw versionId === undefined ? this.#noSuchKey(bucket, key) : noSuchVersion(key, versionId);
    if (hasContent(row)) return { ...row, isCurrent };
    throw blobErrors.error('blob.delete_marker', `version ${versionId} of ${JSON.stringify(key)} is a delete marker`, {
      details: { key, ...detailsOfMarker(bucket, row) },
    });
  }

  /** Returns the identifier of the new version, as it is stored. */
  put(bucket: BucketRow, key: string, version: NewVersion): string {
    const sequence = bucket.sequence + 1;
    const change = noChange();
    this.#makeRoom(bucket, key, change);
    const id = this.#newId(bucket, sequence);
    const { contentId, size, etag, modifiedAt, attributes } = version;
    this.#store
      .statement<InsertParameters>(`INSERT INTO object (${COLUMNS}) ${VALUES}`)
      .run(bucket.id, key, -sequence, id, contentId, size, etag, modifiedAt, attributes);
    change.objects++;
    change.bytes += size;
    this.#buckets.count(bucket, 1, change);
    return id;
  }

  /** A delete that names no version. Undefined where versioning is off; else the identifier of the delete marker, as stored. */
  hide(bucket: BucketRow, key: string, now: number): string | undefined {
    const sequence = bucket.sequence + 1;
    const change = noChange();
    this.#makeRoom(bucket, key, change);
    let id: string | undefined;
    if (bucket.versioning !== 'off') {
      id = this.#newId(bucket, sequence);
      this.#store
        .statement<InsertParameters>(`INSERT INTO history (${COLUMNS}) ${VALUES}`)
        .run(bucket.id, key, -sequence, id, null, 0, '', now, null);
      change.versions++;
    }
    this.#buckets.count(bucket, 1, change);
    return id;
  }

  /** Deletes a version for good. */
  remove(bucket: BucketRow, { row, isCurrent }: Found): void {
    const change = noChange();
    if (isCurrent) this.#dropCurrent(bucket, row, change);
    else this.#dropOfHistory(bucket, row, change);
    if (bucket.versioning !== 'off') this.#promote(bucket, row.key, change);
    this.#buckets.count(bucket, 0, change);
  }

  setAttributes(bucket: BucketRow, { row, isCurrent }: Found, attributes: string | null): void {
    if (isCurrent)
      this.#store
        .statement<[string | null, number, string]>('UPDATE object SET attributes = ? WHERE bucket_id = ? AND key = ?')
        .run(attributes, bucket.id, row.key);
    else
      this.#store
        .statement<[string | null, number, string, number]>(`UPDATE history SET attributes = ? WHERE ${ONE_OF_HISTORY}`)
        .run(attributes, bucket.id, row.key, row.rank);
  }

  /** What a write of this key does to what is there already: see the table above. */
  #makeRoom(bucket: BucketRow, key: string, change: CountChange): void {
    const current = this.current(bucket, key);
    const replacesNull = bucket.versioning !== 'enabled';
    if (current !== undefined) {
      if (replacesNull && current.version_id === '') this.#dropCurrent(bucket, current, change);
      else this.#moveToHistory(bucket, current, change);
    }
    if (bucket.versioning !== 'suspended' || current?.version_id === '') return;
    const older = this.#nullOfHistory(bucket, key);
    if (older !== undefined) this.#dropOfHistory(bucket, older, change);
  }

  #promote(bucket: BucketRow, key: string, change: CountChange): void {
    if (this.current(bucket, key) !== undefined) return;
    const newest = this.newestOfHistory(bucket, key);
    if (newest === undefined || !hasContent(newest)) return;
    this.#store
      .statement<[number, string, number]>(
        `INSERT INTO object (${COLUMNS}) SELECT ${COLUMNS} FROM history WHERE ${ONE_OF_HISTORY}`,
      )
      .run(bucket.id, key, newest.rank);
    this.#deleteOfHistory(bucket, newest, change);
    change.objects++;
    change.bytes += newest.size;
  }

  #moveToHistory(bucket: BucketRow, current: VersionRow, change: CountChange): void {
    this.#store
      .statement<[number, string]>(
        `INSERT INTO history (${COLUMNS}) SELECT ${COLUMNS} FROM object WHERE bucket_id = ? AND key = ?`,
      )
      .run(bucket.id, current.key);
    change.versions++;
    change.versionBytes += current.size;
    this.#deleteCurrent(bucket, current, change);
  }

  #dropCurrent(bucket: BucketRow, row: VersionRow, change: CountChange): void {
    this.#deleteCurrent(bucket, row, change);
    if (row.content_id !== null) this.#contents.release(row.content_id);
  }

  #dropOfHistory(bucket: BucketRow, row: VersionRow, change: CountChange): void {
    this.#deleteOfHistory(bucket, row, change);
    if (row.content_id !== null) this.#contents.release(row.content_id);
  }

  #deleteCurrent(bucket: BucketRow, row: VersionRow, change: CountChange): void {
    this.#store
      .statement<[number, string]>('DELETE FROM object WHERE bucket_id = ? AND key = ?')
      .run(bucket.id, row.key);
    change.objects--;
    change.bytes -= row.size;
  }

  #deleteOfHistory(bucket: BucketRow, row: VersionRow, change: CountChange): void {
    this.#store
      .statement<[number, string, number]>(`DELETE FROM history WHERE ${ONE_OF_HISTORY}`)
      .run(bucket.id, row.key, row.rank);
    change.versions--;
    change.versionBytes -= row.size;
  }

  #nullOfHistory(bucket: BucketRow, key: string): VersionRow | undefined {
    return this.#store
      .statement<[number, string], VersionRow>(
        `SELECT ${VERSION_COLUMNS} FROM history WHERE bucket_id = ? AND key = ? AND version_id = ''`,
      )
      .get(bucket.id, key);
  }

  #numberedOfHistory(bucket: BucketRow, key: string, versionId: string): VersionRow | undefined {
    const number = numberOfOpaqueId(versionId);
    if (number === undefined) return undefined;
    const row = this.#store
      .statement<[number, string, number], VersionRow>(`SELECT ${VERSION_COLUMNS} FROM history WHERE ${ONE_OF_HISTORY}`)
      .get(bucket.id, key, -number);
    return row?.version_id === versionId ? row : undefined;
  }

  #newId(bucket: BucketRow, sequence: number): string {
    return bucket.versioning === 'enabled' ? makeOpaqueId(sequence, this.#random) : '';
  }

  #noSuchKey(bucket: BucketRow, key: string) {
    const marker = bucket.versioning === 'off' ? undefined : this.newestOfHistory(bucket, key);
    return blobErrors.error('blob.no_such_key', `there is no object ${JSON.stringify(key)} in bucket ${bucket.name}`, {
      details: { bucket: bucket.name, key, ...(marker === undefined ? {} : detailsOfMarker(bucket, marker)) },
    });
  }
}

function noSuchVersion(key: string, versionId: string) {
  return blobErrors.error(
    'blob.no_such_version',
    `${JSON.stringify(key)} has no version ${JSON.stringify(versionId)}`,
    {
      details: { key, version_id: versionId },
    },
  );
}

function detailsOfMarker(bucket: BucketRow, marker: VersionRow) {
  const { versionId } = toldVersion(bucket, marker.version_id);
  return {
    delete_marker: true,
    last_modified: marker.modified_at,
    ...(versionId === undefined ? {} : { version_id: versionId }),
  };
}

const noChange = (): CountChange => ({ objects: 0, bytes: 0, versions: 0, versionBytes: 0 });

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
import { noSuchKey } from '../rules/absent.js';
import { makeOpaqueId, numberOfOpaqueId } from '../rules/opaque-id.js';
import type { Buckets, CountChange } from './buckets.js';
import type { Contents } from './contents.js';
import { type BucketRow, hasContent, NULL_VERSION, type ObjectRow, toldVersion, type VersionRow } from './rows.js';
import { type Table, VersionRows } from './version-rows.js';

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

export class Versions {
  readonly #rows: VersionRows;
  readonly #contents: Contents;
  readonly #buckets: Buckets;
  readonly #random: Random;

  constructor(store: Store, contents: Contents, buckets: Buckets, random: Random) {
    this.#rows = new VersionRows(store);
    this.#contents = contents;
    this.#buckets = buckets;
    this.#random = random;
  }

  /** The newest version, where it is no delete marker. */
  current(bucket: BucketRow, key: string): ObjectRow | undefined {
    return this.#rows.current(bucket, key);
  }

  /** `versionId` as callers say it. Undefined: there is no such version of this key. */
  find(bucket: BucketRow, key: string, versionId: string): Found | undefined {
    const stored = versionId === NULL_VERSION ? '' : versionId;
    const current = this.#rows.current(bucket, key);
    if (current?.version_id === stored) return { row: current, isCurrent: true };
    const row = stored === '' ? this.#rows.nullOfHistory(bucket, key) : this.#ofHistory(bucket, key, stored);
    return row && { row, isCurrent: false };
  }

  /**
   * The version that a reader gets. Errors: `blob.no_such_key`, `blob.no_such_version`; `blob.delete_marker`, where one is named. With
   * `delete_marker` in the details where the newest version is one.
   */
  findReadable(bucket: BucketRow, key: string, versionId: string | undefined): ObjectRow & { isCurrent: boolean } {
    const found =
      versionId === undefined
        ? { row: this.#rows.current(bucket, key), isCurrent: true }
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
    const change = noChange();
    this.#makeRoom(bucket, key, change);
    const row = this.#newRow(bucket, key, version);
    this.#rows.insert('object', bucket, row);
    count(change, 'object', row, 1);
    this.#buckets.count(bucket, 1, change);
    return row.version_id;
  }

  /** A delete that names no version. Undefined where versioning is off; else the identifier of the delete marker, as stored. */
  hide(bucket: BucketRow, key: string, now: number): string | undefined {
    const change = noChange();
    this.#makeRoom(bucket, key, change);
    if (bucket.versioning === 'off') {
      this.#buckets.count(bucket, 0, change);
      return undefined;
    }
    const marker = { contentId: null, size: 0, etag: '', modifiedAt: now, attributes: null };
    const row = this.#newRow(bucket, key, marker);
    this.#rows.insert('history', bucket, row);
    count(change, 'history', row, 1);
    this.#buckets.count(bucket, 1, change);
    return row.version_id;
  }

  /** Deletes a version for good. */
  remove(bucket: BucketRow, { row, isCurrent }: Found): void {
    const change = noChange();
    this.#drop(isCurrent ? 'object' : 'history', bucket, row, change);
    if (bucket.versioning !== 'off') this.#promote(bucket, row.key, change);
    this.#buckets.count(bucket, 0, change);
  }

  setAttributes(bucket: BucketRow, { row, isCurrent }: Found, attributes: string | null): void {
    this.#rows.setAttributes(isCurrent ? 'object' : 'history', bucket, row, attributes);
  }

  /** What a write of this key does to what is there already: see the table above. */
  #makeRoom(bucket: BucketRow, key: string, change: CountChange): void {
    const current = this.#rows.current(bucket, key);
    if (current !== undefined) {
      const isReplaced = bucket.versioning !== 'enabled' && current.version_id === '';
      if (isReplaced) this.#drop('object', bucket, current, change);
      else this.#move('object', 'history', bucket, current, change);
    }
    if (bucket.versioning !== 'suspended' || current?.version_id === '') return;
    const older = this.#rows.nullOfHistory(bucket, key);
    if (older !== undefined) this.#drop('history', bucket, older, change);
  }

  #promote(bucket: BucketRow, key: string, change: CountChange): void {
    if (this.#rows.current(bucket, key) !== undefined) return;
    const newest = this.#rows.newestOfHistory(bucket, key);
    if (newest !== undefined && hasContent(newest)) this.#move('history', 'object', bucket, newest, change);
  }

  #move(from: Table, to: Table, bucket: BucketRow, row: VersionRow, change: CountChange): void {
    this.#rows.delete(from, bucket, row);
    this.#rows.insert(to, bucket, row);
    count(change, from, row, -1);
    count(change, to, row, 1);
  }

  #drop(table: Table, bucket: BucketRow, row: VersionRow, change: CountChange): void {
    this.#rows.delete(table, bucket, row);
    count(change, table, row, -1);
    if (row.content_id !== null) this.#contents.release(row.content_id);
  }

  #newRow(
    bucket: BucketRow,
    key: string,
    version: Omit<NewVersion, 'contentId'> & { contentId: number | null },
  ): VersionRow {
    const sequence = bucket.sequence + 1;
    return {
      key,
      rank: -sequence,
      version_id: bucket.versioning === 'enabled' ? makeOpaqueId(sequence, this.#random) : '',
      content_id: version.contentId,
      size: version.size,
      etag: version.etag,
      modified_at: version.modifiedAt,
      attributes: version.attributes,
    };
  }

  #ofHistory(bucket: BucketRow, key: string, versionId: string): VersionRow | undefined {
    const number = numberOfOpaqueId(versionId);
    const row = number === undefined ? undefined : this.#rows.ofHistory(bucket, key, -number);
    return row?.version_id === versionId ? row : undefined;
  }

  #noSuchKey(bucket: BucketRow, key: string) {
    const marker = bucket.versioning === 'off' ? undefined : this.#rows.newestOfHistory(bucket, key);
    return noSuchKey(bucket.name, key, marker === undefined ? {} : detailsOfMarker(bucket, marker));
  }
}

function count(change: CountChange, table: Table, { size }: VersionRow, by: 1 | -1): void {
  if (table === 'object') {
    change.objects += by;
    change.bytes += by * size;
  } else {
    change.versions += by;
    change.versionBytes += by * size;
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
    modified_at: marker.modified_at,
    ...(versionId === undefined ? {} : { version_id: versionId }),
  };
}

const noChange = (): CountChange => ({ objects: 0, bytes: 0, versions: 0, versionBytes: 0 });

/** Rows of uploads in parts, and what callers are told of them. All writes run within a write's transaction. */

import { CHECKSUM_ALGORITHMS } from '../checksum/algorithms.js';
import { blobErrors } from '../errors.js';
import type { ObjectChecksum, PartInfo, UploadInfo, UploadPlace } from '../object-types.js';
import { makeOpaqueId, numberOfOpaqueId } from '../rules/opaque-id.js';
import { decodeAttributes } from './attributes.js';
import type { StoreParts } from './parts.js';
import type { BucketRow } from './rows.js';

export interface UploadRow {
  readonly id: number;
  readonly public_id: string;
  readonly key: string;
  readonly started_at: number;
  readonly attributes: string | null;
}

export interface PartRow {
  readonly number: number;
  readonly content_id: number;
  readonly size: number;
  readonly etag: string;
  readonly modified_at: number;
  /** `CRC32:NSRBwg==` */
  readonly checksum: string | null;
}

export const UPLOAD_COLUMNS = 'id, public_id, key, started_at, attributes';
const PART_COLUMNS = 'number, content_id, size, etag, modified_at, checksum';

export class UploadRows {
  readonly #parts: Pick<StoreParts, 'file' | 'random'>;

  constructor(parts: Pick<StoreParts, 'file' | 'random'>) {
    this.#parts = parts;
  }

  /** Undefined: it is complete, aborted, of another key, or never was. */
  find(bucket: BucketRow, { key, uploadId }: UploadPlace): UploadRow | undefined {
    const id = numberOfOpaqueId(uploadId);
    if (id === undefined) return undefined;
    const row = this.#parts.file
      .statement<[number, number, string], UploadRow>(
        `SELECT ${UPLOAD_COLUMNS} FROM upload WHERE id = ? AND bucket_id = ? AND key = ?`,
      )
      .get(id, bucket.id, key);
    return row?.public_id === uploadId ? row : undefined;
  }

  /** Error: `blob.no_such_upload`. */
  get(bucket: BucketRow, place: UploadPlace): UploadRow {
    const row = this.find(bucket, place);
    if (row !== undefined) return row;
    throw blobErrors.error(
      'blob.no_such_upload',
      `there is no upload ${JSON.stringify(place.uploadId)} of ${JSON.stringify(place.key)}: it is complete, aborted, or never was`,
      { details: { bucket: place.bucket, key: place.key, upload_id: place.uploadId } },
    );
  }

  insert(bucket: BucketRow, key: string, startedAt: number, attributes: string | null): UploadRow {
    const { file, random } = this.#parts;
    // As AUTOINCREMENT counts: a number is never used again, for identifiers contain it.
    const last = file.statement<[], { seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'upload'").get();
    const id = (last?.seq ?? 0) + 1;
    const row: UploadRow = { id, public_id: makeOpaqueId(id, random), key, started_at: startedAt, attributes };
    file
      .statement<[number, string, number, string, number, string | null]>(
        'INSERT INTO upload (id, public_id, bucket_id, key, started_at, attributes) VALUES (?, ?, ?, ?, ?, ?)',
      )
      .run(id, row.public_id, bucket.id, key, startedAt, attributes);
    return row;
  }

  /** With the rows of its parts; the caller has seen to their contents. */
  remove(upload: UploadRow): void {
    this.#parts.file.statement<[number]>('DELETE FROM part WHERE upload_id = ?').run(upload.id);
    this.#parts.file.statement<[number]>('DELETE FROM upload WHERE id = ?').run(upload.id);
  }

  /** In order of their numbers, at most `limit` after number `after`. */
  parts(upload: UploadRow, after = 0, limit = -1): PartRow[] {
    return this.#parts.file
      .statement<[number, number, number], PartRow>(
        `SELECT ${PART_COLUMNS} FROM part WHERE upload_id = ? AND number > ? ORDER BY number LIMIT ?`,
      )
      .all(upload.id, after, limit);
  }

  part(upload: UploadRow, number: number): PartRow | undefined {
    return this.#parts.file
      .statement<[number, number], PartRow>(`SELECT ${PART_COLUMNS} FROM part WHERE upload_id = ? AND number = ?`)
      .get(upload.id, number);
  }

  /** In place of one of the same number, whose content the caller has seen to. */
  putPart(upload: UploadRow, part: PartRow): void {
    this.#parts.file
      .statement<[number, number, number, number, string, number, string | null]>(
        `INSERT OR REPLACE INTO part (upload_id, ${PART_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`,
      )
      .run(upload.id, part.number, part.content_id, part.size, part.etag, part.modified_at, part.checksum);
  }
}

export function toUploadInfo(bucket: string, row: UploadRow): UploadInfo {
  const { asked, grants } = decodeAttributes(row.attributes);
  return {
    bucket,
    key: row.key,
    uploadId: row.public_id,
    startedAt: row.started_at,
    ...(asked === undefined ? {} : { checksum: asked }),
    ...(grants?.owner === undefined ? {} : { owner: grants.owner }),
  };
}

export function toPartInfo(row: PartRow): PartInfo {
  const checksum = checksumOfPart(row);
  return {
    partNumber: row.number,
    size: row.size,
    etag: row.etag,
    modifiedAt: row.modified_at,
    ...(checksum === undefined ? {} : { checksum }),
  };
}

export function checksumOfPart({ checksum }: PartRow): ObjectChecksum | undefined {
  const at = checksum?.indexOf(':') ?? -1;
  const algorithm = CHECKSUM_ALGORITHMS.find((name) => name === checksum?.slice(0, at));
  return checksum === null || algorithm === undefined
    ? undefined
    : { algorithm, value: checksum.slice(at + 1), type: 'FULL_OBJECT' };
}

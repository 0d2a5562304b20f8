/**
 * Uploads in parts:
 *
 *     create ──▶ open ──part n, any order, any number of times──▶ open ──complete──▶ an object of the parts that are named
 *                 └──abort, or the bucket is deleted──▶ gone
 *
 * Whoever removes the row of the upload has won: all that comes later is `blob.no_such_upload`.
 */
import type { PartPage, PutOptions, UploadOptions } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { Body, KeyPlace, PartInfo, UploadInfo, UploadPlace } from '../object-types.js';
import { checkKey } from '../rules/key.js';
import { checkMetadata } from '../rules/metadata.js';
import { MOST_PARTS } from '../rules/multipart.js';
import { checkTags } from '../rules/tags.js';
import { decodeAttributes, encodeAttributes } from './attributes.js';
import { decodeGrants } from './bucket-grants.js';
import type { Owned } from './objects.js';
import type { StoreParts } from './parts.js';
import type { BucketRow } from './rows.js';
import { stageAndWrite } from './staging.js';
import { type PartRow, toPartInfo, toUploadInfo, type UploadRow, UploadRows } from './upload-rows.js';

export class Uploads {
  readonly #parts: StoreParts;
  readonly #rows: UploadRows;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.#rows = new UploadRows(parts);
  }

  async create({ bucket: name, key }: KeyPlace, options: UploadOptions & Owned = {}): Promise<UploadInfo> {
    const { headers, metadata = {}, tags = {}, checksum: asked, own } = options;
    checkKey(key);
    checkMetadata(metadata);
    checkTags(tags);
    return this.#parts.writes.run(() => {
      const bucket = this.#parts.buckets.findWritable(name);
      const grants = own?.(decodeGrants(bucket.grants));
      const attributes = encodeAttributes({ headers, metadata, tags, asked, grants });
      return toUploadInfo(name, this.#rows.insert(bucket, key, this.#parts.clock.now(), attributes));
    });
  }

  async put(
    place: UploadPlace,
    partNumber: number,
    body: Body,
    options: Pick<PutOptions, 'size' | 'md5' | 'checksum'> = {},
  ): Promise<PartInfo> {
    checkPartNumber(partNumber);
    // Before the body is read, and again with it.
    this.find(place);
    return stageAndWrite(this.#parts, body, { ...options, mayBeInline: false }, (staged, checksum) => {
      const { upload } = this.find(place);
      const asked = decodeAttributes(upload.attributes).asked?.algorithm;
      if (asked !== undefined && checksum?.algorithm !== asked) throw otherChecksum(asked);
      return this.write(upload, {
        number: partNumber,
        content_id: this.#parts.contents.add(staged),
        size: staged.size,
        etag: staged.md5,
        checksum: checksum === undefined ? null : `${checksum.algorithm}:${checksum.value}`,
      });
    });
  }

  /** Within a transaction: in place of a part of the same number. The reference to the content is the caller's until now. */
  write(upload: UploadRow, part: Omit<PartRow, 'modified_at'>): PartInfo {
    const replaced = this.#rows.part(upload, part.number);
    const row = { ...part, modified_at: this.#parts.clock.now() };
    this.#rows.putPart(upload, row);
    if (replaced !== undefined) this.#parts.contents.release(replaced.content_id);
    return toPartInfo(row);
  }

  /** Errors: `blob.no_such_bucket`, `blob.no_such_upload`. */
  find(place: UploadPlace): { readonly bucket: BucketRow; readonly upload: UploadRow } {
    checkKey(place.key);
    const { buckets, file } = this.#parts;
    return file.view(() => {
      const bucket = buckets.find(place.bucket);
      return { bucket, upload: this.#rows.get(bucket, place) };
    });
  }

  async listParts(place: UploadPlace, query: { readonly after?: number; readonly limit: number }): Promise<PartPage> {
    const { file } = this.#parts;
    return file.view(() => {
      const { upload } = this.find(place);
      const rows = this.#rows.parts(upload, query.after, query.limit + 1);
      const parts = rows.slice(0, query.limit).map(toPartInfo);
      const last = parts.at(-1);
      return {
        upload: toUploadInfo(place.bucket, upload),
        parts,
        ...(rows.length > parts.length && last !== undefined ? { next: last.partNumber } : {}),
      };
    });
  }

  async abort(place: UploadPlace): Promise<void> {
    checkKey(place.key);
    await this.#parts.writes.free(() => {
      const bucket = this.#parts.buckets.find(place.bucket);
      this.drop(this.#rows.get(bucket, place));
    });
  }

  /** Within a transaction: aborts it; false where there is none any more. */
  dropIfThere(place: UploadPlace): boolean {
    const bucket = this.#parts.buckets.lookUp(place.bucket);
    const upload = bucket && this.#rows.find(bucket, place);
    if (upload !== undefined) this.drop(upload);
    return upload !== undefined;
  }

  /** Within a transaction. */
  drop(upload: UploadRow): void {
    for (const part of this.#rows.parts(upload)) this.#parts.contents.release(part.content_id);
    this.#rows.remove(upload);
  }
}

/** Error: `blob.invalid_argument`. */
export function checkPartNumber(number: number): void {
  if (Number.isSafeInteger(number) && number >= 1 && number <= MOST_PARTS) return;
  throw blobErrors.error('blob.invalid_argument', `${number} is no number of a part: from 1 to ${MOST_PARTS}`);
}

function otherChecksum(asked: string) {
  return blobErrors.error(
    'blob.invalid_request',
    `the upload was begun with ${asked}, and the part has no such checksum`,
    {
      hint: `send x-amz-checksum-${asked.toLowerCase()} with each part`,
    },
  );
}

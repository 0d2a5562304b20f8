/**
 * A body of which nobody knows how long it is. S3 wants to know before: so it is collected, and what does not end within the first part
 * is uploaded in parts, one after the other. They grow, because there may be 10,000 of them:
 *
 *     parts 1 to 2,000    8 MiB each, 2,001 to 4,000   16 MiB … the last 2,000   128 MiB: 484 GiB in all
 */

import { createHash } from 'node:crypto';
import { onePiece } from '../../../platform/one-piece.js';
import { present } from '../../../platform/present.js';
import type { BlobStore, CompletedPart, PutOptions, PutResult } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { Body, KeyPlace } from '../object-types.js';
import { MOST_PARTS } from '../rules/multipart.js';
import { type BodyReader, bodyReader, MOST_BUFFERED } from './body.js';

const PARTS_OF_A_SIZE = 2000;

/** What a long body is put with. */
export interface LongBodyMeans {
  readonly store: Pick<BlobStore, 'createUpload' | 'uploadPart' | 'completeUpload' | 'abortUpload'>;
  /** Puts a body of known size. */
  put(body: Body, size: number): Promise<PutResult>;
}

export async function putUnsized(
  means: LongBodyMeans,
  place: KeyPlace,
  body: Body,
  options: PutOptions,
): Promise<PutResult> {
  const reader = bodyReader(body);
  try {
    const first = await reader.take(MOST_BUFFERED);
    if (reader.ended) return await means.put(onePiece(first), first.length);
    return await putGrowingParts(means.store, place, first, reader, options);
  } finally {
    await reader.close();
  }
}

async function putGrowingParts(
  store: LongBodyMeans['store'],
  place: KeyPlace,
  first: Buffer,
  reader: BodyReader,
  { headers, metadata, tags, conditions, md5, checksum }: PutOptions,
): Promise<PutResult> {
  const upload = await store.createUpload(place, { ...present({ headers, metadata, tags }), checksum: WHOLE_CHECKSUM });
  try {
    const hash = createHash('md5');
    const parts: CompletedPart[] = [];
    let size = 0;
    for (let bytes = first; bytes.length > 0; bytes = await reader.take(partSize(parts.length))) {
      if (parts.length === MOST_PARTS) throw tooLarge(size);
      hash.update(bytes);
      size += bytes.length;
      const part = await store.uploadPart(upload, parts.length + 1, onePiece(bytes), { size: bytes.length });
      parts.push({ partNumber: part.partNumber, etag: part.etag, ...present({ checksum: part.checksum?.value }) });
    }
    if (md5 !== undefined && hash.digest('hex') !== md5) {
      throw blobErrors.error('blob.bad_digest', 'the body has another MD5 than was announced; nothing was stored');
    }
    // Its maker may find it wrong when it has ended, by throwing.
    checksum?.();
    return await store.completeUpload(upload, { parts, size, ...present({ conditions }) });
  } catch (error) {
    // What failed is what is to be told, and not that the parts stay until a lifecycle takes them.
    await store.abortUpload(upload).catch(() => undefined);
    throw error;
  }
}

/** So that whoever gets the object can check it as a whole. */
const WHOLE_CHECKSUM = { algorithm: 'CRC32', type: 'FULL_OBJECT' } as const;

function partSize(before: number): number {
  return MOST_BUFFERED * 2 ** Math.floor(before / PARTS_OF_A_SIZE);
}

function tooLarge(size: number) {
  return blobErrors.error(
    'blob.entity_too_large',
    `the body has more than ${size} bytes, and ${MOST_PARTS} parts are full`,
  );
}

/**
 * UploadPartCopy: a part out of an object.
 *
 *     small       its bytes are read, at once with its row, and stored again: there are few
 *     in packs    its bytes are shared, and read only for their MD5 and the checksum of the upload, where those are not known
 */

import { createHash } from 'node:crypto';
import { onePiece } from '../../../platform/one-piece.js';
import type { Permit } from '../access/bucket-grants.js';
import type { ReadConditions } from '../blob-store.js';
import { createChecksum } from '../checksum/checksum.js';
import { blobErrors } from '../errors.js';
import type {
  Body,
  ByteRange,
  ChecksumAlgorithm,
  ObjectChecksum,
  ObjectPlace,
  PartInfo,
  UploadPlace,
} from '../object-types.js';
import { judgeCopySource } from '../rules/conditions.js';
import { checkKey } from '../rules/key.js';
import { LARGEST_BODY } from '../rules/multipart.js';
import { checkWholeRange, lengthOfRange } from '../rules/range.js';
import { decodeAttributes, decodeGrantsOf } from './attributes.js';
import { decodeGrants } from './bucket-grants.js';
import { INLINE_LIMIT } from './ingest/stager.js';
import { findCopySource } from './objects.js';
import type { StoreParts } from './parts.js';
import { judgedOf, type ObjectRow, toldVersion } from './rows.js';
import { checkPartNumber, type Uploads } from './uploads.js';

export interface PartSource {
  readonly place: ObjectPlace;
  readonly range?: ByteRange;
  readonly conditions?: ReadConditions;
  /** Judges the very version that is copied out of. */
  readonly permit?: Permit;
}

type CopiedPart = PartInfo & { readonly sourceVersionId?: string };

/** Times that a source is read which is replaced while it is read. */
const MOST_READINGS = 3;

/** Error, among those of the store's interface: `blob.conflict` where the source changes again and again. */
export async function copyPart(
  parts: StoreParts,
  uploads: Uploads,
  place: UploadPlace,
  partNumber: number,
  source: PartSource,
): Promise<CopiedPart> {
  checkPartNumber(partNumber);
  checkKey(source.place.key);
  const asked = decodeAttributes(uploads.find(place).upload.attributes).asked?.algorithm;
  for (let reading = 1; reading <= MOST_READINGS; reading++) {
    const { row, range, told, small } = parts.file.view(() => lookAndRead(parts, source));
    if (range === undefined || small !== undefined) {
      const bytes = await collect(small ?? []);
      const { checksum } = await sumUp([bytes], asked);
      return { ...(await uploads.put(place, partNumber, onePiece(bytes), { checksum: () => checksum })), ...told };
    }
    const sums = await sumUpStored(parts, row, range, asked);
    const shared = await share(parts, uploads, place, partNumber, source, { row, range, sums });
    if (shared !== 'changed') return { ...shared, ...told };
  }
  throw blobErrors.error('blob.conflict', `${JSON.stringify(source.place.key)} changes while it is copied`, {
    hint: 'copy a version of it: versions do not change',
  });
}

interface Sums {
  /** MD5 in hex. */
  readonly etag: string;
  readonly checksum: ObjectChecksum | undefined;
}

/** The ETag of the whole of an object that came in one piece is its MD5 already. */
async function sumUpStored(
  { contents }: StoreParts,
  row: ObjectRow,
  range: ByteRange,
  asked: ChecksumAlgorithm | undefined,
): Promise<Sums> {
  const isKnown = lengthOfRange(range) === row.size && !row.etag.includes('-') && asked === undefined;
  return isKnown ? { etag: row.etag, checksum: undefined } : sumUp(contents.read(row.content_id, range), asked);
}

async function sumUp(body: Body | Iterable<Uint8Array>, asked: ChecksumAlgorithm | undefined): Promise<Sums> {
  const md5 = createHash('md5');
  const sum = asked && createChecksum(asked);
  for await (const bytes of body) {
    md5.update(bytes);
    sum?.update(bytes);
  }
  const etag = md5.digest('hex');
  if (asked === undefined || sum === undefined) return { etag, checksum: undefined };
  return { etag, checksum: { algorithm: asked, value: sum.digest().toString('base64'), type: 'FULL_OBJECT' } };
}

/** `changed`: the source has other bytes now than those that were summed up. */
function share(
  parts: StoreParts,
  uploads: Uploads,
  place: UploadPlace,
  number: number,
  source: PartSource,
  { row, range, sums }: { readonly row: ObjectRow; readonly range: ByteRange; readonly sums: Sums },
): Promise<PartInfo | 'changed'> {
  return parts.writes.run(() => {
    const { upload } = uploads.find(place);
    if (look(parts, source).row.content_id !== row.content_id) return 'changed';
    const contentId = parts.contents.cut(row.content_id, range);
    if (contentId === undefined) throw new Error(`content ${row.content_id} of ${row.size} bytes is inline`);
    const { etag, checksum } = sums;
    const size = lengthOfRange(range);
    return uploads.write(upload, {
      ...{ number, size, etag },
      content_id: contentId,
      checksum: checksum === undefined ? null : `${checksum.algorithm}:${checksum.value}`,
    });
  });
}

/** A small content goes with the last row that has it: what is read of it is in hand when this returns. */
function lookAndRead(parts: StoreParts, source: PartSource) {
  const seen = look(parts, source);
  const isSmall = seen.row.size <= INLINE_LIMIT;
  return { ...seen, small: isSmall ? parts.contents.read(seen.row.content_id, seen.range) : undefined };
}

async function collect(body: Body | Iterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of body) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

function look(parts: StoreParts, { place, range, conditions, permit }: PartSource) {
  const bucket = parts.buckets.find(place.bucket);
  const row = findCopySource(parts, bucket, place);
  permit?.(decodeGrantsOf(row.attributes), decodeGrants(bucket.grants));
  judgeCopySource(conditions, judgedOf(row));
  if (range !== undefined) checkWholeRange(range, row.size);
  const chosen = range ?? (row.size === 0 ? undefined : { first: 0, last: row.size - 1 });
  if (chosen !== undefined && lengthOfRange(chosen) > LARGEST_BODY)
    throw blobErrors.error('blob.entity_too_large', `a part cannot have more than ${LARGEST_BODY} bytes`);
  const { versionId } = toldVersion(bucket, row.version_id);
  return { row, range: chosen, told: versionId === undefined ? {} : { sourceVersionId: versionId } };
}

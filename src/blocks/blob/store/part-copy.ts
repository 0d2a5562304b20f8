/** UploadPartCopy: a part out of an object. Where its bytes are in packs, they are shared and not read. */
import type { Body, ByteRange, ObjectPlace, PartInfo, ReadConditions, UploadPlace } from '../blob-store.js';
import { createChecksum } from '../checksum/checksum.js';
import { blobErrors } from '../errors.js';
import { judgeCopySource } from '../rules/conditions.js';
import { checkKey } from '../rules/key.js';
import { etagOfCopiedPart } from '../rules/multipart.js';
import { checkWholeRange, lengthOfRange } from '../rules/range.js';
import { decodeAttributes } from './attributes.js';
import { findCopySource } from './objects.js';
import type { StoreParts } from './parts.js';
import { judgedOf, toldVersion } from './rows.js';
import { LARGEST_BODY } from './staging.js';
import { checkPartNumber, type Uploads } from './uploads.js';

export interface PartSource {
  readonly place: ObjectPlace;
  readonly range?: ByteRange;
  readonly conditions?: ReadConditions;
}

type CopiedPart = PartInfo & { readonly sourceVersionId?: string };

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
  const shared = asked === undefined ? await sharePart(parts, uploads, place, partNumber, source) : undefined;
  if (shared !== undefined) return shared;

  const { row, range, told } = look(parts, source);
  const read = parts.contents.read(row.content_id, range);
  if (asked === undefined) return { ...(await uploads.put(place, partNumber, read)), ...told };
  const sum = createChecksum(asked);
  const checksum = () => ({ algorithm: asked, value: sum.digest().toString('base64'), type: 'FULL_OBJECT' as const });
  return { ...(await uploads.put(place, partNumber, summed(read, sum), { checksum })), ...told };
}

/** Undefined: the bytes are in the database file, and few; or there are none. */
function sharePart(
  parts: StoreParts,
  uploads: Uploads,
  place: UploadPlace,
  partNumber: number,
  source: PartSource,
): Promise<CopiedPart | undefined> {
  return parts.writes.run(() => {
    const { upload } = uploads.find(place);
    const { row, range, told } = look(parts, source);
    const contentId = range && parts.contents.cut(row.content_id, range);
    if (range === undefined || contentId === undefined) return undefined;
    const etag = etagOfCopiedPart(row.etag, range, row.size);
    const size = lengthOfRange(range);
    const part = uploads.write(upload, { number: partNumber, content_id: contentId, size, etag, checksum: null });
    return { ...part, ...told };
  });
}

function look(parts: StoreParts, { place, range, conditions }: PartSource) {
  const bucket = parts.buckets.find(place.bucket);
  const row = findCopySource(parts, bucket, place);
  judgeCopySource(conditions, judgedOf(row));
  if (range !== undefined) checkWholeRange(range, row.size);
  const chosen = range ?? (row.size === 0 ? undefined : { first: 0, last: row.size - 1 });
  if (chosen !== undefined && lengthOfRange(chosen) > LARGEST_BODY)
    throw blobErrors.error('blob.entity_too_large', `a part cannot have more than ${LARGEST_BODY} bytes`);
  const { versionId } = toldVersion(bucket, row.version_id);
  return { row, range: chosen, told: versionId === undefined ? {} : { sourceVersionId: versionId } };
}

async function* summed(body: Body, sum: { update(bytes: Uint8Array): void }): Body {
  for await (const bytes of body) {
    sum.update(bytes);
    yield bytes;
  }
}

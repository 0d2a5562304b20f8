/**
 * Complete: the parts that are named become an object, in one transaction, and no byte is copied. A Complete that is sent again, since its
 * answer was lost, is answered as the first one as long as the object is still there.
 */
import type { CompletedPart, CompleteOptions, PutResult } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { ObjectChecksum, UploadPlace } from '../object-types.js';
import { judgeWrite } from '../rules/conditions.js';
import { checkKey } from '../rules/key.js';
import { checkPartOrder, checksumOfParts, etagOfParts } from '../rules/multipart.js';
import { decodeAttributes, encodeAttributes } from './attributes.js';
import type { StoreParts } from './parts.js';
import { type BucketRow, judgedOf, writtenVersion } from './rows.js';
import { checksumOfPart, type PartRow, type UploadRow, UploadRows } from './upload-rows.js';

/** Bytes that each part but the last one has at least. */
const SMALLEST_PART = 5 * 2 ** 20;

export async function completeUpload(
  parts: StoreParts,
  place: UploadPlace,
  options: CompleteOptions,
): Promise<PutResult> {
  checkKey(place.key);
  checkPartOrder(options.parts);
  return parts.writes.run(() => {
    const bucket = parts.buckets.findWritable(place.bucket);
    const rows = new UploadRows(parts);
    const upload = rows.find(bucket, place);
    return (
      (upload === undefined ? findRepeated(parts, bucket, place, options) : undefined) ??
      complete(parts, rows, bucket, upload ?? rows.get(bucket, place), options)
    );
  });
}

function complete(
  parts: StoreParts,
  rows: UploadRows,
  bucket: BucketRow,
  upload: UploadRow,
  options: CompleteOptions,
): PutResult {
  const { contents, versions, clock } = parts;
  const { key } = upload;
  const current = versions.current(bucket, key);
  judgeWrite(options.conditions, current && judgedOf(current), key);
  const { chosen, others } = choose(rows.parts(upload), options.parts);
  const size = chosen.reduce((sum, part) => sum + part.size, 0);
  if (options.size !== undefined && options.size !== size) throw otherSize(size, options.size);
  const { asked, ...kept } = decodeAttributes(upload.attributes);
  const checksum =
    asked &&
    checksumOfParts(
      asked,
      chosen.map((part) => ({ size: part.size, checksum: checksumOfPart(part) })),
    );
  checkWhole(options.checksum, checksum);

  for (const part of others) contents.release(part.content_id);
  const contentId = contents.join(
    chosen.map((part) => part.content_id),
    chosen.map(toLayout),
  );
  rows.remove(upload);
  const etag = etagOfParts(chosen.map((part) => part.etag));
  const modifiedAt = clock.now();
  const attributes = encodeAttributes({ ...kept, checksum, partCount: chosen.length, uploadId: upload.public_id });
  const id = versions.put(bucket, key, { contentId, size, etag, modifiedAt, attributes });
  return { etag, size, modifiedAt, ...writtenVersion(id), ...(checksum === undefined ? {} : { checksum }) };
}

function choose(rows: readonly PartRow[], named: readonly CompletedPart[]) {
  const byNumber = new Map(rows.map((row) => [row.number, row]));
  const chosen = named.map((part, index) => {
    const row = byNumber.get(part.partNumber);
    if (row === undefined) throw invalidPart(`part ${part.partNumber} was not uploaded`);
    if (row.etag !== part.etag)
      throw invalidPart(`part ${part.partNumber} has the ETag ${row.etag}, and not ${JSON.stringify(part.etag)}`);
    const stored = checksumOfPart(row);
    if (part.checksum !== undefined && stored !== undefined && stored.value !== part.checksum)
      throw invalidPart(`part ${part.partNumber} has another ${stored.algorithm} than is named`);
    if (index < named.length - 1 && row.size < SMALLEST_PART) throw tooSmall(row);
    byNumber.delete(part.partNumber);
    return row;
  });
  return { chosen, others: [...byNumber.values()] };
}

function toLayout(part: PartRow) {
  const checksum = checksumOfPart(part);
  return { number: part.number, size: part.size, ...(checksum === undefined ? {} : { checksum: checksum.value }) };
}

function checkWhole(announced: CompleteOptions['checksum'], checksum: ObjectChecksum | undefined): void {
  if (announced === undefined) return;
  if (checksum?.algorithm !== announced.algorithm)
    throw blobErrors.error(
      'blob.invalid_request',
      `the upload was not begun with ${announced.algorithm}, and has none to compare`,
      {
        hint: `begin it with x-amz-checksum-algorithm: ${announced.algorithm}`,
      },
    );
  // A checksum of checksums may be named without its count of parts.
  if (announced.value === checksum.value || announced.value === checksum.value.replace(/-\d+$/, '')) return;
  throw blobErrors.error(
    'blob.bad_digest',
    `the object has the ${checksum.algorithm} ${checksum.value}, and ${JSON.stringify(announced.value)} was announced`,
    { details: { checksum: checksum.value, announced: announced.value } },
  );
}

/** Undefined: the current object was not made by this upload of these parts. */
function findRepeated(
  { versions }: StoreParts,
  bucket: BucketRow,
  { key, uploadId }: UploadPlace,
  options: CompleteOptions,
): PutResult | undefined {
  const current = versions.current(bucket, key);
  if (current === undefined) return undefined;
  const attributes = decodeAttributes(current.attributes);
  if (attributes.uploadId !== uploadId || current.etag !== etagOfParts(options.parts.map(({ etag }) => etag)))
    return undefined;
  const { checksum } = attributes;
  return {
    etag: current.etag,
    size: current.size,
    modifiedAt: current.modified_at,
    ...writtenVersion(current.version_id),
    ...(checksum === undefined ? {} : { checksum }),
  };
}

function invalidPart(message: string) {
  return blobErrors.error('blob.invalid_part', message);
}

function tooSmall({ number, size }: PartRow) {
  return blobErrors.error(
    'blob.entity_too_small',
    `part ${number} has ${size} bytes: all but the last one have ${SMALLEST_PART} or more`,
    { details: { part_number: number, size_bytes: size, least_bytes: SMALLEST_PART } },
  );
}

function otherSize(size: number, announced: number) {
  return blobErrors.error('blob.invalid_request', `the object has ${size} bytes, and ${announced} were announced`);
}

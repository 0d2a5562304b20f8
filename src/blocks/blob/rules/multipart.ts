/** How an object is put together of parts: their order, its ETag, its checksum. */
import { createHash } from 'node:crypto';
import type { CompletedPart } from '../blob-store.js';
import { readChecksumValue } from '../checksum/algorithms.js';
import { compositeChecksum } from '../checksum/checksum.js';
import { combineCrc, isCrc } from '../checksum/combine.js';
import { blobErrors } from '../errors.js';
import type { ChecksumAlgorithm, ChecksumType, ObjectChecksum } from '../object-types.js';

/** Parts of an upload at most, and the highest number of one. */
export const MOST_PARTS = 10_000;

/** Bytes of what one request may bring or copy, a whole object or a part. Larger objects come in parts. */
export const LARGEST_BODY = 5 * 1024 ** 3;

/** Errors: `blob.malformed_xml` where there is none; `blob.invalid_part_order`. */
export function checkPartOrder(parts: readonly CompletedPart[]): void {
  if (parts.length === 0) throw blobErrors.error('blob.malformed_xml', 'an upload cannot be completed with no parts');
  let last = 0;
  for (const { partNumber } of parts) {
    if (partNumber <= last)
      throw blobErrors.error(
        'blob.invalid_part_order',
        `part ${partNumber} comes after part ${last}: numbers have to rise`,
      );
    last = partNumber;
  }
}

/** MD5 of the parts' MD5s, and how many there were. */
export function etagOfParts(etags: readonly string[]): string {
  const hash = createHash('md5');
  for (const etag of etags) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${etags.length}`;
}

/** Error: `blob.invalid_request`, where a part has no such checksum. */
export function checksumOfParts(
  asked: { readonly algorithm: ChecksumAlgorithm; readonly type: ChecksumType },
  parts: readonly { readonly size: number; readonly checksum: ObjectChecksum | undefined }[],
): ObjectChecksum {
  const { algorithm, type } = asked;
  const values = parts.map(({ size, checksum }) => {
    const bytes = checksum?.algorithm === algorithm ? readChecksumValue(algorithm, checksum.value) : undefined;
    if (bytes === undefined)
      throw blobErrors.error(
        'blob.invalid_request',
        `the upload was begun with ${algorithm}, and a part has no such checksum`,
      );
    return { size, bytes };
  });
  if (type === 'COMPOSITE' || !isCrc(algorithm)) {
    const value = compositeChecksum(
      algorithm,
      values.map(({ bytes }) => bytes),
    );
    return { algorithm, value, type: 'COMPOSITE' };
  }
  const [first, ...rest] = values;
  let whole: Buffer = first?.bytes ?? Buffer.alloc(0);
  for (const { bytes, size } of rest) whole = combineCrc(algorithm, whole, bytes, size);
  return { algorithm, value: whole.toString('base64'), type };
}

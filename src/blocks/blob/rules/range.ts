/** Ranges of bytes: RFC 9110, section 14.1.2. */

import { blobErrors } from '../errors.js';
import type { ByteRange, RangeRequest } from '../object-types.js';

/** What a request for a range is of `size` bytes. Error: `blob.invalid_range`, where not one byte is in it. */
export function resolveRange(request: RangeRequest, size: number): ByteRange {
  if ('suffix' in request) {
    if (request.suffix <= 0 || size === 0) throw invalidRange(`-${request.suffix}`, size);
    return { first: Math.max(0, size - request.suffix), last: size - 1 };
  }
  const { first, last = size - 1 } = request;
  if (first < 0 || first >= size || last < first) throw invalidRange(`${first}-${request.last ?? ''}`, size);
  return { first, last: Math.min(last, size - 1) };
}

/** Of the source of a copied part: S3 wants all of it to be there. Error: `blob.invalid_range`. */
export function checkWholeRange({ first, last }: ByteRange, size: number): void {
  if (first < 0 || last < first || last >= size) throw invalidRange(`${first}-${last}`, size);
}

/** Bytes. */
export const lengthOfRange = ({ first, last }: ByteRange): number => last - first + 1;

function invalidRange(range: string, size: number) {
  return blobErrors.error('blob.invalid_range', `bytes ${range} are not in an object of ${size} bytes`, {
    details: { size_bytes: size },
  });
}

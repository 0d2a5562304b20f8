/** Where a part is in the object that was made of it. */
import type { ByteRange } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { PartLayout } from './contents.js';

/**
 * Of the part that has this number in the object, from 1 to as many as there are. An object that came whole has one. Undefined: the part
 * has no bytes. Error: `blob.invalid_part`.
 */
export function rangeOfPart(
  parts: readonly PartLayout[] | undefined,
  partNumber: number,
  objectSize: number,
): ByteRange | undefined {
  let first = 0;
  for (const { number, size } of parts ?? [{ number: 1, size: objectSize }]) {
    if (number === partNumber) return size === 0 ? undefined : { first, last: first + size - 1 };
    first += size;
  }
  throw blobErrors.error('blob.invalid_part', `the object has no part ${partNumber}`);
}

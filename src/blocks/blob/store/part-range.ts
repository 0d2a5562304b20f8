/** Where a part is in the object that was made of it. */

import { blobErrors } from '../errors.js';
import type { ByteRange } from '../object-types.js';
import type { PartLayout } from './contents.js';

export interface PartOfObject {
  /** Undefined: it is an object without bytes. */
  readonly range: ByteRange | undefined;
  /** Base64. */
  readonly checksum: string | undefined;
}

/**
 * The part that has this number in the object. An object that came whole has one, with number 1. Errors: `blob.invalid_part`;
 * `blob.invalid_range` of an empty part of an object that is not.
 */
export function findPart(
  parts: readonly PartLayout[] | undefined,
  partNumber: number,
  objectSize: number,
): PartOfObject {
  let first = 0;
  for (const { number, size, checksum } of parts ?? [{ number: 1, size: objectSize }]) {
    if (number === partNumber) {
      if (size > 0) return { range: { first, last: first + size - 1 }, checksum };
      if (objectSize === 0) return { range: undefined, checksum };
      throw blobErrors.error('blob.invalid_range', `part ${number} has no bytes`, {
        details: { size_bytes: objectSize },
      });
    }
    first += size;
  }
  throw blobErrors.error('blob.invalid_part', `the object has no part ${partNumber}`);
}

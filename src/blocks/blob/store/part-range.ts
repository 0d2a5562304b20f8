/** Where a part is in the object that was made of it. */
import type { ByteRange } from '../blob-store.js';
import { blobErrors } from '../errors.js';
import type { PartLayout } from './contents.js';

export interface PartOfObject {
  /** Undefined: it has no bytes. */
  readonly range: ByteRange | undefined;
  /** Base64. */
  readonly checksum: string | undefined;
}

/**
 * The part that has this number in the object. An object that came whole has one, with number 1. Error: `blob.invalid_part`.
 */
export function findPart(
  parts: readonly PartLayout[] | undefined,
  partNumber: number,
  objectSize: number,
): PartOfObject {
  let first = 0;
  for (const { number, size, checksum } of parts ?? [{ number: 1, size: objectSize }]) {
    if (number === partNumber) return { range: size === 0 ? undefined : { first, last: first + size - 1 }, checksum };
    first += size;
  }
  throw blobErrors.error('blob.invalid_part', `the object has no part ${partNumber}`);
}

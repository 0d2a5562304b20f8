/** User metadata: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html. */

import { blobErrors } from '../errors.js';
import type { Metadata } from '../object-types.js';

/** Bytes of names and values together, in UTF-8. */
const MOST_METADATA = 2048;

/** Error: `blob.metadata_too_large`, and `blob.invalid_argument` for a name that no header can have. */
export function checkMetadata(metadata: Metadata): void {
  let bytes = 0;
  for (const [name, value] of Object.entries(metadata)) {
    if (!/^[!#$%&'*+.^_`|~0-9a-z-]+$/.test(name))
      throw blobErrors.error(
        'blob.invalid_argument',
        `metadata cannot be called ${JSON.stringify(name.slice(0, 100))}`,
        {
          hint: 'use lower-case letters, digits, hyphens and dots: x-origin',
        },
      );
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  }
  if (bytes > MOST_METADATA)
    throw blobErrors.error(
      'blob.metadata_too_large',
      `the metadata has ${bytes} bytes, and at most ${MOST_METADATA} can be`,
      {
        details: { size_bytes: bytes, most_bytes: MOST_METADATA },
      },
    );
}

/** The checksums that S3 knows: how they are called, how long they are, and what they can be of. */

import { blobErrors } from '../errors.js';
import type { ChecksumAlgorithm, ChecksumType } from '../object-types.js';

interface Traits {
  /** Of the value, in bytes. */
  readonly length: number;
  /** What an upload in parts may ask for; the first is what it gets when it does not ask. */
  readonly types: readonly [ChecksumType, ...ChecksumType[]];
}

const TRAITS: Readonly<Record<ChecksumAlgorithm, Traits>> = {
  CRC32: { length: 4, types: ['COMPOSITE', 'FULL_OBJECT'] },
  CRC32C: { length: 4, types: ['COMPOSITE', 'FULL_OBJECT'] },
  CRC64NVME: { length: 8, types: ['FULL_OBJECT'] },
  SHA1: { length: 20, types: ['COMPOSITE'] },
  SHA256: { length: 32, types: ['COMPOSITE'] },
};

export const CHECKSUM_ALGORITHMS: readonly ChecksumAlgorithm[] = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'];

/** The header that has the value of a request, an answer or a trailer. */
export function checksumHeader(algorithm: ChecksumAlgorithm): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

const BY_HEADER = new Map(CHECKSUM_ALGORITHMS.map((algorithm) => [checksumHeader(algorithm), algorithm]));

/** Undefined where the header, in lower case, is none of a checksum's value. */
export function algorithmOfHeader(name: string): ChecksumAlgorithm | undefined {
  return BY_HEADER.get(name);
}

/** What x-amz-checksum-algorithm and x-amz-sdk-checksum-algorithm say, in any case. `blob.invalid_request` for another. */
export function readAlgorithm(text: string): ChecksumAlgorithm {
  const found = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === text.toUpperCase());
  if (found !== undefined) return found;
  throw blobErrors.error('blob.invalid_request', `there is no checksum algorithm ${JSON.stringify(text)} here`, {
    hint: `one of ${CHECKSUM_ALGORITHMS.join(', ')}`,
  });
}

/**
 * The type of an upload in parts, by what x-amz-checksum-type says (undefined: nothing). `blob.invalid_request` where S3 has no such
 * pair: a CRC64NVME is always of the whole object, and hashes cannot be put together from those of parts.
 */
export function checksumType(algorithm: ChecksumAlgorithm, asked: string | undefined): ChecksumType {
  const { types } = TRAITS[algorithm];
  if (asked === undefined) return types[0];
  const found = types.find((type) => type === asked.toUpperCase());
  if (found !== undefined) return found;
  throw blobErrors.error(
    'blob.invalid_request',
    `the checksum type ${JSON.stringify(asked)} cannot be used with ${algorithm}`,
    { hint: `x-amz-checksum-type: ${types.join(' or ')}` },
  );
}

/** The bytes of a value in base64; undefined unless it is one of this algorithm, written as base64 is. */
export function readChecksumValue(algorithm: ChecksumAlgorithm, base64: string): Buffer | undefined {
  return readBase64(base64, TRAITS[algorithm].length);
}

/** Undefined where the text is not the base64 of that many bytes. Node reads any text as some base64. */
export function readBase64(base64: string, length: number): Buffer | undefined {
  const bytes = Buffer.from(base64, 'base64');
  return bytes.length === length && bytes.toString('base64') === base64 ? bytes : undefined;
}

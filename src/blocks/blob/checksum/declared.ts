/**
 * What a request says of the checksum of its body, in up to five headers that have to agree:
 *
 *     x-amz-checksum-crc32c: yZRlqg==        the value, now
 *     x-amz-trailer: x-amz-checksum-crc32c   the value will come after the body (aws-chunked)
 *     x-amz-sdk-checksum-algorithm: CRC32C   which one an SDK chose
 *     Content-MD5: …                         beside it, or alone
 */

import { blobErrors } from '../errors.js';
import type { ChecksumAlgorithm } from '../object-types.js';
import { algorithmOfHeader, checksumHeader, readAlgorithm, readBase64, readChecksumValue } from './algorithms.js';

export interface DeclaredChecksum {
  /** What is to be computed; absent: nothing was asked for. */
  readonly algorithm?: ChecksumAlgorithm;
  /** What has to come out; absent where it comes in a trailer. */
  readonly value?: Buffer;
  /** The name of the trailer that will have the value. */
  readonly trailer?: string;
  /** Of Content-MD5, in hex. */
  readonly md5?: string;
}

/** Headers that begin as those of values do, and are none. */
const OTHERS = new Set(['x-amz-checksum-algorithm', 'x-amz-checksum-mode', 'x-amz-checksum-type']);

/**
 * `headers` by their names in lower case. `blob.invalid_request` for two checksums, one that is not written as such, or a name without a
 * value; `blob.invalid_digest` for Content-MD5; `blob.not_implemented` for an algorithm or a trailer that is not known here.
 */
export function readDeclaredChecksum(headers: ReadonlyMap<string, string>): DeclaredChecksum {
  const md5 = readContentMd5(headers.get('content-md5'));
  const header = readHeader(headers);
  const trailer = readTrailer(headers.get('x-amz-trailer'));
  if (header !== undefined && trailer !== undefined) throw refuseTwo(checksumHeader(header.algorithm), trailer.trailer);
  const found = header ?? trailer;
  checkAlgorithm(headers.get('x-amz-sdk-checksum-algorithm'), found?.algorithm);
  return { ...found, ...(md5 !== undefined && { md5 }) };
}

function readContentMd5(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const bytes = readBase64(text, 16);
  if (bytes !== undefined) return bytes.toString('hex');
  throw blobErrors.error('blob.invalid_digest', `Content-MD5 is not 16 bytes in base64: ${JSON.stringify(text)}`);
}

function readHeader(headers: ReadonlyMap<string, string>) {
  let found: { readonly algorithm: ChecksumAlgorithm; readonly value: Buffer } | undefined;
  for (const [name, text] of headers) {
    if (!name.startsWith('x-amz-checksum-') || OTHERS.has(name)) continue;
    const algorithm = knownAlgorithm(name);
    if (found !== undefined) throw refuseTwo(checksumHeader(found.algorithm), name);
    found = { algorithm, value: parseChecksumValue(algorithm, text) };
  }
  return found;
}

function readTrailer(declared: string | undefined) {
  if (declared === undefined || declared.trim() === '') return undefined;
  const [trailer = '', ...more] = declared.split(',').map((name) => name.trim().toLowerCase());
  if (more[0] !== undefined) throw refuseTwo(trailer, more[0]);
  return { algorithm: knownAlgorithm(trailer), trailer };
}

function knownAlgorithm(header: string): ChecksumAlgorithm {
  const algorithm = algorithmOfHeader(header);
  if (algorithm !== undefined) return algorithm;
  throw blobErrors.error('blob.not_implemented', `there is no checksum ${JSON.stringify(header)} here`, {
    hint: 'one of x-amz-checksum-crc32, -crc32c, -crc64nvme, -sha1, -sha256',
  });
}

/** The value of a checksum as a header or a trailer has it; `blob.invalid_request`. */
export function parseChecksumValue(algorithm: ChecksumAlgorithm, text: string): Buffer {
  const value = readChecksumValue(algorithm, text);
  if (value !== undefined) return value;
  throw blobErrors.error(
    'blob.invalid_request',
    `the value of ${checksumHeader(algorithm)} is no ${algorithm} in base64: ${JSON.stringify(text)}`,
  );
}

function checkAlgorithm(named: string | undefined, found: ChecksumAlgorithm | undefined): void {
  if (named === undefined || readAlgorithm(named) === found) return;
  throw blobErrors.error(
    'blob.invalid_request',
    found === undefined
      ? `x-amz-sdk-checksum-algorithm is ${named}, but there is neither a value nor a trailer of it`
      : `x-amz-sdk-checksum-algorithm is ${named}, but the checksum that was sent is ${found}`,
  );
}

function refuseTwo(one: string, other: string): Error {
  return blobErrors.error('blob.invalid_request', `two checksums of one body: ${one} and ${other}`, {
    hint: 'send one x-amz-checksum-… header, or one trailer',
  });
}

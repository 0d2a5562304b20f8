/** Checksums of bytes that come in pieces, and of parts. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ChecksumAlgorithm } from '../object-types.js';
import { crc32c } from './crc32c.js';
import { Crc64Nvme } from './crc64nvme.js';

export interface Checksum {
  update(bytes: Uint8Array): void;
  /** Big-endian, as S3 has it in base64. At the end, and once. */
  digest(): Buffer;
}

/** Of nothing yet; to be fed piece by piece. */
export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  switch (algorithm) {
    case 'CRC32':
      return new Crc32(crc32);
    case 'CRC32C':
      return new Crc32(crc32c);
    case 'CRC64NVME':
      return new Crc64Nvme();
    default:
      return createHash(algorithm === 'SHA1' ? 'sha1' : 'sha256');
  }
}

class Crc32 implements Checksum {
  readonly #add: (bytes: Uint8Array, crc: number) => number;
  #crc = 0;

  constructor(add: (bytes: Uint8Array, crc: number) => number) {
    this.#add = add;
  }

  update(bytes: Uint8Array): void {
    // Of an empty ArrayBuffer Node's zlib.crc32 answers 0, whatever came before.
    if (bytes.length > 0) this.#crc = this.#add(bytes, this.#crc);
  }

  digest(): Buffer {
    const value = Buffer.allocUnsafe(4);
    value.writeUInt32BE(this.#crc);
    return value;
  }
}

/** The checksum of the parts' checksums, as base64 with `-N` for N parts. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly Uint8Array[]): string {
  const whole = createChecksum(algorithm);
  for (const part of parts) whole.update(part);
  return `${whole.digest().toString('base64')}-${parts.length}`;
}

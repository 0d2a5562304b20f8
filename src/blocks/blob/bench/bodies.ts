/**
 * Bodies that are alike in nothing a store could make use of: random bytes, and in every 64 KiB of them, and at their end, a number that no
 * other body has.
 *
 *     [number|random …  64 KiB][number|random …  64 KiB] … [random … |number]
 *
 * The shortest chunk of ds blob has twice as many bytes, so that none is found again. To make all of it anew would cost more than the
 * request.
 */
import type { Random } from '../../../platform/clock.js';

const STAMP_BYTES = 8;
const STAMP_EVERY_BYTES = 64 * 1024;

export class BenchBodies {
  readonly #bytes: Buffer;
  #made = 0n;

  constructor(size: number, random: Random) {
    this.#bytes = Buffer.from(random.bytes(size));
  }

  /** Valid until the next one is asked for. */
  next(): Uint8Array {
    const bytes = this.#bytes;
    const stamp = Buffer.alloc(STAMP_BYTES);
    stamp.writeBigUInt64LE(this.#made++);
    for (let at = 0; at < bytes.length; at += STAMP_EVERY_BYTES) stamp.copy(bytes, at);
    if (bytes.length >= 2 * STAMP_BYTES) stamp.copy(bytes, bytes.length - STAMP_BYTES);
    return bytes;
  }
}

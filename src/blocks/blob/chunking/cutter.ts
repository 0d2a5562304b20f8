/**
 * Content-defined chunking: FastCDC (Xia et al., USENIX ATC 2016; two bytes at a time: Xia et al., TPDS 2020).
 *
 *     byte of the chunk    0 ────────── 128 KiB ───────── 192 KiB ───────── 1 MiB
 *     is it a cut?           never looked │ 19 bits zero    │ 16 bits zero    │ in any case
 *
 * A rolling hash of the last bytes decides: a place is a cut where some bits of it are zero. So a cut depends on the bytes around it, and an
 * insertion changes the chunks near it only. The first 128 KiB of a chunk are not looked at, which halves the work; up to the normal length
 * more bits have to be zero than behind it, so that lengths gather around 250 KiB.
 *
 *     h(i) = h(i - 1) × 2 + gear[byte i]   (mod 2^32)
 *
 * Bit k of it depends on the last k + 1 bytes, hence the masks look at high bits. Two bytes go at a time: h(i + 1) = h(i - 1) × 4 +
 * gear[byte i] × 2 + gear[byte i + 1]; in between h(i) × 2 is compared with the mask × 2, for which bit 31 of the masks stays free. 64 MB of
 * random bytes take 35 ms of a core on which SHA-256 takes 41.
 */

export const SMALLEST_CHUNK = 128 * 1024;
export const LARGEST_CHUNK = 1024 * 1024;
const NORMAL_CHUNK = 192 * 1024;

const EARLY_MASK = 0x7ffff000;
const LATE_MASK = 0x7fff8000;

export class Cutter {
  readonly #gear: Int32Array;
  readonly #doubled: Int32Array;
  /** Of the present chunk. */
  #length = 0;
  #hash = 0;

  constructor(gear: Int32Array) {
    this.#gear = gear;
    this.#doubled = gear.map((number) => number << 1);
  }

  /**
   * Goes on with the bytes from `from`. Returns where the present chunk ends, the index after its last byte, and begins a new one; -1 where
   * all are of the present chunk, which goes on with the next bytes that it is given.
   */
  next(bytes: Uint8Array, from: number): number {
    const available = bytes.length - from;
    const skipped = Math.min(available, Math.max(0, SMALLEST_CHUNK - this.#length));
    let at = from + skipped;
    this.#length += skipped;
    for (const [end, mask] of [
      [NORMAL_CHUNK, EARLY_MASK],
      [LARGEST_CHUNK, LATE_MASK],
    ] as const) {
      const until = Math.min(bytes.length, at + end - this.#length);
      if (until <= at) continue;
      const cut = this.#scan(bytes, at, until, mask);
      if (cut !== -1) return this.#cutAt(cut);
      this.#length += until - at;
      at = until;
    }
    return this.#length === LARGEST_CHUNK ? this.#cutAt(at) : -1;
  }

  /** Begins a new chunk wherever it is. */
  reset(): void {
    this.#length = 0;
    this.#hash = 0;
  }

  #cutAt(index: number): number {
    this.reset();
    return index;
  }

  #scan(bytes: Uint8Array, from: number, until: number, mask: number): number {
    const gear = this.#gear;
    const doubled = this.#doubled;
    const doubledMask = mask << 1;
    let hash = this.#hash;
    let at = from;
    for (const pairsUntil = until - 1; at < pairsUntil; at += 2) {
      const first = ((hash << 2) + (doubled[bytes[at] as number] as number)) | 0;
      if ((first & doubledMask) === 0) return at + 1;
      hash = (first + (gear[bytes[at + 1] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 2;
    }
    if (at < until) {
      hash = ((hash << 1) + (gear[bytes[at] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 1;
    }
    this.#hash = hash;
    return -1;
  }
}

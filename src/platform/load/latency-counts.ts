/**
 * Latencies as they are recorded: counts in the buckets of an HdrHistogram with three significant digits, in microseconds.
 *
 *     value         0 … 2047     2048 … 4095    4096 … 8191      …      2^31 … 2^32 - 1
 *     bucket width  1            2              4                       2^21
 *     index         value        (shift << 10) + (value >>> shift),  shift = bits of the value - 11
 *
 * The library's own recordValue() takes 200 ns (logarithms), this 5; a request has up to four of them, and a whole one
 * takes some 15 µs. What is counted here goes to the library (hdr.ts) for percentiles and files.
 */

const SUB_BUCKET_BITS = 11;
/** 71 minutes. What takes longer counts as this. */
export const HIGHEST_US = 2 ** 32 - 1;
const SIZE = ((32 - SUB_BUCKET_BITS) << (SUB_BUCKET_BITS - 1)) + 2 ** SUB_BUCKET_BITS;

/** The numbers under which latencies are told, everywhere. */
export interface LatencyPoint {
  readonly p50Us: number;
  readonly p90Us: number;
  readonly p99Us: number;
  readonly maxUs: number;
}

export class LatencyCounts {
  readonly #counts = new Float64Array(SIZE);
  total = 0;
  maxUs = 0;

  /** Microseconds, 0 or more; fractions are cut off. */
  record(us: number): void {
    const value = us < HIGHEST_US ? us >>> 0 : HIGHEST_US;
    const shift = value < 2 ** SUB_BUCKET_BITS ? 0 : 32 - SUB_BUCKET_BITS - Math.clz32(value);
    const index = (shift << (SUB_BUCKET_BITS - 1)) + (value >>> shift);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.total++;
    if (value > this.maxUs) this.maxUs = value;
  }

  /** Least value and count of each bucket that is not empty, by rising value. */
  forEach(visit: (us: number, count: number) => void): void {
    for (let index = 0; index < SIZE; index++) {
      const count = this.#counts[index] ?? 0;
      if (count > 0) visit(leastOf(index), count);
    }
  }

  add(other: LatencyCounts): void {
    for (let index = 0; index < SIZE; index++) {
      const count = other.#counts[index] ?? 0;
      if (count > 0) this.#counts[index] = (this.#counts[index] ?? 0) + count;
    }
    this.total += other.total;
    this.maxUs = Math.max(this.maxUs, other.maxUs);
  }

  clear(): void {
    this.#counts.fill(0);
    this.total = 0;
    this.maxUs = 0;
  }

  /** Three percentiles in one walk; 0 where nothing was recorded. The greatest value of a bucket stands for it, as in the library. */
  point(): LatencyPoint {
    const wanted = [0.5, 0.9, 0.99].map((share) => Math.max(1, Math.ceil(share * this.total - 1e-9)));
    const found: number[] = [];
    let seen = 0;
    for (let index = 0; index < SIZE && found.length < wanted.length; index++) {
      seen += this.#counts[index] ?? 0;
      while (found.length < wanted.length && seen >= (wanted[found.length] ?? 0)) {
        found.push(Math.min(leastOf(index + 1) - 1, this.maxUs));
      }
    }
    const [p50Us = 0, p90Us = 0, p99Us = 0] = found;
    return { p50Us, p90Us, p99Us, maxUs: this.maxUs };
  }
}

function leastOf(index: number): number {
  const shift = Math.max(0, (index >>> (SUB_BUCKET_BITS - 1)) - 1);
  return (index - (shift << (SUB_BUCKET_BITS - 1))) * 2 ** shift;
}

/**
 * The points of time of a metric query, and the windows that a range vector looks at there.
 *
 *     points     t0          t1          t2           t = start, start + step, … up to end, which is one, too, where a step reaches it
 *     windows    (t0-range, t0]  (t1-range, t1]  …    the left end is not included, the right one is, as in Loki
 *
 * Windows overlap where the range is longer than the step. All their ends together cut time into intervals, and each window is a run of
 * whole intervals: an entry is counted once, in its interval, whatever the number of windows it is in, and in whatever order entries come.
 *
 *     ends       |  a  |  b  |  a  |  b  |            range = 1.5 steps: window k is intervals b a b
 */
import { logErrors } from '../../errors.js';

/** Steps from the first point of a series to its last one; Loki's and Prometheus' limit. */
const MAX_STEPS = 11_000;

export interface Steps {
  /** Nanoseconds since the Unix epoch. */
  readonly times: BigInt64Array;
  readonly isInstant: boolean;
}

/** `step` undefined: one point, at `end`. */
export function makeSteps(start: bigint, end: bigint, step: bigint | undefined): Steps {
  if (step === undefined) return { times: BigInt64Array.of(end), isInstant: true };
  if (step <= 0n) throw logErrors.error('log.bad_query', `a step of ${step} ns is not positive`, { hint: '--step 1m' });
  const count = end < start ? 0n : (end - start) / step + 1n;
  if (count > BigInt(MAX_STEPS) + 1n) {
    throw logErrors.error(
      'log.query_limit',
      `the query asks for ${count} points of each series, more than ${MAX_STEPS + 1}`,
      {
        hint: 'take a longer step, or a shorter time',
      },
    );
  }
  return { times: BigInt64Array.from({ length: Number(count) }, (_, i) => start + BigInt(i) * step), isInstant: false };
}

export class Windows {
  /** Ends of intervals, rising: interval i is (ends[i], ends[i + 1]]. */
  readonly #ends: BigInt64Array;
  /** Of the window of each point: its first interval, and the one behind its last. */
  readonly first: Int32Array;
  readonly last: Int32Array;
  /** Ends of the windows, in the source's time. */
  readonly windowEnds: BigInt64Array;
  readonly #isUsed: Uint8Array;
  #known = 0;

  constructor({ times }: Steps, range: bigint, offset: bigint) {
    const rights = times.map((time) => time - offset);
    const lefts = rights.map((right) => right - range);
    this.windowEnds = rights;
    this.#ends = mergeRising(lefts, rights);
    this.first = Int32Array.from(lefts, (left) => this.#indexOf(left));
    this.last = Int32Array.from(rights, (right) => this.#indexOf(right));
    this.#isUsed = new Uint8Array(this.count);
    for (let k = 0; k < times.length; k++) this.#isUsed.fill(1, this.first[k], this.last[k]);
  }

  /** Number of intervals. */
  get count(): number {
    return Math.max(this.#ends.length - 1, 0);
  }

  /** Of all windows together; `start` included, `end` not. */
  get span(): { readonly start: bigint; readonly end: bigint } {
    return { start: (this.#ends[0] ?? 0n) + 1n, end: (this.#ends[this.#ends.length - 1] ?? 0n) + 1n };
  }

  /** The interval that a time is in; -1 where it is in none, or in one that no window has. */
  intervalOf(time: bigint): number {
    // Most entries are in the interval of the one before them.
    const known = this.#known;
    const isInKnown = time > (this.#ends[known] ?? time) && time <= (this.#ends[known + 1] ?? 0n);
    const interval = isInKnown ? known : this.#indexOf(time - 1n, true);
    this.#known = interval;
    return interval >= 0 && interval < this.count && this.#isUsed[interval] === 1 ? interval : -1;
  }

  /** Interval of a time, used or not, and the last time in it; for runs of entries in order of time. */
  rawIntervalOf(time: bigint): { readonly interval: number; readonly until: bigint } {
    const interval = this.#indexOf(time - 1n, true);
    if (interval < 0) return { interval: -1, until: this.#ends[0] ?? time };
    const until = this.#ends[interval + 1];
    if (until === undefined) return { interval: -1, until: BigInt.asIntN(64, 2n ** 63n - 1n) };
    return { interval: this.#isUsed[interval] === 1 ? interval : -1, until };
  }

  /** Index of an end that is equal; `below`: of the last one that is not greater. */
  #indexOf(time: bigint, below = false): number {
    let [low, high] = [0, this.#ends.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ends[middle] ?? 0n) <= time) low = middle + 1;
      else high = middle;
    }
    return below || this.#ends[low - 1] === time ? low - 1 : -1;
  }
}

/** Two rising sequences as one, without doubles. */
function mergeRising(a: BigInt64Array, b: BigInt64Array): BigInt64Array {
  const merged = new BigInt64Array(a.length + b.length);
  let [i, j, count] = [0, 0, 0];
  while (i < a.length || j < b.length) {
    const [left, right] = [a[i], b[j]];
    const next = right === undefined || (left !== undefined && left <= right) ? left : right;
    if (next === undefined) break;
    if (left === next) i++;
    if (right === next) j++;
    merged[count++] = next;
  }
  return merged.subarray(0, count);
}

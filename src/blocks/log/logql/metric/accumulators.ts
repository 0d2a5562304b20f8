/**
 * What is kept of the samples of a series, interval by interval, and how a window is answered from its intervals. Most keep a few numbers
 * for each interval; quantile_over_time and rate_counter need every sample.
 */
import type { RangeOperation } from '../syntax/ast.js';
import type { Accumulator, CountAccumulator } from './accumulator.js';
import { CounterSamples } from './counter-samples.js';
import { quantile } from './quantile.js';

export interface RangeFunction {
  readonly operation: RangeOperation;
  /** Of the range, seconds. */
  readonly seconds: number;
  /** Of quantile_over_time. */
  readonly parameter: number;
  readonly isUnwrapped: boolean;
}

/** Whether the answer depends on how many samples there are, and on nothing else. */
export function isCount({ operation, isUnwrapped }: RangeFunction): boolean {
  return (
    operation === 'count_over_time' || (!isUnwrapped && (operation === 'rate' || operation === 'absent_over_time'))
  );
}

export function makeAccumulator(of: RangeFunction, intervals: number): Accumulator {
  const { operation, seconds } = of;
  if (isCount(of)) return new Counts(intervals, operation === 'rate' ? seconds : 1);
  switch (operation) {
    case 'min_over_time':
    case 'max_over_time':
      return new Extremes(intervals, operation === 'max_over_time');
    case 'first_over_time':
    case 'last_over_time':
      return new Edges(intervals, operation === 'last_over_time');
    case 'stddev_over_time':
    case 'stdvar_over_time':
      return new Moments(intervals, operation === 'stddev_over_time');
    case 'quantile_over_time':
      return new Values(intervals, of.parameter);
    case 'rate_counter':
      return new CounterSamples(intervals, seconds);
    case 'avg_over_time':
      return new Sums(intervals, 'mean');
    default:
      return new Sums(intervals, operation === 'rate' || operation === 'bytes_rate' ? seconds : 1);
  }
}

/** Whole numbers: windows are differences of running sums, exact and at no cost for their length. */
class Counts implements CountAccumulator {
  readonly #counts: Float64Array;
  readonly #divisor: number;
  #running: Float64Array | undefined;

  constructor(intervals: number, divisor: number) {
    this.#counts = new Float64Array(intervals);
    this.#divisor = divisor;
  }

  add(interval: number): void {
    this.addMany(interval, 1);
  }

  addMany(interval: number, count: number): void {
    this.#counts[interval] = (this.#counts[interval] ?? 0) + count;
  }

  answer(first: number, last: number): number | undefined {
    this.#running ??= runningSums(this.#counts);
    const count = (this.#running[last] ?? 0) - (this.#running[first] ?? 0);
    return count === 0 ? undefined : count / this.#divisor;
  }
}

function runningSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length + 1);
  for (let i = 0; i < values.length; i++) sums[i + 1] = (sums[i] ?? 0) + (values[i] ?? 0);
  return sums;
}

class Sums implements Accumulator {
  readonly #counts: Float64Array;
  readonly #sums: Float64Array;
  readonly #divisor: number | 'mean';

  constructor(intervals: number, divisor: number | 'mean') {
    this.#counts = new Float64Array(intervals);
    this.#sums = new Float64Array(intervals);
    this.#divisor = divisor;
  }

  add(interval: number, value: number): void {
    this.#counts[interval] = (this.#counts[interval] ?? 0) + 1;
    this.#sums[interval] = (this.#sums[interval] ?? 0) + value;
  }

  answer(first: number, last: number): number | undefined {
    let [count, sum] = [0, 0];
    for (let i = first; i < last; i++) {
      count += this.#counts[i] ?? 0;
      sum += this.#sums[i] ?? 0;
    }
    if (count === 0) return undefined;
    return sum / (this.#divisor === 'mean' ? count : this.#divisor);
  }
}

class Extremes implements Accumulator {
  readonly #values: Float64Array;
  readonly #isThere: Uint8Array;
  readonly #wantsLargest: boolean;

  constructor(intervals: number, wantsLargest: boolean) {
    this.#values = new Float64Array(intervals);
    this.#isThere = new Uint8Array(intervals);
    this.#wantsLargest = wantsLargest;
  }

  add(interval: number, value: number): void {
    const before = this.#isThere[interval] === 1 ? (this.#values[interval] ?? value) : value;
    this.#values[interval] = this.#better(before, value);
    this.#isThere[interval] = 1;
  }

  answer(first: number, last: number): number | undefined {
    let best: number | undefined;
    for (let i = first; i < last; i++) {
      if (this.#isThere[i] === 0) continue;
      const value = this.#values[i] ?? 0;
      best = best === undefined ? value : this.#better(best, value);
    }
    return best;
  }

  /** Not a number counts less than any. */
  #better(a: number, b: number): number {
    if (Number.isNaN(a)) return b;
    return (this.#wantsLargest ? b > a : b < a) ? b : a;
  }
}

class Edges implements Accumulator {
  readonly #values: Float64Array;
  readonly #times: BigInt64Array;
  readonly #isThere: Uint8Array;
  readonly #wantsLast: boolean;

  constructor(intervals: number, wantsLast: boolean) {
    this.#values = new Float64Array(intervals);
    this.#times = new BigInt64Array(intervals);
    this.#isThere = new Uint8Array(intervals);
    this.#wantsLast = wantsLast;
  }

  add(interval: number, value: number, time: bigint): void {
    const known = this.#times[interval] ?? 0n;
    // Of equal times the later one to arrive is the last, the earlier one the first.
    if (this.#isThere[interval] === 1 && (this.#wantsLast ? time < known : time >= known)) return;
    this.#isThere[interval] = 1;
    this.#times[interval] = time;
    this.#values[interval] = value;
  }

  answer(first: number, last: number): number | undefined {
    if (this.#wantsLast) {
      for (let i = last - 1; i >= first; i--) if (this.#isThere[i] === 1) return this.#values[i];
    } else {
      for (let i = first; i < last; i++) if (this.#isThere[i] === 1) return this.#values[i];
    }
    return undefined;
  }
}

/** Count, mean and sum of squared distances from it: intervals are joined as Chan, Golub and LeVeque do (1979). */
class Moments implements Accumulator {
  readonly #counts: Float64Array;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  readonly #wantsDeviation: boolean;

  constructor(intervals: number, wantsDeviation: boolean) {
    this.#counts = new Float64Array(intervals);
    this.#means = new Float64Array(intervals);
    this.#squares = new Float64Array(intervals);
    this.#wantsDeviation = wantsDeviation;
  }

  add(interval: number, value: number): void {
    const count = (this.#counts[interval] ?? 0) + 1;
    const mean = this.#means[interval] ?? 0;
    const next = mean + (value - mean) / count;
    this.#counts[interval] = count;
    this.#means[interval] = next;
    this.#squares[interval] = (this.#squares[interval] ?? 0) + (value - mean) * (value - next);
  }

  answer(first: number, last: number): number | undefined {
    let [count, mean, squares] = [0, 0, 0];
    for (let i = first; i < last; i++) {
      const more = this.#counts[i] ?? 0;
      if (more === 0) continue;
      const delta = (this.#means[i] ?? 0) - mean;
      const total = count + more;
      mean += (delta * more) / total;
      squares += (this.#squares[i] ?? 0) + (delta * delta * count * more) / total;
      count = total;
    }
    if (count === 0) return undefined;
    return this.#wantsDeviation ? Math.sqrt(squares / count) : squares / count;
  }
}

/** Every value, for quantiles. */
class Values implements Accumulator {
  readonly #values: (number[] | undefined)[];
  readonly #phi: number;

  constructor(intervals: number, phi: number) {
    this.#values = new Array<number[] | undefined>(intervals).fill(undefined);
    this.#phi = phi;
  }

  add(interval: number, value: number): void {
    const values = this.#values[interval];
    if (values === undefined) this.#values[interval] = [value];
    else values.push(value);
  }

  answer(first: number, last: number): number | undefined {
    const values = this.#values.slice(first, last).flatMap((some) => some ?? []);
    return values.length === 0 ? undefined : quantile(this.#phi, values);
  }
}

/** Samples of a counter, for rate_counter: it needs each of them with its time, for where a counter began anew is between two of them. */
import type { Accumulator } from './accumulator.js';

interface Sample {
  readonly value: number;
  readonly time: bigint;
}

export class CounterSamples implements Accumulator {
  readonly #samples: (Sample[] | undefined)[];
  readonly #seconds: number;

  /** `seconds`: of the range. */
  constructor(intervals: number, seconds: number) {
    this.#samples = new Array<Sample[] | undefined>(intervals).fill(undefined);
    this.#seconds = seconds;
  }

  add(interval: number, value: number, time: bigint): void {
    const samples = this.#samples[interval];
    if (samples === undefined) this.#samples[interval] = [{ value, time }];
    else samples.push({ value, time });
  }

  answer(first: number, last: number, end: bigint): number | undefined {
    const samples = this.#samples.slice(first, last).flatMap((some) => some ?? []);
    return samples.length === 0 ? undefined : counterRate(samples, this.#seconds, end);
  }
}

/**
 * How fast a counter rises, a second: a value below the one before it means that the counter began anew at 0. As Prometheus does, the rate
 * is carried on to the ends of the window where samples come near them, but not below 0.
 */
function counterRate(unordered: readonly Sample[], seconds: number, end: bigint): number {
  const samples = unordered.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
  const [first] = samples;
  const last = samples[samples.length - 1];
  if (samples.length < 2 || first === undefined || last === undefined) return 0;
  let rise = last.value - first.value;
  let before = 0;
  for (const { value } of samples) {
    if (value < before) rise += before;
    before = value;
  }
  const between = Number(last.time - first.time) / 1e9;
  const distance = between / (samples.length - 1);
  let toStart = seconds - Number(end - first.time) / 1e9;
  let toEnd = Number(end - last.time) / 1e9;
  if (toStart >= distance * 1.1) toStart = distance / 2;
  if (rise > 0 && first.value >= 0) toStart = Math.min(toStart, between * (first.value / rise));
  if (toEnd >= distance * 1.1) toEnd = distance / 2;
  return (rise * ((between + toStart + toEnd) / between)) / seconds;
}

/** Entries over time, counted by level or by a label. */
import { logErrors } from '../errors.js';
import type { Entry, TimeRange } from '../log-store.js';
import { nanosOf } from '../nanos.js';
import { levelOfEntry } from './entry-text.js';

export interface Bucket {
  /** Nanoseconds since the Unix epoch. */
  readonly start: bigint;
  readonly total: number;
  readonly counts: ReadonlyMap<string, number>;
}

/** What entries without the label are counted as. */
const NO_VALUE = '-';
/** Values of the label that are told apart. */
const MOST_VALUES = 20;
const OTHERS = 'others';
/** Buckets of one histogram. */
const MOST_BUCKETS = 10_000;

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 7, 30, 90, 365].map((days) => days * DAY),
];

/** The shortest usual step by which a range has no more than so many buckets, nanoseconds. */
export function stepFor({ start, end }: TimeRange, buckets: number): bigint {
  const least = (end - start) / BigInt(Math.max(1, buckets));
  const step = STEPS.map(nanosOf).find((candidate) => candidate >= least);
  return step ?? nanosOf(365 * DAY) * (least / nanosOf(365 * DAY) + 1n);
}

export class Histogram {
  readonly #counts: Map<string, number>[];
  readonly #values = new Set<string>();
  readonly #origin: bigint;

  /** Buckets begin at multiples of the step. @param label `level` is also looked for in the line. Error: `log.query_limit` */
  constructor(
    { start, end }: TimeRange,
    private readonly step: bigint,
    private readonly label: string,
  ) {
    this.#origin = start - (((start % step) + step) % step);
    const buckets = Number((end - this.#origin + step - 1n) / step);
    if (buckets > MOST_BUCKETS) {
      throw logErrors.error(
        'log.query_limit',
        `a histogram has ${MOST_BUCKETS} steps at most, and this one ${buckets}`,
        {
          hint: 'a longer --step, or a later --since',
        },
      );
    }
    this.#counts = Array.from({ length: buckets }, () => new Map());
  }

  add(entry: Entry): void {
    const counts = this.#counts[Number((entry.timestamp - this.#origin) / this.step)];
    if (counts === undefined) return;
    const value = this.#valueOf(entry);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }

  get buckets(): Bucket[] {
    return this.#counts.map((counts, i) => ({
      start: this.#origin + BigInt(i) * this.step,
      total: [...counts.values()].reduce((sum, count) => sum + count, 0),
      counts,
    }));
  }

  #valueOf(entry: Entry): string {
    const value = (this.label === 'level' ? levelOfEntry(entry) : entry.labels[this.label]) ?? NO_VALUE;
    if (this.#values.has(value)) return value;
    if (this.#values.size >= MOST_VALUES) return OTHERS;
    this.#values.add(value);
    return value;
  }
}

/** Fair side-by-side measurement: subjects take turns, and what counts is the median and the spread. */

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (index: number) => sorted[index] ?? Number.NaN;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(Math.floor(middle)) + at(Math.ceil(middle))) / 2,
    min: at(0),
    max: at(sorted.length - 1),
  };
}

export interface Subject {
  readonly name: string;
  /** One measurement; the unit is the caller's. */
  measure(): number | Promise<number>;
}

export interface Comparison {
  readonly spreads: Readonly<Record<string, Spread>>;
  /** First subject over the second, pair by pair. */
  readonly ratio: Spread;
}

/** Runs the subjects A B A B …, after one round that does not count. The machine's drift hits both alike. */
export async function compare(subjects: readonly [Subject, Subject], rounds: number): Promise<Comparison> {
  const values: Record<string, number[]> = {};
  const ratios: number[] = [];
  for (let round = -1; round < rounds; round++) {
    const pair: number[] = [];
    for (const subject of subjects) pair.push(await subject.measure());
    const [first = Number.NaN, second = Number.NaN] = pair;
    if (round < 0) continue;
    subjects.forEach((subject, index) => {
      values[subject.name] = [...(values[subject.name] ?? []), pair[index] ?? Number.NaN];
    });
    ratios.push(first / second);
  }
  const spreads = Object.fromEntries(Object.entries(values).map(([name, list]) => [name, spreadOf(list)]));
  return { spreads, ratio: spreadOf(ratios) };
}

export const wantsJson = process.argv.includes('--json');

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export function formatRate(spread: Spread, unit: string): string {
  return `${whole.format(spread.median)} ${unit} (${whole.format(spread.min)} … ${whole.format(spread.max)})`;
}

export function formatRatio(spread: Spread): string {
  return `${spread.median.toFixed(2)} (${spread.min.toFixed(2)} … ${spread.max.toFixed(2)})`;
}

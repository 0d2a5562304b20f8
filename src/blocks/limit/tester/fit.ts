/**
 * Finds the parameters with which a hypothesis explains a run: a coarse grid over all that is possible, then steps around
 * the best. What is kept is a sample of all parameters that explain the run about equally well: their spread is what is not
 * known yet, and the experiments are chosen to narrow it.
 */
import { bell, type Chance, pick } from './chance.js';
import type { Model, Parameters } from './models/model.js';
import type { Variant } from './models/variants.js';
import { type Arrival, CLOCK_SLACK_MS, lossOf } from './trace.js';

export interface Sample {
  readonly parameters: Parameters;
  readonly loss: number;
}

/** Share of the period: on the grid one has to see from afar that it gets better. */
const COARSE = 0.15;
const FINE = 0.02;
/** Of the grid's points that are looked at closely. */
const SEEDS = 24;
/** Explains the run as well as the best does. */
const AS_GOOD = 0.05;
/** Kept of those. */
const KEPT = 40;
/** A hypothesis that has become wrong by so much since it was last searched for is searched for anew, on the whole grid. */
const WORSE = 0.9;
/** Above the best hypothesis by so much it is put aside, until the best has come down to it. */
const ASIDE = 4;

export class Fit {
  samples: Sample[] = [];
  private searchedLoss = -1;
  private searchedAt = 0;
  private bounds = { low: 0, high: 0 };
  /** Of a bucket that is emptied and fills up again, the time that this takes at least: milliseconds. */
  private shortestFill = 0;
  /** When one was let through after one that was refused. */
  private recoveries: number[] = [];

  constructor(
    readonly variant: Variant,
    private readonly chance: Chance,
    /** The wall clock when the run began: windows often stand on it. */
    private readonly originWallMs: number,
  ) {}

  /** Of the best parameters; Infinity where none were found that are worth to be followed. */
  get loss(): number {
    return this.samples[0]?.loss ?? Number.POSITIVE_INFINITY;
  }

  /** Those as good as the best. */
  get consistent(): Sample[] {
    return this.samples.filter(({ loss }) => loss <= this.loss + AS_GOOD);
  }

  /**
   * The run has grown. `best` is the least loss of the others. More evidence never makes a hypothesis better: one that was
   * found much worse than the best stays aside.
   */
  update(arrivals: readonly Arrival[], best: number): void {
    if (this.searchedLoss > best + ASIDE) return;
    this.bounds = periodBounds(this.variant, arrivals);
    this.shortestFill = this.variant.family === 'bucket' ? shortestFill(arrivals) : 0;
    this.recoveries = arrivals.flatMap(({ at, accepted }, i) =>
      accepted && arrivals[i - 1]?.accepted === false ? [at] : [],
    );
    const before = this.samples.map(({ parameters }) => parameters);
    this.samples = [];
    this.offer(before, arrivals);
    if (this.loss > this.searchedLoss + WORSE || (this.loss > WORSE && arrivals.length > this.searchedAt * 1.25)) {
      this.searchedAt = arrivals.length;
      this.search(arrivals, Math.min(best + ASIDE + 1, this.loss + WORSE));
    }
    // Nothing was found that is any good: that much is known.
    this.searchedLoss = this.samples.length > 0 ? this.loss : best + ASIDE + 1;
    if (this.loss <= best + ASIDE) this.refine(arrivals);
  }

  /** The model with these parameters after the run. */
  follow(parameters: Parameters, arrivals: readonly Arrival[]): Model {
    const model = this.variant.model(parameters);
    lossOf(model, arrivals, parameters.periodMs, { share: FINE, most: Number.POSITIVE_INFINITY });
    return model;
  }

  lossAt(parameters: Parameters, arrivals: readonly Arrival[], most = Number.POSITIVE_INFINITY, share = FINE): number {
    if (parameters.count * parameters.periodMs < this.shortestFill) return Number.POSITIVE_INFINITY;
    return lossOf(this.variant.model(parameters), arrivals, parameters.periodMs, { share, most });
  }

  private search(arrivals: readonly Arrival[], worthwhile: number): void {
    const seeds: Sample[] = [];
    let most = Math.min(worthwhile, arrivals.length);
    const counts = countsToTry(this.variant, arrivals);
    for (const parameters of this.usual(counts, arrivals)) {
      const loss = this.lossAt(parameters, arrivals, most, COARSE);
      if (loss <= most) seeds.push({ parameters, loss });
    }
    const grid = this.variant.family === 'fixed-window' ? FINE_GRID : GRID;
    for (let periodMs = this.bounds.low; periodMs < this.bounds.high; periodMs *= grid) {
      const phases = this.phasesToTry(periodMs, arrivals);
      for (const count of counts) {
        for (const phase of phases) {
          const parameters = { count, periodMs, phase };
          const loss = this.lossAt(parameters, arrivals, most, COARSE);
          if (loss > most) continue;
          seeds.push({ parameters, loss });
          if (seeds.length < SEEDS * 8) continue;
          seeds.sort((a, b) => a.loss - b.loss).length = SEEDS;
          most = seeds.at(-1)?.loss ?? most;
        }
      }
    }
    seeds.sort((a, b) => a.loss - b.loss).length = Math.min(seeds.length, SEEDS);
    for (const { parameters } of seeds) this.climb(parameters, arrivals);
  }

  /** Periods as people write them, in windows that stand on the wall clock or where the run suggests it. */
  private usual(counts: readonly number[], arrivals: readonly Arrival[]): Parameters[] {
    const periods = USUAL_PERIODS_MS.filter((period) => period >= this.bounds.low && period <= this.bounds.high);
    return periods.flatMap((periodMs) => {
      const wall = this.variant.hasPhase ? [wallClockPhase(this.originWallMs, periodMs)] : [];
      const phases = [...wall, ...this.phasesToTry(periodMs, arrivals)];
      return counts.flatMap((count) => phases.map((phase) => ({ count, periodMs, phase })));
    });
  }

  /** A window of the clock has begun just before somebody was let in again; a weighted one may lie anywhere. */
  private phasesToTry(periodMs: number, arrivals: readonly Arrival[]): number[] {
    if (!this.variant.hasPhase) return [0];
    if (this.variant.family !== 'fixed-window') return Array.from({ length: 12 }, (_, i) => i / 12);
    return closestRecoveries(arrivals).map((at) => at / periodMs - Math.floor(at / periodMs));
  }

  /** From one point of the grid to the best around it. */
  private climb(from: Parameters, arrivals: readonly Arrival[]): void {
    let best = { parameters: from, loss: this.lossAt(from, arrivals) };
    for (const scale of [0.04, 0.02, 0.01, 0.004, 0.002]) {
      for (let tries = this.variant.hasPhase ? 30 : 12; tries > 0; tries--) {
        const parameters = this.near(best.parameters, scale);
        const loss = this.lossAt(parameters, arrivals, best.loss);
        if (loss <= best.loss) best = { parameters, loss };
      }
    }
    this.offer([best.parameters], arrivals);
  }

  /** Widens what is known to explain the run, and finds better. */
  private refine(arrivals: readonly Arrival[]): void {
    for (let round = 0; round < 6; round++) {
      const from = this.consistent;
      const shortest = minimum(from, ({ parameters }) => parameters.periodMs);
      const longest = minimum(from, ({ parameters }) => -parameters.periodMs);
      const tries: Parameters[] = [];
      for (let i = 0; i < 40; i++) {
        const sample = (i % 4 === 0 ? shortest : i % 4 === 1 ? longest : undefined) ?? pick(this.chance, from);
        if (sample !== undefined) tries.push(this.near(sample.parameters, 0.03 * 0.5 ** (i % 6)));
      }
      this.offer(tries, arrivals);
    }
  }

  private near({ count, periodMs, phase }: Parameters, scale: number): Parameters {
    const move = this.chance() < 0.2 ? (this.chance() < 0.5 ? -1 : 1) : 0;
    const period = Math.min(
      this.bounds.high,
      Math.max(this.bounds.low, periodMs * (1 + bell(this.chance) * scale * (this.chance() < 0.2 ? 0 : 1))),
    );
    return {
      count: Math.max(leastCount(this.variant), count + move),
      periodMs: period,
      phase: this.variant.hasPhase ? this.movedPhase({ count, periodMs, phase }, period, scale) : 0,
    };
  }

  /** Another period leaves one of the boundaries where it is, or nearly so: else every step would lose them all. */
  private movedPhase({ periodMs, phase }: Parameters, period: number, scale: number): number {
    const pivot = pick(this.chance, this.recoveries) ?? 0;
    const boundary = (Math.floor(pivot / periodMs - phase) + phase) * periodMs;
    const moved = boundary / period + (this.chance() < 0.4 ? 0 : bell(this.chance) * scale);
    return moved - Math.floor(moved);
  }

  /** Adds them, and keeps the best: of the equally good ones the extremes and a choice. */
  private offer(candidates: readonly Parameters[], arrivals: readonly Arrival[]): void {
    for (const parameters of candidates) {
      const loss = this.lossAt(parameters, arrivals, this.loss + 3);
      if (loss <= this.loss + 3) {
        this.samples.push({ parameters, loss });
        if (loss < this.loss) this.samples.sort((a, b) => a.loss - b.loss);
      }
    }
    this.samples.sort((a, b) => a.loss - b.loss);
    const good = this.consistent;
    if (good.length <= KEPT) {
      this.samples.length = Math.min(this.samples.length, KEPT);
      return;
    }
    const best = good[0];
    const byPeriod = good.slice(1).sort((a, b) => a.parameters.periodMs - b.parameters.periodMs);
    const kept = byPeriod.filter(
      (_, i) => i % Math.ceil(byPeriod.length / (KEPT - 2)) === 0 || i === byPeriod.length - 1,
    );
    this.samples = best === undefined ? [] : [best, ...kept];
  }
}

/** Between two periods of the grid. */
const GRID = 1.03;
const FINE_GRID = 1.01;
/** A window is seen only where it is longer than what is uncertain about an arrival, by so much. */
const LEAST_SLACKS = 12;
/** A bucket's burst comes back in so many of them at least. */
const LEAST_FILL_SLACKS = 4;
/** Milliseconds. */
const SHORTEST_WINDOW_MS = 25;

/** One at a time is the same limit by a bucket, a log and an anchored window: it is called a bucket. */
function leastCount({ family }: Variant): number {
  return family === 'anchored-window' || family === 'sliding-log' ? 2 : 1;
}

/** Milliseconds: as people write windows. */
const USUAL_PERIODS_MS = [
  100, 200, 250, 500, 1_000, 1_500, 2_000, 2_500, 3_000, 4_000, 5_000, 6_000, 8_000, 10_000, 12_000, 15_000, 20_000,
  30_000, 60_000, 120_000, 300_000, 600_000, 900_000, 1_800_000, 3_600_000,
];

/** The phase of windows that begin at multiples of their length since 1970. */
export function wallClockPhase(originWallMs: number, periodMs: number): number {
  const turns = originWallMs / periodMs;
  return Math.ceil(turns) - turns;
}

/** What may be the limit: what was let through in one go, or less where some came back meanwhile. */
function countsToTry(variant: Variant, arrivals: readonly Arrival[]): number[] {
  const runs = [0];
  for (const { accepted } of arrivals) {
    if (accepted) runs[runs.length - 1] = (runs.at(-1) ?? 0) + 1;
    else if (runs.at(-1) !== 0) runs.push(0);
  }
  const most = Math.max(...runs) + 1;
  const counts = new Set<number>();
  const least = variant.family === 'bucket' ? 1 : Math.max(leastCount(variant), Math.floor(most * 0.45));
  if (variant.family === 'bucket') {
    const step = Math.max(1, Math.ceil(most / 40));
    for (let count = most; count >= 1; count -= step) counts.add(count);
  }
  for (const run of runs) for (const count of [run - 1, run, run + 1]) if (count >= least) counts.add(count);
  return [...counts];
}

/** Between one that was refused and one that was accepted, where they were closest to one another. */
function closestRecoveries(arrivals: readonly Arrival[]): number[] {
  const found = arrivals.flatMap(({ at, accepted }, i) => {
    const before = arrivals[i - 1];
    return accepted && before?.accepted === false ? [{ middle: (at + before.at) / 2, gap: at - before.at }] : [];
  });
  const closest = found.sort((a, b) => a.gap - b.gap).slice(0, 6);
  return closest.map(({ middle }) => middle);
}

/**
 * A bucket that is full again before anybody could notice contradicts nothing, and predicts nothing: whatever was refused came
 * too early for it, and whatever was accepted did not.
 */
function shortestFill(arrivals: readonly Arrival[]): number {
  return LEAST_FILL_SLACKS * (medianSlack(arrivals) - CLOCK_SLACK_MS);
}

/** A period that is longer than the run cannot have been seen, unless the run met just the end of it. */
function periodBounds(
  { family, hasPhase }: Variant,
  arrivals: readonly Arrival[],
): { readonly low: number; readonly high: number } {
  const slack = medianSlack(arrivals);
  const low = family === 'bucket' ? Math.max(1, slack / 2) : Math.max(SHORTEST_WINDOW_MS, slack * LEAST_SLACKS);
  const span = (arrivals.at(-1)?.at ?? 0) - (arrivals[0]?.at ?? 0);
  return { low, high: Math.max(low * 2, hasPhase ? span * 4 : span * 1.1) };
}

function medianSlack(arrivals: readonly Arrival[]): number {
  const slacks = arrivals.map(({ slack }) => slack).sort((a, b) => a - b);
  return slacks[Math.floor(slacks.length / 2)] ?? 0;
}

function minimum<T>(items: readonly T[], of: (item: T) => number): T | undefined {
  return items.reduce<T | undefined>(
    (best, item) => (best === undefined || of(item) < of(best) ? item : best),
    undefined,
  );
}

/** What a layout can carry: until when, how fast, by how many, and how likely two random IDs are the same. */
import { seqErrors } from './errors.js';
import type { Layout } from './layout/layout.js';

export interface Plan {
  readonly layout: string;
  readonly bits: number;
  readonly workers: number;
  /** IDs a second, all workers together. */
  readonly rate: number;
  readonly epoch: number;
  /** First millisecond that no longer fits the time bits. */
  readonly exhaustsAt: number;
  /** From now; 0 when past. */
  readonly yearsLeft: number;
  /** Worker numbers that the layout has; for the byte kinds, slots (the number is not part of the ID). */
  readonly maxWorkers: number;
  /** IDs a second that the sequence bits allow one worker; absent where chance, not a sequence, tells IDs apart. */
  readonly perWorkerCeiling?: number;
  /** perWorkerCeiling times `workers`. */
  readonly totalCeiling?: number;
  /** Part of the ceiling that the rate uses: above 1 it does not fit. */
  readonly load?: number;
  readonly collisions: CollisionOdds;
  /** Whether the plan holds; if not, `problems` says why. */
  readonly fits: boolean;
  readonly problems: readonly string[];
}

type CollisionOdds =
  /** Worker numbers are leased: no two IDs are the same. `unleasedOdds`: had each worker drawn its number at random. */
  | { readonly kind: 'none'; readonly unleasedOdds: number }
  | {
      readonly kind: 'random';
      /** Bits by which two generators differ within a millisecond. */
      readonly randomBits: number;
      /** Expected number of equal pairs in a year at this rate. */
      readonly expectedPerYear: number;
      /** Probability of at least one in a year: 1 - e^-expected. */
      readonly oddsPerYear: number;
      /** Years until a collision is as likely as not; Infinity for a single generator. */
      readonly yearsToEvenOdds: number;
    };

const SECOND_MS = 1000;
const YEAR_MS = 365.25 * 86_400_000;

/** Error: `seq.bad_plan` for a number of workers or a rate that is none. */
export function planLayout(layout: Layout, workers: number, ratePerSecond: number, now: number): Plan {
  if (!Number.isInteger(workers) || workers < 1) {
    throw seqErrors.error('seq.bad_plan', `${workers} is no number of workers`, { hint: 'give --workers 1 or more' });
  }
  if (!Number.isFinite(ratePerSecond) || ratePerSecond <= 0) {
    throw seqErrors.error('seq.bad_plan', `${ratePerSecond} is no rate`, { hint: 'give --rate 1000/s or the like' });
  }
  const ceilings = ceilingsOf(layout, workers, ratePerSecond);
  const problems = problemsOf(layout, workers, ratePerSecond, now, ceilings.totalCeiling);
  return {
    layout: layout.name,
    bits: layout.bits,
    workers,
    rate: ratePerSecond,
    epoch: layout.epoch,
    exhaustsAt: layout.endsAt,
    yearsLeft: Math.max(0, layout.endsAt - now) / YEAR_MS,
    maxWorkers: layout.workers,
    ...ceilings,
    collisions: collisionsOf(layout, workers, ratePerSecond),
    fits: problems.length === 0,
    problems,
  };
}

type Ceilings = Pick<Plan, 'perWorkerCeiling' | 'totalCeiling' | 'load'>;

function ceilingsOf(layout: Layout, workers: number, rate: number): Ceilings {
  if (layout.family === 'bytes') return {};
  const perWorkerCeiling = (layout.perTick * SECOND_MS) / layout.unitMs;
  const totalCeiling = perWorkerCeiling * Math.min(workers, layout.workers);
  return { perWorkerCeiling, totalCeiling, load: rate / totalCeiling };
}

function problemsOf(layout: Layout, workers: number, rate: number, now: number, total: number | undefined): string[] {
  const problems: string[] = [];
  if (workers > layout.workers) problems.push(`${workers} workers are more than the ${layout.workers} it has`);
  if (total !== undefined && rate > total)
    problems.push(`${rate} IDs/s are more than the ${total} its sequence allows`);
  if (now >= layout.endsAt) problems.push(`its time bits ran out at ${new Date(layout.endsAt).toISOString()}`);
  else if (now > layout.endsAt - YEAR_MS) problems.push('its time bits run out within a year');
  if (now < layout.epoch) problems.push(`its epoch ${new Date(layout.epoch).toISOString()} is still to come`);
  return problems;
}

/**
 * Two IDs can only be equal when two different generators make them in the same millisecond: within one they rise. At
 * k IDs a millisecond over N generators there are k²/2 · (1 - 1/N) such pairs, each equal with probability 2^-bits;
 * expectation is additive, so it holds although the IDs of one generator depend on each other.
 */
function collisionsOf(layout: Layout, workers: number, rate: number): CollisionOdds {
  if (layout.family === 'integer') return { kind: 'none', unleasedOdds: birthday(workers, layout.workers) };
  const perMs = rate / SECOND_MS;
  const pairsPerMs = ((perMs * perMs) / 2) * (1 - 1 / workers);
  const expectedPerYear = (pairsPerMs * YEAR_MS) / 2 ** layout.randomBits;
  return {
    kind: 'random',
    randomBits: layout.randomBits,
    expectedPerYear,
    oddsPerYear: -Math.expm1(-expectedPerYear),
    yearsToEvenOdds: Math.LN2 / expectedPerYear,
  };
}

/** Probability that `draws` random picks out of `size` are not all different. */
function birthday(draws: number, size: number): number {
  if (draws > size) return 1;
  let logDifferent = 0;
  for (let drawn = 1; drawn < draws; drawn++) logDifferent += Math.log1p(-drawn / size);
  return -Math.expm1(logDifferent);
}

/**
 * A limit: how much, in what time, by which algorithm. Made by {@link defineLimit} only, which refuses what could not be
 * counted exactly, so that the rules need no checks of their own.
 */
import { closest } from '../../platform/closest.js';
import { formatDuration, parseDuration } from '../../platform/units.js';
import { limitErrors } from './errors.js';

export const algorithmNames = [
  /** Generic cell rate algorithm (ITU-T I.371): even spacing, with a burst. */
  'gcra',
  /** Starts full, is refilled a token at a time. Decides as gcra does, told in tokens. */
  'token-bucket',
  /** A queue that drains at the rate: callers are told how long to wait; a full queue refuses. */
  'leaky-bucket',
  /** So many in each window of the wall clock: cheap to explain, and lets twice the limit pass around a boundary. */
  'fixed-window',
  /** A window that opens with the first request, as INCR with EXPIRE and most middleware does it. */
  'anchored-window',
  /** Two windows, the earlier one weighted by how much of it is still in sight. */
  'sliding-window',
  /** Every request of the last period is remembered: exact, and as large as the limit. */
  'sliding-log',
  /** So many at once, each for at most the period. */
  'concurrency',
] as const;

export type AlgorithmName = (typeof algorithmNames)[number];

/** Whether the algorithm lets more through at once than its count, or less: the others' burst is their count. */
export const hasBurst: Readonly<Record<AlgorithmName, boolean>> = {
  gcra: true,
  'token-bucket': true,
  'leaky-bucket': true,
  'fixed-window': false,
  'anchored-window': false,
  'sliding-window': false,
  'sliding-log': false,
  concurrency: false,
};

export interface Limit {
  readonly algorithm: AlgorithmName;
  /** So many … */
  readonly count: number;
  /** … in so many microseconds. For concurrency: after which a place is free again by itself. */
  readonly periodUs: number;
  /** The most at once from idle. For a leaky bucket: places in the queue, the one being let through included. */
  readonly burst: number;
  /**
   * Time for one, exactly: `stepUs + stepFraction / fractions` microseconds. `fractions` is the count of the rate in
   * lowest terms, so that 1,000,000,000 in 1,000 s is counted as a million a second.
   */
  readonly stepUs: number;
  readonly stepFraction: number;
  readonly fractions: number;
  /** Time for a whole burst, in the same two parts. */
  readonly burstUs: number;
  readonly burstFraction: number;
}

export interface LimitRequest {
  readonly algorithm: AlgorithmName;
  readonly count: number;
  readonly periodUs: number;
  /** Default: the count. */
  readonly burst?: number;
}

/** Counts, bursts and costs: two of them multiplied stay below 2^53, so that doubles count exactly. */
export const MOST_COST = 2 ** 26;
/** A hundred years: instants of this century plus it stay below 2^53 microseconds. */
export const LONGEST_PERIOD_US = 100 * 365.25 * 86_400 * 1e6;
/** These keep each request, or each holder: at most so many of them. */
const MOST_REMEMBERED = 10_000;

/** Errors: `limit.bad_rate`, `limit.bad_burst`. */
export function defineLimit({ algorithm, count, periodUs, burst = count }: LimitRequest): Limit {
  checkRate(algorithm, count, periodUs);
  checkBurst(algorithm, count, burst);
  const divisor = greatestCommonDivisor(count, periodUs);
  const fractions = count / divisor;
  const units = periodUs / divisor;
  const stepUs = Math.floor(units / fractions);
  const stepFraction = units % fractions;
  const carried = burst * stepFraction;
  const burstUs = burst * stepUs + Math.floor(carried / fractions);
  if (burstUs > LONGEST_PERIOD_US) {
    throw limitErrors.error('limit.bad_burst', `a burst of ${burst} takes more than a hundred years to come back`, {
      hint: 'a smaller burst, or a higher rate',
    });
  }
  return {
    algorithm,
    count,
    periodUs,
    burst,
    stepUs,
    stepFraction,
    fractions,
    burstUs,
    burstFraction: carried % fractions,
  };
}

function checkRate(algorithm: AlgorithmName, count: number, periodUs: number): void {
  const most = algorithm === 'sliding-log' || algorithm === 'concurrency' ? MOST_REMEMBERED : MOST_COST;
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw badRate(`a limit of ${count} by ${algorithm} is not from 1 to ${most}`);
  }
  if (!Number.isInteger(periodUs) || periodUs < 1 || periodUs > LONGEST_PERIOD_US) {
    throw badRate(`a period of ${periodUs / 1e6} s is not from 1 µs to 100 years`);
  }
}

function checkBurst(algorithm: AlgorithmName, count: number, burst: number): void {
  if (burst !== count && !hasBurst[algorithm]) {
    throw limitErrors.error('limit.bad_burst', `${algorithm} has no burst: it lets ${count} through at once`, {
      hint: 'leave the burst out, or use gcra or token-bucket',
    });
  }
  if (Number.isInteger(burst) && burst >= 1 && burst <= MOST_COST) return;
  throw limitErrors.error('limit.bad_burst', `a burst of ${burst} is not from 1 to ${MOST_COST}`, {
    hint: '--burst 10',
  });
}

/**
 * `100/s`, `5/min`, `10/250ms`, `1/month`, `0.5/s` (which is one in two seconds) → count and period. Error: `limit.bad_rate`.
 */
export function readRate(text: string): { readonly count: number; readonly periodUs: number } {
  const match = /^(\d{1,15})(?:\.(\d{1,9}))?\/([^/]+)$/.exec(text.trim());
  const periodUs = match === null ? undefined : parsePeriod(match[3] ?? '');
  if (match === null || periodUs === undefined) throw badRate(`${JSON.stringify(text.slice(0, 64))} is not a rate`);
  const decimals = match[2]?.length ?? 0;
  const scaled = Number(`${match[1]}${match[2] ?? ''}`);
  const scale = 10 ** decimals;
  if (scaled === 0) throw badRate(`${text} lets nothing through`);
  // 0.5/s is 5 in 10 s, and in lowest terms 1 in 2 s; whole counts stay as they are, since windows are told by them.
  const divisor = decimals === 0 ? 1 : greatestCommonDivisor(scaled, scale);
  const rate = { count: scaled / divisor, periodUs: (periodUs * scale) / divisor };
  if (!Number.isSafeInteger(rate.count) || !Number.isSafeInteger(rate.periodUs))
    throw badRate(`${text} is out of range`);
  return rate;
}

const NAMED_PERIODS: Readonly<Record<string, string>> = {
  sec: 's',
  second: 's',
  min: 'm',
  minute: 'm',
  hour: 'h',
  day: 'd',
  week: 'w',
  /** Thirty days: a limiter knows no calendar. */
  month: '30d',
  year: '365d',
};

/** `s`, `min`, `250ms`, `100us` → microseconds. */
function parsePeriod(text: string): number | undefined {
  const word = NAMED_PERIODS[text] ?? text.replace(/(?<=\d)(?:min|minutes?)$/, 'm');
  const micros = /^(\d*)(?:us|µs)$/.exec(word);
  if (micros !== null) return positive(Number(micros[1] || 1));
  const ms = parseDuration(/^\d/.test(word) ? word : `1${word}`);
  return ms === undefined ? undefined : positive(ms * 1000);
}

const positive = (value: number) => (Number.isSafeInteger(value) && value > 0 ? value : undefined);

/** The shortest text that {@link readRate} reads back: `5/min`, `100/10s`, `3/100us`. */
export function formatRate({ count, periodUs }: Pick<Limit, 'count' | 'periodUs'>): string {
  if (periodUs % 1000 !== 0) return `${count}/${periodUs}us`;
  const ms = periodUs / 1000;
  const named: Readonly<Record<number, string>> = { 1000: 's', 60000: 'min', 3600000: 'h', 86400000: 'd' };
  return `${count}/${named[ms] ?? formatDuration(ms)}`;
}

/** Error: `limit.unknown_algorithm`. */
export function readAlgorithm(text: string): AlgorithmName {
  const found = algorithmNames.find((name) => name === text);
  if (found !== undefined) return found;
  const nearest = closest(text, algorithmNames);
  throw limitErrors.error('limit.unknown_algorithm', `there is no algorithm ${JSON.stringify(text.slice(0, 64))}`, {
    hint: nearest === undefined ? `known are: ${algorithmNames.join(', ')}` : `did you mean ${nearest}?`,
  });
}

/** What a limit is made of; the rest follows from it. */
export type LimitTerms = Pick<Limit, 'algorithm' | 'count' | 'periodUs' | 'burst'>;

export function sameLimit(a: LimitTerms, b: LimitTerms): boolean {
  return (
    a === b || (a.algorithm === b.algorithm && a.count === b.count && a.periodUs === b.periodUs && a.burst === b.burst)
  );
}

const badRate = (message: string) =>
  limitErrors.error('limit.bad_rate', message, { hint: 'write it as 100/s, 5/min, 1000/d or 20/250ms' });

/** Of whole numbers from 0. */
export function greatestCommonDivisor(a: number, b: number): number {
  let [larger, smaller] = [a, b];
  while (smaller !== 0) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}

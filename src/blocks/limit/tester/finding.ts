/** What the tester found out. */
import type { RateFamily } from './models/variants.js';

export type Family = RateFamily | 'queue' | 'concurrency';

/** A value and what it is known to lie between. */
export interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface Finding {
  readonly family: Family;
  /** Requests: in a window, or at once (a bucket's burst, a queue's places, the most in flight). */
  readonly limit: Interval;
  /** Milliseconds: the window; of a bucket or a queue the time for one request more. Absent for concurrency. */
  readonly periodMs?: Interval;
  /** A window's boundaries stand on the wall clock (multiples of the window since 1970). */
  readonly onWallClock?: boolean;
  /** Who is refused makes it last longer. */
  readonly countsRefused?: boolean;
  /** The queue or the number in flight goes on beyond what was tried: `limit` is a lower bound. */
  readonly unbounded?: boolean;
}

/** Another family, and how many of the requests it would have told wrong. */
export interface Rival {
  readonly family: Family;
  readonly mispredicted: number;
}

export type Confidence = 'high' | 'medium' | 'low';

export interface Discovery {
  /** Absent where none showed itself, or not enough of it to name. */
  readonly finding?: Finding;
  readonly confidence: Confidence;
  /** Of the requests, so many happened otherwise than the finding would have them. */
  readonly mispredicted: number;
  readonly rivals: readonly Rival[];
  /** Why it ended before all was clear: `the budget of time is spent`. */
  readonly cutShort?: string;
  /** In words, where there is no finding: `200 requests in 3 s, none refused`. */
  readonly summary: string;
}

/**
 * How a run went over time, in bounded memory: one entry a second at first; when there are too many, each two neighbours
 * become one of twice the length.
 */
import type { LatencyPoint } from './latency-counts.js';

export interface Span extends LatencyPoint {
  /** Milliseconds from the start of what is measured. */
  readonly fromMs: number;
  readonly lengthMs: number;
  readonly answered: number;
  readonly failed: number;
  /** Answers by class, in the driver's order. */
  readonly classes: readonly number[];
}

const MOST_SPANS = 600;

export class Series {
  readonly #most: number;
  #spans: Span[] = [];
  /** Seconds in an entry. */
  #factor = 1;
  #pending: Span | undefined;
  #pendingCount = 0;

  constructor(most = MOST_SPANS) {
    this.#most = most;
  }

  get spans(): readonly Span[] {
    return this.#pending === undefined ? this.#spans : [...this.#spans, this.#pending];
  }

  push(second: Span): void {
    this.#pending = this.#pending === undefined ? second : merged(this.#pending, second);
    this.#pendingCount++;
    if (this.#pendingCount < this.#factor) return;
    this.#spans.push(this.#pending);
    this.#pending = undefined;
    this.#pendingCount = 0;
    if (this.#spans.length >= this.#most) this.#halve();
  }

  #halve(): void {
    const halves: Span[] = [];
    for (let i = 0; i + 1 < this.#spans.length; i += 2) {
      const [one, other] = this.#spans.slice(i, i + 2);
      if (one !== undefined && other !== undefined) halves.push(merged(one, other));
    }
    this.#spans = halves;
    this.#factor *= 2;
  }
}

/** Percentiles cannot be merged: the worse of the two stands for both. */
function merged(one: Span, other: Span): Span {
  return {
    fromMs: one.fromMs,
    lengthMs: one.lengthMs + other.lengthMs,
    answered: one.answered + other.answered,
    failed: one.failed + other.failed,
    classes: one.classes.map((count, i) => count + (other.classes[i] ?? 0)),
    p50Us: Math.max(one.p50Us, other.p50Us),
    p90Us: Math.max(one.p90Us, other.p90Us),
    p99Us: Math.max(one.p99Us, other.p99Us),
    maxUs: Math.max(one.maxUs, other.maxUs),
  };
}

/**
 * The server's clock, carried on by this machine's monotonic one. Every transaction asks for it in passing:
 *
 *     here    sent ──────────────── received        The answer is of some moment in between: it is right to half of the
 *     server          ▲ answer                      way there and back. The best one is kept; it gets worse with its age.
 *
 * What cannot be reconciled with the one that is kept, such as after this machine slept or a clock was stepped, replaces it.
 */
import type { Clock } from '../../../../platform/clock.js';

/** By how much two clocks may drift apart: 100 parts in a million is a bad quartz. */
const DRIFT = 1e-4;
/** Answers are in whole milliseconds. */
const GRAIN_MS = 1;

export class ServerClock {
  readonly #clock: Clock;
  /** What to add to the monotonic clock, how far that may be off, and when it was found out. */
  #kept = { offset: 0, doubt: Number.POSITIVE_INFINITY, at: 0 };

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return Math.floor(this.#kept.offset + this.#clock.monotonic());
  }

  /** `sentAt`: of the monotonic clock, when the server was asked. False: what this clock said until now was wrong. */
  learn(answer: number, sentAt: number): boolean {
    const at = this.#clock.monotonic();
    const doubt = (at - sentAt) / 2 + GRAIN_MS;
    const offset = answer + (at - sentAt) / 2 - at;
    const keptDoubt = this.#kept.doubt + (at - this.#kept.at) * DRIFT;
    const apart = Math.abs(offset - this.#kept.offset);
    const isWrong = apart > doubt + keptDoubt;
    if (doubt <= keptDoubt || isWrong) this.#kept = { offset, doubt, at };
    return !isWrong;
  }
}

import type { Clock } from '../../src/platform/clock.js';

interface Sleeper {
  readonly wakesAt: number;
  wake(): void;
}

/**
 * A clock that moves only when told to. `advance` lets time pass (both clocks move, sleepers wake); `step` is what an
 * operator or NTP does to the wall clock: it moves in either direction while the monotonic clock stands.
 */
export class ManualClock implements Clock {
  #wall: number;
  #monotonic = 0;
  #sleepers: Sleeper[] = [];

  constructor(startMs = 1_750_000_000_000) {
    this.#wall = startMs;
  }

  now(): number {
    return this.#wall;
  }

  micros(): number {
    return Math.round(this.#wall * 1000);
  }

  monotonic(): number {
    return this.#monotonic;
  }

  /** How many sleeps are pending: lets a test wait until the code under test really sleeps. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  advance(ms: number): void {
    this.#wall += ms;
    this.#monotonic += ms;
    const due = this.#sleepers.filter((sleeper) => sleeper.wakesAt <= this.#monotonic);
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper.wakesAt > this.#monotonic);
    for (const sleeper of due.sort((a, b) => a.wakesAt - b.wakesAt)) sleeper.wake();
  }

  step(ms: number): void {
    this.#wall += ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (ms <= 0) return resolve();
      const onAbort = () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason);
      };
      const sleeper: Sleeper = {
        wakesAt: this.#monotonic + ms,
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }
}

/**
 * Notices that zones have changed, whoever changed them: commands are processes of their own, and nothing tells a process
 * that another one has written. A look takes some 10 µs.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../../platform/clock.js';

/** Milliseconds between two looks: how late a NOTIFY leaves at most. */
const LOOK_MS = 250;

export interface WatchParts {
  /** Another number than before when something has changed. */
  readonly version: () => number;
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Watch {
  readonly #parts: WatchParts;
  readonly #ending = new AbortController();
  #version = Number.NaN;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** The first look is at once; what is there counts as a change. */
  start(): void {
    this.look();
    this.#running = this.#run();
  }

  /** Looks now. */
  look(): void {
    try {
      const version = this.#parts.version();
      if (version === this.#version) return;
      this.#version = version;
      this.#parts.onChange();
    } catch (error) {
      this.#parts.logger.error({ err: error }, 'whether zones have changed could not be found out');
    }
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      await this.#parts.clock.sleep(LOOK_MS, signal).catch(() => {});
      if (!signal.aborted) this.look();
    }
  }
}

/**
 * One part of the daemon that cannot do its work for a time, as a rule since its store does not answer. It tries again each second, but
 * says so when that begins, when the reason changes, and then once a minute; and it says when it goes on.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import { messageOf } from '../../../platform/errors.js';
import { formatDuration } from '../../../platform/units.js';

const REPEAT_MS = 60_000;
const SECOND_MS = 1_000;

export interface HeldUpOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whole words for the log: «the worker is held up», «the worker goes on». */
  readonly begins: string;
  readonly ends: string;
  /** Default: error. */
  readonly level?: 'warn' | 'error';
}

interface Trouble {
  /** On the monotonic clock. */
  readonly since: number;
  readonly saidAt: number;
  readonly message: string;
}

export class HeldUp {
  readonly #options: HeldUpOptions;
  #trouble: Trouble | undefined;

  constructor(options: HeldUpOptions) {
    this.#options = options;
  }

  /** Another try has failed. */
  tell(error: unknown): void {
    const { clock, logger, begins, level = 'error' } = this.#options;
    const now = clock.monotonic();
    const message = messageOf(error);
    const before = this.#trouble;
    if (before?.message === message && now - before.saidAt < REPEAT_MS) return;
    logger[level]({ err: error }, `${begins}: ${message}`);
    this.#trouble = { since: before?.since ?? now, saidAt: now, message };
  }

  /** A try has passed. */
  over(): void {
    if (this.#trouble === undefined) return;
    const { clock, logger, ends } = this.#options;
    const seconds = Math.max(1, Math.round((clock.monotonic() - this.#trouble.since) / SECOND_MS));
    logger.info(`${ends}, after ${formatDuration(seconds * SECOND_MS)}`);
    this.#trouble = undefined;
  }
}

/** Whose entries a request is about, and how much it may. */

import { logErrors } from '../errors.js';
import type { Tenant } from '../log-store.js';

export interface Grant {
  readonly tenant: Tenant;
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
  /** Streams that the tenant may have. */
  readonly mostStreams: number;
  /** Bytes that were pushed and unpacked; undefined: no bound. */
  readonly rate: ByteRate | undefined;
}

/** What Loki takes as the name of a tenant, so that what is stored here can be stored there. */
const NAME = /^(?!\.{1,2}$)[A-Za-z0-9!\-_.*'()]{1,150}$/;

export function isTenantName(text: string): boolean {
  return NAME.test(text);
}

/**
 * Bytes per second: what was saved up, a second's worth at most, may be spent at once, and the last push may overdraw it; the next one waits until
 * that is paid back. So a push that is larger than a second's worth can be sent at all.
 */
export class ByteRate {
  readonly #perMs: number;
  readonly #most: number;
  #level: number;
  #at: number;

  /** `now`: of a monotonic clock, milliseconds. */
  constructor(
    readonly bytesPerSecond: number,
    now: number,
  ) {
    this.#perMs = bytesPerSecond / 1000;
    this.#most = bytesPerSecond;
    this.#level = bytesPerSecond;
    this.#at = now;
  }

  /** Error: `log.limited`, with how long to wait. */
  take(bytes: number, now: number): void {
    this.#level = Math.min(this.#most, this.#level + (now - this.#at) * this.#perMs);
    this.#at = now;
    if (this.#level <= 0) {
      const waitMs = Math.ceil((1 - this.#level) / this.#perMs);
      throw logErrors.error('log.limited', `more than ${this.bytesPerSecond} bytes a second were pushed`, {
        details: { retry_after_ms: waitMs },
      });
    }
    this.#level -= bytes;
  }
}

/**
 * The lease that a source holds: knows what is reserved, reserves more before it runs out, and gives back what was not
 * used.
 *
 *     used ───▶│            half left: renew in the background
 *     ─────────┼───────────────────┼──────────────────────┤ reservedUntil
 *              now                                        at it: renew first, then go on
 */
import type { Clock } from '../../../platform/clock.js';
import { DsError } from '../../../platform/errors.js';
import type { WorkerLease, WorkerRegistry } from '../sequencer.js';

export interface LeaseTerms {
  readonly workers: WorkerRegistry;
  readonly clock: Clock;
  readonly space: string;
  /** How many worker numbers the space has. */
  readonly numbers: number;
  readonly worker: number | undefined;
  readonly holder: string;
  readonly ttlMs: number;
  readonly skewMs: number;
  readonly reserveMs: number;
  /** Longest wait for a number to become free. */
  readonly maxWaitMs: number;
  readonly signal: AbortSignal | undefined;
  readonly onNotice: ((text: string) => void) | undefined;
}

export function leaseFor(terms: LeaseTerms): HeldLease {
  return new HeldLease(terms);
}

export class HeldLease {
  readonly #terms: LeaseTerms;
  readonly #keeping = new AbortController();
  #lease: WorkerLease | undefined;
  #worker = 0;
  /** Exclusive end of the instants used under this lease. */
  #usedUntil = 0;
  #background: Promise<void> | undefined;
  #keeper: Promise<void> | undefined;

  constructor(terms: LeaseTerms) {
    this.#terms = terms;
  }

  /** The number held, or held last. */
  get worker(): number {
    return this.#worker;
  }

  /** False only after a failed change of numbers. */
  get held(): boolean {
    return this.#lease !== undefined;
  }

  /** Leases a number, waiting for one that becomes free soon. Returns its floor. */
  async take(): Promise<number> {
    const { workers, clock, space, numbers, worker, holder, ttlMs, skewMs, reserveMs, maxWaitMs, signal } = this.#terms;
    const giveUpAt = clock.monotonic() + maxWaitMs;
    await this.#background;
    const base = { space, workers: numbers, holder, ttlMs, skewMs, reserveMs };
    const request = worker === undefined ? base : { ...base, worker };
    for (;;) {
      try {
        this.#lease = await workers.lease(request);
        this.#worker = this.#lease.worker;
        this.#usedUntil = this.#lease.floor;
        return this.#lease.floor;
      } catch (error) {
        const wait = freeIn(error, clock.now());
        if (wait === undefined || clock.monotonic() + wait > giveUpAt) throw error;
        await clock.sleep(wait, signal);
      }
    }
  }

  /** Whether IDs may carry this instant. */
  covers(instant: number): boolean {
    return this.#lease !== undefined && instant < this.#lease.reservedUntil;
  }

  /** Notes that IDs carry this instant; renews in the background when half of the reservation is gone. */
  use(instant: number): void {
    this.#usedUntil = instant + 1;
    const { reservedUntil } = this.#held();
    if (reservedUntil - instant >= this.#terms.reserveMs / 2 || this.#background !== undefined) return;
    this.#background = this.#renew(reservedUntil + this.#terms.reserveMs)
      // What went wrong comes up again, with somebody to hear it, when the reservation really ends.
      .catch(() => undefined)
      .finally(() => {
        this.#background = undefined;
      });
  }

  /** Reserves at least the instant, and the usual amount after it. Error: `seq.lease_lost`. */
  async reserve(instant: number): Promise<void> {
    await this.#background;
    if (this.covers(instant)) return;
    await this.#renew(instant + Math.max(1, this.#terms.reserveMs));
    if (!this.covers(instant)) throw new Error(`the registry did not reserve ${instant} when asked to`);
  }

  /** Renews the lease by timer until it is released, so that an idle holder keeps its number. */
  keep(): void {
    this.#keeper = this.#keepLoop().catch(() => undefined);
  }

  /** Ends the renewing by timer and gives the number back. */
  async close(): Promise<void> {
    this.#keeping.abort();
    await this.#keeper;
    await this.release();
  }

  /** Gives the number back with what was used. A lease that was lost meanwhile is no error: nothing is to be given back. */
  async release(): Promise<void> {
    await this.#background;
    const lease = this.#lease;
    if (lease === undefined) return;
    this.#lease = undefined;
    try {
      await this.#terms.workers.release(lease, Math.min(this.#usedUntil, lease.reservedUntil));
    } catch (error) {
      if (!isLost(error)) throw error;
    }
  }

  async #renew(reserveUntil: number): Promise<void> {
    const lease = this.#held();
    const renewed = await this.#terms.workers.renew(lease, { ttlMs: this.#terms.ttlMs, reserveUntil });
    if (this.#lease?.token === renewed.token) this.#lease = renewed;
  }

  async #keepLoop(): Promise<void> {
    const { clock, ttlMs, onNotice } = this.#terms;
    for (;;) {
      await clock.sleep(ttlMs / 3, this.#keeping.signal);
      if (this.#lease === undefined) continue;
      await this.#renew(this.#lease.reservedUntil).catch((error: unknown) => {
        if (!isLost(error)) onNotice?.(`the lease of worker ${this.worker} was not renewed: ${String(error)}`);
      });
    }
  }

  #held(): WorkerLease {
    if (this.#lease === undefined) throw new Error('no worker number is leased');
    return this.#lease;
  }
}

function isLost(error: unknown): boolean {
  return error instanceof DsError && error.code === 'seq.lease_lost';
}

/** Milliseconds until a number becomes free, where the error says so. */
function freeIn(error: unknown, now: number): number | undefined {
  if (!(error instanceof DsError)) return undefined;
  if (error.code !== 'seq.workers_exhausted' && error.code !== 'seq.worker_taken') return undefined;
  const freeAt = error.details['free_at_ms'];
  return typeof freeAt === 'number' ? Math.max(1, freeAt - now) : undefined;
}

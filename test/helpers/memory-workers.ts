import { seqErrors } from '../../src/blocks/seq/errors.js';
import type {
  LeaseKey,
  LeaseRequest,
  RenewRequest,
  WorkerLease,
  WorkerRecord,
  WorkerRegistry,
} from '../../src/blocks/seq/sequencer.js';
import type { Clock } from '../../src/platform/clock.js';

interface Row {
  lease: WorkerLease;
  released: boolean;
  reservedAt: number;
  readonly skewMs: number;
}

/** As the store refuses: a reservation this far ahead means that a clock is wrong. */
const MAX_RESERVE_AHEAD_MS = 60_000;

/** The rules of the store (src/blocks/seq/store/workers.ts) in memory, for fast properties; counts what it was asked. */
export class MemoryWorkers implements WorkerRegistry {
  readonly clockSkewMs = 2000;
  readonly calls = { lease: 0, renew: 0, release: 0 };
  readonly #clock: Clock;
  readonly #rows = new Map<string, Row>();
  #token = 0n;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async lease(request: LeaseRequest): Promise<WorkerLease> {
    this.calls.lease++;
    const now = this.#clock.now();
    const { space, workers, holder, ttlMs, skewMs, reserveMs } = request;
    const worker = request.worker ?? this.#lowestFree(space, workers, skewMs, now);
    const freeAt = this.#freeAt(space, worker, skewMs);
    if (freeAt > now) {
      throw seqErrors.error('seq.workers_exhausted', 'no worker number is free', { details: { free_at_ms: freeAt } });
    }
    const floor = this.#floorOf(space, now);
    const reservedAt = Math.max(now, floor);
    this.#token++;
    const reservedUntil = reservedAt + reserveMs;
    const lease = { space, worker, token: this.#token, holder, expiresAt: now + ttlMs, floor, reservedUntil };
    this.#rows.set(`${space} ${worker}`, { lease, released: false, reservedAt, skewMs });
    return lease;
  }

  async renew(key: LeaseKey, request: RenewRequest): Promise<WorkerLease> {
    this.calls.renew++;
    const row = this.#mine(key);
    const present = Math.max(this.#clock.now(), row.lease.floor);
    if (request.reserveUntil > present + MAX_RESERVE_AHEAD_MS) {
      throw seqErrors.error('seq.clock_ahead', `${request.reserveUntil} is far ahead of ${present}`);
    }
    const reservedUntil = Math.max(row.lease.reservedUntil, request.reserveUntil);
    row.reservedAt = Math.max(row.reservedAt, present);
    row.lease = { ...row.lease, expiresAt: this.#clock.now() + request.ttlMs, reservedUntil };
    return row.lease;
  }

  async release(key: LeaseKey, usedUntil?: number): Promise<void> {
    this.calls.release++;
    const row = this.#mine(key);
    row.released = true;
    row.lease = {
      ...row.lease,
      expiresAt: this.#clock.now(),
      reservedUntil: Math.max(row.lease.floor, usedUntil ?? row.lease.reservedUntil),
    };
  }

  async list(): Promise<WorkerRecord[]> {
    return [...this.#rows.values()].map(({ lease, released }) => ({
      ...lease,
      state: released ? 'released' : 'leased',
      leasedAt: 0,
      highWater: lease.reservedUntil,
      freeAt: lease.expiresAt,
    }));
  }

  /** Gives the number to somebody else, as happens when a holder sleeps through its lease. */
  usurp(space: string, worker: number): void {
    const row = this.#rows.get(`${space} ${worker}`);
    if (row === undefined) throw new Error(`${space} ${worker} was never leased`);
    this.#token++;
    row.lease = { ...row.lease, token: this.#token, holder: 'usurper', expiresAt: Number.MAX_SAFE_INTEGER };
  }

  #lowestFree(space: string, workers: number, skewMs: number, now: number): number {
    let best = 0;
    for (let worker = 0; worker < workers; worker++) {
      const freeAt = this.#freeAt(space, worker, skewMs);
      if (freeAt <= now) return worker;
      if (freeAt < this.#freeAt(space, best, skewMs)) best = worker;
    }
    return best;
  }

  #freeAt(space: string, worker: number, skewMs: number): number {
    const row = this.#rows.get(`${space} ${worker}`);
    if (row === undefined) return Number.NEGATIVE_INFINITY;
    return Math.max(row.lease.expiresAt, row.lease.reservedUntil) + Math.max(skewMs, row.skewMs);
  }

  #floorOf(space: string, now: number): number {
    let floor = 0;
    for (const { lease, released, reservedAt } of this.#rows.values()) {
      if (lease.space !== space) continue;
      floor = Math.max(floor, released || lease.expiresAt <= now ? lease.reservedUntil : reservedAt);
    }
    return floor;
  }

  #mine(key: LeaseKey): Row {
    const row = this.#rows.get(`${key.space} ${key.worker}`);
    if (row === undefined || row.lease.token !== key.token || row.released) {
      throw seqErrors.error('seq.lease_lost', `worker ${key.worker} went to somebody else`);
    }
    return row;
  }
}

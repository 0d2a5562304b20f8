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
  freeAt: number;
}

/** The registry's rules in memory, for tests of what stands on them; keeps count of what it was asked. */
export class MemoryWorkers implements WorkerRegistry {
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
    const numbers =
      request.worker === undefined ? Array.from({ length: request.workers }, (_, n) => n) : [request.worker];
    let soonest = Number.POSITIVE_INFINITY;
    for (const worker of numbers) {
      const row = this.#rows.get(`${request.space} ${worker}`);
      if (row !== undefined && row.freeAt > now) {
        soonest = Math.min(soonest, row.freeAt);
        continue;
      }
      return this.#give(request, worker, row?.lease.reservedUntil ?? 0, now);
    }
    throw seqErrors.error('seq.workers_exhausted', 'no worker number is free', { details: { free_at_ms: soonest } });
  }

  async renew(key: LeaseKey, request: RenewRequest): Promise<WorkerLease> {
    this.calls.renew++;
    const row = this.#mine(key);
    const expiresAt = this.#clock.now() + request.ttlMs;
    const reservedUntil = Math.max(row.lease.reservedUntil, request.reserveUntil);
    row.lease = { ...row.lease, expiresAt, reservedUntil };
    row.freeAt = Math.max(expiresAt, reservedUntil);
    return row.lease;
  }

  async release(key: LeaseKey, usedUntil?: number): Promise<void> {
    this.calls.release++;
    const row = this.#mine(key);
    row.released = true;
    row.lease = { ...row.lease, reservedUntil: usedUntil ?? row.lease.reservedUntil };
    row.freeAt = this.#clock.now();
  }

  async list(): Promise<WorkerRecord[]> {
    return [...this.#rows.values()].map(({ lease, released, freeAt }) => ({
      ...lease,
      state: released ? 'released' : 'leased',
      leasedAt: 0,
      highWater: lease.reservedUntil,
      freeAt,
    }));
  }

  /** Gives the number to nobody in particular, as happens when a holder sleeps through its lease. */
  usurp(space: string, worker: number): void {
    const row = this.#rows.get(`${space} ${worker}`);
    if (row === undefined) throw new Error(`${space} ${worker} was never leased`);
    this.#token++;
    row.lease = { ...row.lease, token: this.#token, holder: 'usurper' };
    row.freeAt = Number.POSITIVE_INFINITY;
  }

  #give(request: LeaseRequest, worker: number, highWater: number, now: number): WorkerLease {
    this.#token++;
    const expiresAt = now + request.ttlMs;
    const reservedUntil = Math.max(now, highWater) + request.reserveMs;
    const { space, holder } = request;
    const lease = { space, worker, token: this.#token, holder, expiresAt, floor: highWater, reservedUntil };
    const freeAt = Math.max(expiresAt, reservedUntil) + request.skewMs;
    this.#rows.set(`${space} ${worker}`, { lease, released: false, freeAt });
    return lease;
  }

  #mine(key: LeaseKey): Row {
    const row = this.#rows.get(`${key.space} ${key.worker}`);
    if (row === undefined || row.lease.token !== key.token || row.released) {
      throw seqErrors.error('seq.lease_lost', `worker ${key.worker} went to somebody else`);
    }
    return row;
  }
}

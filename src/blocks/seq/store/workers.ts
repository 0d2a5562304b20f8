/**
 * Worker leases in the file. Which number is given, and from which instant on it may be used:
 *
 *     number:  the lowest that was never leased or is free: max(expires_at, high_water) + skew <= now
 *     floor:   the highest of
 *              - high_water of every row that is not live: IDs up to there may exist. For the number itself, which is
 *                free only when now has reached it, this is what makes IDs unique; for the others it keeps IDs rising
 *                across restarts although the clock stepped back, and whichever number the new process gets. There
 *                it counts up to a minute beyond the lease's end: else one holder that reserves years, by mistake or
 *                malice, would end the whole space.
 *              - reserved_at of every live row. Such a holder is still at work, or was killed and its lease runs on:
 *                it had made IDs up to some instant between reserved_at and high_water. Taking high_water would make
 *                every newcomer wait for its neighbours' reservations. So when a process is killed *and* the clock
 *                steps back, a new process may start lower by at most the length of one reservation; such IDs are
 *                still unique.
 *
 *     lease ──▶ live ──renew──▶ live        live: not released and now < expires_at
 *                │  └─release─▶ released    (expires_at = now, high_water = what was used)
 *                └──time─────▶ expired ──renew, while nobody else has the number──▶ live
 */
import type { Clock } from '../../../platform/clock.js';
import type { GroupCommit } from '../../../platform/store/group-commit.js';
import type { Sync } from '../../../platform/store/pragmas.js';
import type { Store } from '../../../platform/store/store.js';
import { checkTtl } from '../rules/durations.js';
import {
  checkLeaseRequest,
  clockAhead,
  leaseLost,
  MAX_RESERVE_AHEAD_MS,
  workersExhausted,
  workerTaken,
} from '../rules/leases.js';
import type { LeaseKey, LeaseRequest, RenewRequest, WorkerLease, WorkerRecord, WorkerRegistry } from '../sequencer.js';
import { nextToken } from './file.js';

interface Row {
  readonly space: string;
  readonly worker: bigint;
  readonly token: bigint;
  readonly holder: string;
  readonly leased_at: bigint;
  readonly expires_at: bigint;
  readonly floor: bigint;
  readonly high_water: bigint;
  readonly skew_ms: bigint;
  readonly released: bigint;
}

interface Choice {
  readonly floor: number | null;
  readonly freed: number | null;
  readonly unused: number;
}

const FREE_AT = 'max(expires_at, high_water) + max(skew_ms, @skewMs)';

/** `unused`: 0, or the end of the first run of numbers that have a row. */
const CHOOSE = `
  SELECT
    (SELECT max(CASE
              WHEN NOT released AND expires_at > @now THEN reserved_at
              WHEN high_water <= @now THEN high_water
              ELSE min(high_water, max(reserved_at, expires_at) + ${MAX_RESERVE_AHEAD_MS}) END)
       FROM worker WHERE space = @space) AS floor,
    (SELECT min(worker) FROM worker
       WHERE space = @space AND worker < @workers AND ${FREE_AT} <= @now) AS freed,
    CASE WHEN EXISTS (SELECT 1 FROM worker WHERE space = @space AND worker = 0)
      THEN (SELECT min(here.worker) + 1 FROM worker AS here WHERE here.space = @space AND NOT EXISTS
             (SELECT 1 FROM worker AS above WHERE above.space = @space AND above.worker = here.worker + 1))
      ELSE 0 END AS unused`;

const FIRST_FREE = `SELECT min(${FREE_AT}) AS freeAt FROM worker WHERE space = @space AND worker < @workers`;

const ONE_FREE = `SELECT ${FREE_AT} AS freeAt, holder FROM worker WHERE space = @space AND worker = @worker`;

const INSERT = `
  INSERT OR REPLACE INTO worker
    (space, worker, token, holder, leased_at, expires_at, floor, reserved_at, high_water, skew_ms, released)
  VALUES
    (@space, @worker, @token, @holder, @now, @expiresAt, @floor, max(@now, @floor), @reservedUntil, @skewMs, 0)`;

export class StoredWorkers implements WorkerRegistry {
  readonly clockSkewMs = 0;
  readonly #store: Store;
  readonly #commits: GroupCommit;
  readonly #clock: Clock;
  readonly #releaseSync: Sync | undefined;

  constructor(store: Store, commits: GroupCommit, clock: Clock, options: { readonly releaseSync?: Sync } = {}) {
    this.#store = store;
    this.#commits = commits;
    this.#clock = clock;
    this.#releaseSync = options.releaseSync;
  }

  async lease(request: LeaseRequest): Promise<WorkerLease> {
    checkLeaseRequest(request);
    return this.#commits.run(() => this.#lease(request));
  }

  async renew(lease: LeaseKey, request: RenewRequest): Promise<WorkerLease> {
    checkTtl(request.ttlMs);
    return this.#commits.run(() => this.#renew(lease, request));
  }

  /** A release that a power loss takes back costs the number's next holder time, never an ID its uniqueness. */
  release(lease: LeaseKey, usedUntil?: number): Promise<void> {
    const sync = this.#releaseSync;
    return this.#commits.run(() => this.#release(lease, usedUntil), sync === undefined ? {} : { sync });
  }

  list(space?: string): Promise<WorkerRecord[]> {
    return this.#commits.read(() => {
      const now = this.#clock.now();
      const rows = this.#store
        .bigStatement<[{ space: string | null }], Row>(
          'SELECT * FROM worker WHERE @space IS NULL OR space = @space ORDER BY space, worker',
        )
        .all({ space: space ?? null });
      return rows.map((row) => toRecord(row, now));
    });
  }

  #lease(request: LeaseRequest): WorkerLease {
    const { space, workers, holder, ttlMs, skewMs, reserveMs } = request;
    const now = this.#clock.now();
    const choice = this.#store.statement<[object], Choice>(CHOOSE).get({ space, workers, skewMs, now });
    if (choice === undefined) throw new Error('SQLite returned no choice of worker numbers');
    const worker = request.worker === undefined ? this.#lowest(request, choice, now) : this.#asked(request, now);
    const floor = choice.floor ?? 0;
    const reservedUntil = Math.max(now, floor) + reserveMs;
    const expiresAt = now + ttlMs;
    const token = nextToken(this.#store);
    this.#store
      .statement<[object]>(INSERT)
      .run({ space, worker, token, holder, now, expiresAt, floor, reservedUntil, skewMs });
    return { space, worker, token, holder, expiresAt, floor, reservedUntil };
  }

  #lowest(request: LeaseRequest, choice: Choice, now: number): number {
    const { space, workers, skewMs } = request;
    const lowest = Math.min(choice.freed ?? Number.POSITIVE_INFINITY, choice.unused);
    if (lowest < workers) return lowest;
    const row = this.#store.statement<[object], { freeAt: number | null }>(FIRST_FREE).get({ space, workers, skewMs });
    const freeAt = row?.freeAt ?? now;
    throw workersExhausted(request, freeAt, now);
  }

  #asked(request: LeaseRequest, now: number): number {
    const { space, skewMs, worker = 0 } = request;
    const row = this.#store
      .statement<[object], { freeAt: number; holder: string }>(ONE_FREE)
      .get({ space, worker, skewMs });
    if (row === undefined || row.freeAt <= now) return worker;
    throw workerTaken(request, row.holder, row.freeAt, now);
  }

  #renew(key: LeaseKey, request: RenewRequest): WorkerLease {
    const now = this.#clock.now();
    const row = this.#held(key);
    const floor = Number(row.floor);
    const present = Math.max(now, floor);
    const aheadMs = request.reserveUntil - present;
    if (aheadMs > request.ttlMs + MAX_RESERVE_AHEAD_MS) throw clockAhead(request.reserveUntil, aheadMs, now);
    const expiresAt = now + request.ttlMs;
    const reservedUntil = Math.max(Number(row.high_water), request.reserveUntil);
    this.#store
      .statement<[object]>(
        `UPDATE worker SET expires_at = @expiresAt, reserved_at = max(reserved_at, @present), high_water = @reservedUntil
           WHERE space = @space AND worker = @worker`,
      )
      .run({ space: key.space, worker: key.worker, expiresAt, present, reservedUntil });
    const { space, worker, token } = key;
    return { space, worker, token, holder: row.holder, expiresAt, floor, reservedUntil };
  }

  #release(key: LeaseKey, usedUntil: number | undefined): void {
    const now = this.#clock.now();
    const row = this.#held(key);
    // Not below the floor: up to there the IDs are other holders'.
    const highWater = Math.min(
      Number(row.high_water),
      Math.max(Number(row.floor), usedUntil ?? Number(row.high_water)),
    );
    this.#store
      .statement<[object]>(
        `UPDATE worker SET released = 1, expires_at = @now, high_water = @highWater
           WHERE space = @space AND worker = @worker`,
      )
      .run({ space: key.space, worker: key.worker, now, highWater });
  }

  /** The row of a lease that is still its holder's; an expired one is, until somebody else has the number. */
  #held(key: LeaseKey): Row {
    const row = this.#store
      .bigStatement<[string, number], Row>('SELECT * FROM worker WHERE space = ? AND worker = ?')
      .get(key.space, key.worker);
    if (row !== undefined && row.token === key.token && row.released === 0n) return row;
    const reason = row?.token === key.token ? 'it was released' : 'somebody else has the number now';
    throw leaseLost(key, reason);
  }
}

function toRecord(row: Row, now: number): WorkerRecord {
  const expiresAt = Number(row.expires_at);
  const highWater = Number(row.high_water);
  return {
    space: row.space,
    worker: Number(row.worker),
    state: row.released === 1n ? 'released' : expiresAt <= now ? 'expired' : 'leased',
    token: row.token,
    holder: row.holder,
    leasedAt: Number(row.leased_at),
    expiresAt,
    highWater,
    freeAt: Math.max(expiresAt, highWater) + Number(row.skew_ms),
  };
}

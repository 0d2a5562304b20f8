/**
 * The sequencer's interface. Three implementations stand behind it, and one contract suite (test/blocks/seq/contract)
 * runs against all of them: `store.ts` on a SQLite file, `remote/daemon.ts` on a `ds seq serve`, and
 * `remote/redis.ts` on a real Redis or Valkey.
 *
 * Instants are whole milliseconds since the Unix epoch throughout; 64-bit numbers are bigints.
 */

/**
 * A worker number is held under a lease. The lease alone does not make IDs unique, the **reservation** does:
 *
 *     time ──────────────────────────────────────────────────────────────▶
 *       earlier holders' IDs │ floor ... this holder's IDs ... │ reservedUntil
 *                            ▼                                 ▼
 *          ids at t < floor may exist            ids at t >= reservedUntil need renew() first
 *
 * `reservedUntil` is on disk before any ID below it is handed out, and only ever grows; the next holder's `floor` is at
 * least the last `reservedUntil`. So a process that dies, stalls past its lease or has its clock stepped can never
 * repeat an ID: to pass its reservation it must renew, and renewing is refused once its token is outdated.
 */
export interface WorkerLease {
  /** What the number is unique in: the layout's canonical specification (layout name for the built-in ones). */
  readonly space: string;
  readonly worker: number;
  /** Fencing token: grows with every lease in the store. */
  readonly token: bigint;
  readonly holder: string;
  readonly expiresAt: number;
  /** First instant that this holder may put into an ID. */
  readonly floor: number;
  /** Exclusive end of the instants that this holder may put into an ID. */
  readonly reservedUntil: number;
}

export interface LeaseRequest {
  readonly space: string;
  /** How many worker numbers the space has: 0 … workers - 1. */
  readonly workers: number;
  /** Ask for this number and no other. */
  readonly worker?: number;
  /** Who asks, for people: `host:pid command`. */
  readonly holder: string;
  readonly ttlMs: number;
  /** A number is given again only this long after its lease's end and its high-water mark. */
  readonly skewMs: number;
  /** How far ahead of max(now, floor) instants are reserved with the lease. */
  readonly reserveMs: number;
}

export interface RenewRequest {
  readonly ttlMs: number;
  /** New exclusive end of the reservation; a smaller one than the present is ignored. */
  readonly reserveUntil: number;
}

/** One worker number as `ds seq worker list` shows it. */
export interface WorkerRecord {
  readonly space: string;
  readonly worker: number;
  readonly state: 'leased' | 'expired' | 'released';
  readonly token: bigint;
  readonly holder: string;
  readonly leasedAt: number;
  readonly expiresAt: number;
  /** Exclusive: no ID of this number carries this instant or a later one. */
  readonly highWater: number;
  /** When the number can be given to somebody else. */
  readonly freeAt: number;
}

/** What identifies a held lease to the store. */
export type LeaseKey = Pick<WorkerLease, 'space' | 'worker' | 'token'>;

/** How far the clocks of machines are taken to differ, in milliseconds: generous for machines that run NTP. */
export const MACHINES_CLOCK_SKEW_MS = 2000;

export interface WorkerRegistry {
  /**
   * By how much the clocks of its holders may differ, in milliseconds, unless they know better: 0 for a file, whose
   * holders share a machine.
   */
  readonly clockSkewMs: number;
  /**
   * Leases the lowest free number, or the one asked for.
   * Errors: `seq.workers_exhausted` (details: free_at_ms), `seq.worker_taken`, `seq.worker_out_of_range`.
   */
  lease(request: LeaseRequest): Promise<WorkerLease>;
  /** Extends lease and reservation. Errors: `seq.lease_lost`, `seq.clock_ahead`. */
  renew(lease: LeaseKey, request: RenewRequest): Promise<WorkerLease>;
  /**
   * Ends the lease. `usedUntil` (exclusive, at most the reservation) lowers the high-water mark to what was really
   * used, so that the number's next holder need not wait. Without it the reservation stands. Error: `seq.lease_lost`.
   */
  release(lease: LeaseKey, usedUntil?: number): Promise<void>;
  list(space?: string): Promise<WorkerRecord[]>;
}

/** Consecutive numbers, both ends included. */
export interface TicketRange {
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * A number of a gapless sequence:
 *
 *     reserve ──▶ reserved ──commit──▶ committed (for good)
 *                    │ ▲
 *      abort, expiry │ │ reserve (same number, higher token)
 *                    ▼ │
 *                 abandoned
 */
export interface GaplessTicket {
  readonly name: string;
  readonly number: bigint;
  readonly token: bigint;
  readonly expiresAt: number;
}

/** What identifies a reserved number to the store. */
export type TicketKey = Pick<GaplessTicket, 'name' | 'number' | 'token'>;

export interface GaplessRequest {
  readonly holder: string;
  /** After this long without commit the number is given to somebody else. */
  readonly ttlMs: number;
}

/** A number of a gapless sequence that is not committed while it or a later one has been given out. */
export interface Hole {
  readonly number: bigint;
  readonly state: 'reserved' | 'abandoned';
  readonly holder: string;
  readonly token: bigint;
  readonly expiresAt: number;
}

export interface TicketSummary {
  readonly name: string;
  readonly kind: 'block' | 'gapless';
  /** The highest number given out (for a daemon's blocks: reserved); 0 before the first. */
  readonly last: bigint;
  /** Uncommitted numbers; always 0 for the block kind. */
  readonly holes: number;
}

/**
 * Named sequences of numbers from 1 to 2^63 - 1. A name is a non-empty string of at most 512 bytes of UTF-8.
 * A name is of the kind it was first used as: `seq.ticket_kind` otherwise. `seq.ticket_exhausted` past 2^63 - 1.
 */
export interface Tickets {
  /** `count` (1 … 2^53) consecutive numbers, each higher than any given before from this file. May leave holes. */
  take(name: string, count: bigint): Promise<TicketRange>;
  /** The highest number given out, or undefined for a name never used. */
  current(name: string): Promise<bigint | undefined>;
  reserve(name: string, request: GaplessRequest): Promise<GaplessTicket>;
  /** Errors: `seq.ticket_lost` when the number was given to somebody else meanwhile, or is not reserved. */
  commit(ticket: TicketKey): Promise<void>;
  /** Errors as commit. */
  abort(ticket: TicketKey): Promise<void>;
  holes(name: string): Promise<Hole[]>;
  list(): Promise<TicketSummary[]>;
}

/** A hybrid logical clock's stamp (Kulkarni et al., 2014): 48 bits of milliseconds, 16 bits of logical counter. */
export interface HybridTimestamp {
  readonly wall: number;
  /** 0 … 65535. */
  readonly logical: number;
}

export interface HybridClock {
  /** A stamp above every earlier one from this store. */
  tick(): Promise<HybridTimestamp>;
  /**
   * A stamp above every earlier one and above `remote`. Error: `seq.hlc_drift` when `remote` is more than
   * `maxDriftMs`, at most a day, ahead of this machine's clock.
   */
  merge(remote: HybridTimestamp, maxDriftMs: number): Promise<HybridTimestamp>;
}

export interface Sequencer {
  readonly workers: WorkerRegistry;
  readonly tickets: Tickets;
  readonly hlc: HybridClock;
  /** Flushes what is pending and lets go of the file or the connection. Safe to call twice. */
  close(): Promise<void>;
}

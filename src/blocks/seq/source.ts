/**
 * A source of IDs: a worker number under lease, a reservation of instants, a clock, and a maker of IDs.
 *
 *                     clock past the tick                        fewer IDs made than wanted
 *      ┌──────────┐ ──────────────────────▶ ┌──────────────────┐ ────────────────────────▶ ┌───────────┐
 *      │  CLOSED  │                         │ OPEN             │                           │ EXHAUSTED │
 *      │ no tick  │      ┌───────────────── │ tick, next seq   │ ◀──────────────────────── │ tick full │
 *      └──────────┘      │ tick at or past  └──────────────────┘   clock at the next tick  └───────────┘
 *            ▲           ▼ reservedUntil        ▲          │                                     │
 *            │    ┌────────────┐   renewed      │          │ clock before the tick               │ same
 *            │    │  RENEWING  │ ───────────────┘          ▼                                     ▼
 *            │    └────────────┘              ┌───────────────────────────────────────────────────────┐
 *            │ lost │ lease a new number      │ BEHIND  wait:   until the clock is back, or refuse    │
 *            └──────┘                         │         borrow: go on in the tick; the next one opens │
 *                                             │                 no faster than real time passes       │
 *                                             │         fail:   refuse                                │
 *                                             └───────────────────────────────────────────────────────┘
 *
 * Invariants: the tick never falls; the sequence never wraps; no ID carries an instant at or past `reservedUntil`,
 * which is on disk first. So two sources that share a store can never make the same ID, whatever their clocks do.
 */
import type { Clock, Random } from '../../platform/clock.js';
import { DsError } from '../../platform/errors.js';
import type { IdBatch } from './batch.js';
import { seqErrors } from './errors.js';
import { type HeldLease, type LeaseTerms, leaseFor } from './generator/held-lease.js';
import { type IdMaker, makerFor } from './generator/index.js';
import { waitForTick } from './generator/tick-wait.js';
import type { Layout } from './layout/index.js';
import type { WorkerRegistry } from './sequencer.js';

export type ClockBackPolicy = 'wait' | 'borrow' | 'fail';

export interface IdSourceOptions {
  readonly layout: Layout;
  readonly workers: WorkerRegistry;
  readonly clock: Clock;
  readonly random: Random;
  /** Who asks, for people: `host:pid command`. */
  readonly holder: string;
  /** Take this worker number and no other. */
  readonly worker?: number;
  /** What to do when the clock stands before the last ID. */
  readonly onClockBack: ClockBackPolicy;
  /** Longest wait in milliseconds for a clock that went back, and for a worker number to become free. */
  readonly maxWaitMs: number;
  /** Milliseconds a lease lasts without renewal. Default 10,000: how long a killed process blocks its number. */
  readonly leaseTtlMs?: number;
  /** Milliseconds a number rests after its last holder. Default: the registry's {@link WorkerRegistry.clockSkewMs}. */
  readonly skewMs?: number;
  /**
   * Milliseconds of instants reserved ahead. Default 1000, at most 30,000: more means fewer writes, and a longer
   * rest after a crash.
   */
  readonly reserveMs?: number;
  readonly signal?: AbortSignal;
  /** Read the clock in a loop for the next tick instead of yielding to the event loop. For one-shot commands. */
  readonly spin?: boolean;
  /** Renew the lease by timer, so that an idle daemon keeps its number. Default: not `spin`. */
  readonly keepLease?: boolean;
  /** Told in one line what people should know: time bits running out, a number lost and replaced. */
  readonly onNotice?: (text: string) => void;
}

export interface IdSource {
  readonly layout: Layout;
  /** The worker number in use; changes when a lease is lost. */
  readonly worker: number;
  /**
   * `count` IDs, each higher than every one before. Calls are served one after another. Errors: `seq.bad_count`,
   * `seq.clock_backwards`, `seq.time_exhausted`, and what the registry throws; IDs made before the error are lost, not
   * repeated.
   */
  next(count: number): Promise<IdBatch>;
  /** Gives the number back with what was really used. Safe to call twice. */
  close(): Promise<void>;
}

/** The most IDs of one call: bounds memory (20 bytes each). */
export const MAX_BATCH = 1_000_000;

const YEAR_MS = 365.25 * 86_400_000;

/** Leases a worker number and opens a source on it. */
export async function openIdSource(options: IdSourceOptions): Promise<IdSource> {
  const source = new LeasedIdSource(options);
  await source.open();
  return source;
}

class LeasedIdSource implements IdSource {
  readonly layout: Layout;
  readonly #options: IdSourceOptions;
  readonly #clock: Clock;
  readonly #maker: IdMaker;
  readonly #lease: HeldLease;
  /** The last tick that was opened, by us or (one below the floor) by an earlier holder. Never falls. */
  #tick = -1;
  /** Nothing is left of #tick. */
  #exhausted = true;
  /** Monotonic instant at which #tick was opened. */
  #openedAt = Number.NEGATIVE_INFINITY;
  #tail: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: IdSourceOptions) {
    this.layout = options.layout;
    this.#options = options;
    this.#clock = options.clock;
    this.#maker = makerFor(options.layout, options.random);
    this.#lease = leaseFor(termsOf(options));
  }

  get worker(): number {
    return this.#lease.worker;
  }

  async open(): Promise<void> {
    this.#refuseOrWarnOfEnd();
    this.#warnOfOrder();
    await this.#takeNumber();
    if (this.#options.keepLease ?? this.#options.spin !== true) this.#lease.keep();
  }

  next(count: number): Promise<IdBatch> {
    const batch = this.#tail.then(() => this.#produce(count));
    this.#tail = batch.catch(() => undefined);
    return batch;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#tail;
    await this.#lease.close();
  }

  async #produce(count: number): Promise<IdBatch> {
    if (this.#closed) throw new Error('the ID source is closed');
    if (!Number.isInteger(count) || count < 1 || count > MAX_BATCH) {
      throw seqErrors.error('seq.bad_count', `cannot make ${count} IDs at once`, { hint: `ask for 1 to ${MAX_BATCH}` });
    }
    this.#maker.begin(count);
    const giveUpAt = this.#clock.monotonic() + this.#options.maxWaitMs;
    for (let left = count; left > 0; ) {
      if (!this.#ready(this.#clock.now())) await this.#becomeReady(giveUpAt);
      else {
        const made = this.#maker.make(left);
        left -= made;
        this.#exhausted = left > 0;
      }
    }
    return this.#maker.finish();
  }

  /** True when IDs can be made at once: the hot path, which never awaits. Opens the clock's tick if it is a new one. */
  #ready(now: number): boolean {
    const tick = this.#tickOf(now);
    if (tick === this.#tick) return !this.#exhausted;
    if (tick < this.#tick) return this.#options.onClockBack === 'borrow' && !this.#exhausted;
    return this.#openIfReserved(tick);
  }

  #openIfReserved(tick: number): boolean {
    if (!this.#lease.covers(this.#startOf(tick))) return false;
    this.#maker.open(tick);
    this.#tick = tick;
    this.#exhausted = false;
    this.#openedAt = this.#clock.monotonic();
    this.#lease.use(this.#startOf(tick));
    return true;
  }

  /** Does one thing towards making IDs again; the caller then looks afresh. */
  async #becomeReady(giveUpAt: number): Promise<void> {
    const { signal, spin = false, onClockBack } = this.#options;
    signal?.throwIfAborted();
    const now = this.#clock.now();
    const tick = this.#tickOf(now);
    if (tick > this.#tick) return this.#reserve(tick);
    const nextAt = this.#startOf(this.#tick + 1);
    if (tick === this.#tick) return waitForTick(this.#clock, nextAt, spin, signal);
    if (tick < 0 && this.#tick < 0) throw this.#beforeEpoch(now);
    if (onClockBack === 'borrow') return this.#borrow();
    const behind = this.#startOf(this.#tick) - now;
    if (onClockBack === 'fail' || this.#clock.monotonic() + behind > giveUpAt) throw this.#clockBackwards(now, behind);
    return this.#clock.sleep(behind, signal);
  }

  /** Opens the tick after the exhausted one, but not sooner than a tick's time after that was opened. */
  async #borrow(): Promise<void> {
    const early = this.#openedAt + this.#maker.tickMs - this.#clock.monotonic();
    if (early > 0) return this.#clock.sleep(early, this.#options.signal);
    const tick = this.#tick + 1;
    if (!this.#openIfReserved(tick)) await this.#reserve(tick);
  }

  /** Extends the reservation over a tick, or takes a new number when the old one is lost. */
  async #reserve(tick: number): Promise<void> {
    if (tick >= this.#maker.ticks) this.#maker.open(tick); // throws
    if (!this.#lease.held) return this.#takeNumber();
    try {
      await this.#lease.reserve(this.#startOf(tick));
    } catch (error) {
      await this.#replaceNumber(tick, error);
    }
  }

  /**
   * A lost number is replaced. So is one whose reservation the registry will not extend because we are borrowing from a
   * clock that went far back: a new lease has its floor where we stand, and can be extended from there.
   */
  async #replaceNumber(tick: number, error: unknown): Promise<void> {
    if (!(error instanceof DsError)) throw error;
    const borrowing = this.#options.onClockBack === 'borrow' && this.#clock.now() < this.#startOf(tick);
    const renewable = error.code === 'seq.clock_ahead' && borrowing;
    if (error.code !== 'seq.lease_lost' && !renewable) throw error;
    const old = this.worker;
    if (renewable) await this.#lease.release();
    await this.#takeNumber();
    if (renewable && !this.#lease.covers(this.#startOf(tick))) throw error;
    const why = renewable ? `could not be kept (${error.message})` : `was lost (${error.message})`;
    this.#options.onNotice?.(`worker ${old} ${why}; going on as worker ${this.worker}`);
  }

  async #takeNumber(): Promise<void> {
    const floor = await this.#lease.take();
    this.#maker.setWorker(this.#lease.worker);
    // The tick that the floor falls into, or starts, is the first of ours: all before it count as used up.
    const firstTick = Math.ceil((floor - this.#maker.epoch) / this.#maker.tickMs);
    this.#tick = Math.max(this.#tick, firstTick - 1);
    this.#exhausted = true;
  }

  #tickOf(ms: number): number {
    return Math.floor((ms - this.#maker.epoch) / this.#maker.tickMs);
  }

  #startOf(tick: number): number {
    return this.#maker.epoch + tick * this.#maker.tickMs;
  }

  #refuseOrWarnOfEnd(): void {
    const now = this.#clock.now();
    if (this.#tickOf(now) >= this.#maker.ticks) this.#maker.open(this.#maker.ticks); // throws
    if (now < this.#maker.epoch) throw this.#beforeEpoch(now);
    const left = this.layout.endsAt - now;
    if (left >= YEAR_MS) return;
    this.#options.onNotice?.(
      `the time bits of layout ${this.layout.name} run out in ${Math.floor(left / 86_400_000)} days, ` +
        `at ${new Date(this.layout.endsAt).toISOString()}`,
    );
  }

  #warnOfOrder(): void {
    const { layout } = this;
    if (layout.family === 'bytes' || layout.order.perWorker) return;
    this.#options.onNotice?.(`IDs of layout ${layout.name} are unique but do not rise: seq stands before ts`);
  }

  #clockBackwards(now: number, behind: number) {
    const { maxWaitMs, onClockBack } = this.#options;
    const policy = onClockBack === 'fail' ? '' : `, longer than the allowed ${maxWaitMs} ms`;
    return seqErrors.error(
      'seq.clock_backwards',
      `the clock stands at ${new Date(now).toISOString()}, ${behind} ms before the last ID${policy}`,
      {
        hint: 'mend the clock, allow a longer wait, or choose --on-clock-back borrow',
        details: { behind_ms: behind },
      },
    );
  }

  #beforeEpoch(now: number) {
    const epoch = new Date(this.#maker.epoch).toISOString();
    return seqErrors.error(
      'seq.clock_backwards',
      `the clock stands at ${new Date(now).toISOString()}, before the epoch ${epoch} of layout ${this.layout.name}`,
      { hint: 'set the clock, or choose a layout with an earlier epoch' },
    );
  }
}

function termsOf(options: IdSourceOptions): LeaseTerms {
  const { layout, workers, clock, holder, worker, signal, onNotice } = options;
  return {
    workers,
    clock,
    space: layout.space,
    numbers: layout.workers,
    worker,
    holder,
    ttlMs: options.leaseTtlMs ?? 10_000,
    skewMs: options.skewMs ?? workers.clockSkewMs,
    reserveMs: options.reserveMs ?? 1000,
    maxWaitMs: options.maxWaitMs,
    signal,
    onNotice,
  };
}

/**
 * The scheduler. Of all that share the store one leads:
 *
 *               lease is another's                 lease taken, fence + 1
 *     ┌─────▶ following ──────────────────────────────▶ leading ──┐  slots come ──▶ settled, in batches
 *     │          │ a third of the lease, or a change       │      │  a third of the lease ──▶ renewed
 *     │          └──────────── asks again                  │      │  every second ──▶ watched over
 *     └────────────────────────────────────────────────────┘      │  every minute ──▶ old runs forgotten
 *               settle or renew say: another leads by now    ◀────┘
 *
 * Nothing is decided by what is held in memory: each transaction compares the fence.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import { messageOf } from '../../../platform/errors.js';
import type { DueJob, Leadership, Ledger, Settlement } from '../ledger.js';
import { settleBoot, settleJob } from '../rules/settle.js';
import { type CompiledSchedule, compileSchedule } from '../schedule.js';
import type { BootMark } from './boot.js';
import { HeldUp } from './held-up.js';
import { Waker } from './waker.js';

/** Jobs that are settled in one transaction. */
const MOST_JOBS = 500;
/** Slots of one transaction, more or less. */
const MOST_SLOTS = 10_000;
/** Between two looks at leases and deadlines, and at runs that are to be forgotten. Milliseconds. */
const WATCH_MS = 1_000;
const PRUNE_MS = 60_000;
/** Runs that are forgotten in one transaction, which nobody else can write during. */
const MOST_PRUNED = 2_000;
/** After an error, milliseconds. */
const PAUSE_MS = 1_000;
/** A change of the store is looked at so much later at most: slots are known ahead, so this delays only what is new. Milliseconds. */
const LEAST_SLEEP_MS = 50;
/** The longest sleep: a wall clock that is set is noticed by then. */
const LONGEST_SLEEP_MS = 1_000;
/** Who follows asks no more often, however much changes: each time the lease is locked for a moment. Milliseconds. */
const ASK_MS = 250;
/** Leases of another that are waited for until the start of this machine is another's to have noticed. */
const BOOT_LEASES = 2;

export interface LeaderOptions {
  readonly ledger: Pick<
    Ledger,
    'now' | 'lead' | 'resign' | 'due' | 'atBoot' | 'nextAt' | 'settle' | 'watchOver' | 'prune'
  >;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Unique among all that share the store. */
  readonly worker: string;
  readonly leaseMs: number;
  /** How long ended runs are kept, milliseconds. */
  readonly keepMs: number;
  /** Tells whether jobs of `@reboot` are due. */
  readonly boot: Pick<BootMark, 'isNew' | 'remember'>;
  /** Told that runs may have lost their worker. */
  readonly onLost: () => void;
  /** Told what was decided. */
  readonly onSettled: (settlements: readonly Settlement[]) => void;
}

export class Leader {
  readonly #options: LeaderOptions;
  readonly #waker: Waker;
  readonly #heldUp: HeldUp;
  #leadership: Leadership | undefined;
  #askAt = Number.NEGATIVE_INFINITY;
  #renewAt = 0;
  /** Another has led since then, as far as is known. */
  #followsSince: number | undefined;
  /** The next slot, when it was last asked for: what changes in between is mostly runs. */
  #nextAt = Number.NEGATIVE_INFINITY;
  #watchAt = 0;
  #pruneAt = 0;
  #lookedForBoot = false;
  /** Jobs whose schedule cannot be read here, in the version that was told of. */
  readonly #unreadable = new Map<number, number>();

  constructor(options: LeaderOptions) {
    this.#options = options;
    this.#waker = new Waker(options.clock, LEAST_SLEEP_MS);
    this.#heldUp = new HeldUp({ ...options, begins: 'the scheduler is held up', ends: 'the scheduler goes on' });
  }

  get leads(): boolean {
    return this.#leadership !== undefined;
  }

  /** Something in the store has changed. */
  wake(): void {
    this.#waker.wake();
  }

  /** Ends when the signal says so, and gives the lease back. */
  async run(signal: AbortSignal): Promise<void> {
    const { ledger, logger } = this.#options;
    while (!signal.aborted) {
      try {
        const sleepMs = await this.#turn();
        this.#heldUp.over();
        if (sleepMs > 0) await this.#waker.sleep(sleepMs, signal);
      } catch (error) {
        this.#leadership = undefined;
        this.#heldUp.tell(error);
        await this.#waker.pause(PAUSE_MS, signal);
      }
    }
    const leadership = this.#leadership;
    this.#leadership = undefined;
    if (leadership === undefined) return;
    await ledger
      .resign(leadership)
      .catch((error: unknown) => logger.warn({ err: error }, 'the lease was not given back'));
  }

  /** Does what there is to do; milliseconds until there is more, as far as is known. */
  async #turn(): Promise<number> {
    const { ledger, clock, leaseMs } = this.#options;
    const untilAsked = this.#askAt - clock.monotonic();
    if (this.#leadership === undefined && untilAsked > 0) return untilAsked;
    if (this.#leadership === undefined || clock.monotonic() >= this.#renewAt) await this.#lead();
    const leadership = this.#leadership;
    if (leadership === undefined) {
      await this.#leaveBoot();
      return leaseMs / 3;
    }
    if (!this.#lookedForBoot) await this.#settleBoot(leadership);
    const mayBeDue = this.#nextAt <= ledger.now();
    if (mayBeDue && (await this.#settleDue(leadership))) return 0;
    await this.#watchOver(leadership);
    await this.#prune(leadership);
    return this.#untilNext(mayBeDue);
  }

  async #lead(): Promise<void> {
    const { ledger, clock, leaseMs, worker, logger } = this.#options;
    const asked = clock.monotonic();
    const before = this.#leadership;
    this.#leadership = await ledger.lead(worker, leaseMs);
    this.#renewAt = asked + leaseMs / 3;
    this.#askAt = asked + ASK_MS;
    this.#followsSince = this.#leadership === undefined ? (this.#followsSince ?? asked) : undefined;
    if (this.#leadership?.fence === before?.fence) return;
    if (this.#leadership !== undefined) logger.info({ fence: this.#leadership.fence }, 'leads');
    else logger.warn('another scheduler leads now');
  }

  /** True when there may be more. */
  async #settleDue(leadership: Leadership): Promise<boolean> {
    const { ledger } = this.#options;
    const now = ledger.now();
    // Those that cannot be read stay due, and come first.
    const settlements = this.#settlementsOf(await ledger.due(now, MOST_JOBS + this.#unreadable.size), now);
    if (settlements.length === 0) return false;
    await this.#settle(leadership, settlements);
    return true;
  }

  #settlementsOf(due: readonly DueJob[], now: number): readonly Settlement[] {
    const settlements: Settlement[] = [];
    let slots = 0;
    for (const job of due) {
      const schedule = this.#scheduleOf(job);
      if (schedule === undefined) continue;
      const settlement = settleJob(job, now, schedule);
      settlements.push(settlement);
      slots += settlement.slots.length;
      if (slots >= MOST_SLOTS) break;
    }
    return settlements;
  }

  /**
   * Undefined where it cannot be read here: a newer ds made it, or its time zone is not known on this machine. The others go on, and
   * its slots stay due.
   */
  #scheduleOf({ id, version, spec, createdAt }: DueJob): CompiledSchedule | undefined {
    try {
      const schedule = compileSchedule(spec.schedule, { name: spec.name, createdAt });
      this.#unreadable.delete(id);
      return schedule;
    } catch (error) {
      if (this.#unreadable.get(id) !== version) {
        const { logger } = this.#options;
        logger.error({ err: error, job: spec.name }, `a job is not scheduled: ${messageOf(error)}`);
      }
      this.#unreadable.set(id, version);
      return undefined;
    }
  }

  async #settle(leadership: Leadership, settlements: readonly Settlement[]): Promise<void> {
    const { ledger, onSettled } = this.#options;
    if (await ledger.settle(leadership, settlements)) onSettled(settlements);
    else this.#leadership = undefined;
  }

  async #settleBoot(leadership: Leadership): Promise<void> {
    const { ledger, boot } = this.#options;
    const jobs = await ledger.atBoot();
    if (jobs.length > 0 && (await boot.isNew())) {
      const now = ledger.now();
      await this.#settle(
        leadership,
        jobs.map((job) => settleBoot(job, now)),
      );
    }
    if (this.#leadership === undefined) return;
    // Remembered after it was written: at least once for each start, whatever ends the daemon in between.
    await boot.remember();
    this.#lookedForBoot = true;
  }

  /** The start of this machine is no news any more when this process leads some day, weeks later perhaps. */
  async #leaveBoot(): Promise<void> {
    const { boot, clock, leaseMs } = this.#options;
    const since = this.#followsSince;
    if (this.#lookedForBoot || since === undefined || clock.monotonic() - since < BOOT_LEASES * leaseMs) return;
    await boot.remember();
    this.#lookedForBoot = true;
  }

  async #watchOver(leadership: Leadership): Promise<void> {
    const { ledger, clock, onLost } = this.#options;
    if (clock.monotonic() < this.#watchAt) return;
    this.#watchAt = clock.monotonic() + WATCH_MS;
    if ((await ledger.watchOver(leadership)) > 0) onLost();
  }

  async #prune(leadership: Leadership): Promise<void> {
    const { ledger, clock, keepMs } = this.#options;
    if (clock.monotonic() < this.#pruneAt) return;
    const pruned = await ledger.prune(leadership, ledger.now() - keepMs, MOST_PRUNED);
    // There is more: it goes on with the next turn, after what is due.
    this.#pruneAt = clock.monotonic() + (pruned === MOST_PRUNED ? 0 : PRUNE_MS);
  }

  /** `wasLooked`: for slots that are due, in this very turn. */
  async #untilNext(wasLooked: boolean): Promise<number> {
    const { ledger, clock } = this.#options;
    this.#nextAt = (await ledger.nextAt()) ?? Number.POSITIVE_INFINITY;
    const untilSlot = this.#nextAt - ledger.now();
    if (untilSlot <= 0 && !wasLooked) return 0;
    const until = Math.min(this.#renewAt, this.#watchAt, this.#pruneAt) - clock.monotonic();
    // One that is due still is of a job that cannot be settled.
    const least = untilSlot <= 0 ? LEAST_SLEEP_MS : 1;
    return Math.max(least, Math.min(untilSlot, until, LONGEST_SLEEP_MS));
  }
}

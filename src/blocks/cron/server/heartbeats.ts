/**
 * A worker's signs of life, beside whatever else it waits for:
 *
 *     each third of the lease, or ──▶ heartbeat ──┬── answered ─────────▶ leases prolonged: told which runs to end, which are lost
 *     when something has changed          ▲       ├── failed ───────────▶ again soon
 *                                         └───────┴── a lease is over ──▶ lapsed: all that runs is killed, by now it is another's
 *
 * A process that was stopped for longer than its lease asks first: whether its runs are another's only the store can say.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import { cronErrors } from '../errors.js';
import type { HeartbeatAnswer, Ledger } from '../ledger.js';
import type { Attempt } from '../runner.js';
import { HeldUp } from './held-up.js';
import { Waker } from './waker.js';

/** Who wants a run to end is heard of within so long, or a third of the lease. Milliseconds. */
const HEAR_MS = 1_000;

export interface Held {
  readonly attempt: Pick<Attempt, 'terminate' | 'kill'>;
  /** Its lease has run out, or may have: how it ends is for the store to say, by its delivery. */
  isLost: boolean;
}

type Runs = ReadonlyMap<number, Held>;

export interface HeartbeatOptions {
  readonly ledger: Pick<Ledger, 'heartbeat'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Of the worker. */
  readonly name: string;
  readonly capacity: number;
  readonly leaseMs: number;
  /** What goes on, by the number of its run. */
  readonly runs: Runs;
  /** Told when the store answers for the first time, or again after a lapse. */
  readonly onHeld: () => void;
}

export class Heartbeats {
  readonly #options: HeartbeatOptions;
  readonly #waker: Waker;
  readonly #heldUp: HeldUp;
  readonly #mostMs: number;
  readonly #retryMs: number;
  /** When the last heartbeat that was answered had been sent, on the monotonic clock. */
  #heldAt = Number.NEGATIVE_INFINITY;
  /** When the first one was sent that was not. */
  #unansweredSince: number | undefined;
  /** Why the last one failed. */
  #failure: { readonly error: unknown } | undefined;

  constructor(options: HeartbeatOptions) {
    const { clock, logger, leaseMs } = options;
    this.#options = options;
    this.#mostMs = leaseMs / 3;
    this.#retryMs = Math.min(HEAR_MS, this.#mostMs / 3);
    this.#waker = new Waker(clock, Math.min(HEAR_MS, this.#mostMs));
    this.#heldUp = new HeldUp({ clock, logger, begins: 'no heartbeat', ends: 'heartbeats go on', level: 'warn' });
  }

  /** Whether the store has heard of this worker within its lease. */
  get isHeld(): boolean {
    const { clock, leaseMs } = this.#options;
    return clock.monotonic() - this.#heldAt < leaseMs;
  }

  /** Throws when the last heartbeat could not be written, or none was answered for a whole lease: nothing can be claimed then. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#untilLapse() <= 0)
      throw cronErrors.error('cron.store_silent', 'the store has not answered for a whole lease');
  }

  /** Somebody may want a run to end. */
  wake(): void {
    if (this.#options.runs.size > 0) this.#waker.wake();
  }

  /** Ends when the signal says so. Never rejects. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (await this.#beat()) await this.#waker.sleep(this.#mostMs, signal);
      else await this.#waker.pause(this.#retryMs, signal);
    }
  }

  async #beat(): Promise<boolean> {
    const { ledger, clock, name, capacity, leaseMs, onHeld } = this.#options;
    const asked = clock.monotonic();
    this.#unansweredSince ??= asked;
    // What starts while it is under way is none of the lost: it was not asked for.
    const runs: Runs = new Map(this.#options.runs);
    const answered = new AbortController();
    const watching = this.#watch(answered.signal);
    try {
      const answer = await ledger.heartbeat(name, capacity, [...runs.keys()], leaseMs);
      const wasHeld = this.isHeld;
      this.#heldAt = asked;
      this.#unansweredSince = undefined;
      this.#failure = undefined;
      this.#heldUp.over();
      obey(answer, runs);
      if (!wasHeld) onHeld();
      return true;
    } catch (error) {
      this.#failure = { error };
      this.#heldUp.tell(error);
      if (this.#untilLapse() <= 0) this.#lapse();
      return false;
    } finally {
      answered.abort();
      await watching;
    }
  }

  async #watch(answered: AbortSignal): Promise<void> {
    await this.#waker.pause(Math.max(0, this.#untilLapse()), answered);
    if (!answered.aborted) this.#lapse();
  }

  /** A process that was stopped has asked late: its question gets a third of the lease all the same. */
  #untilLapse(): number {
    const { clock, leaseMs } = this.#options;
    const now = clock.monotonic();
    const since = this.#unansweredSince ?? now;
    return Math.max(this.#heldAt + leaseMs, since + this.#mostMs) - now;
  }

  #lapse(): void {
    const { runs, logger } = this.#options;
    if (runs.size > 0)
      logger.error({ runs: runs.size }, 'the store did not answer for a whole lease: what runs is killed');
    for (const held of runs.values()) lose(held);
  }
}

function obey({ cancel, lost }: HeartbeatAnswer, runs: Runs): void {
  for (const { run, how, reason } of cancel) {
    const attempt = runs.get(run)?.attempt;
    if (how === 'kill') attempt?.kill(reason);
    else attempt?.terminate(reason);
  }
  for (const run of lost) {
    const held = runs.get(run);
    if (held !== undefined) lose(held);
  }
}

function lose(held: Held): void {
  held.isLost = true;
  held.attempt.kill('its lease had run out');
}

/**
 * Carries out runs: as many at a time as it has places, each under a lease that it prolongs.
 *
 *     claim ──▶ running here ──┬── the process ends ──▶ recorder: finish
 *                 │            ├── heartbeat says cancel ──▶ SIGTERM, or SIGKILL
 *                 │            └── heartbeat says lost ──▶ SIGKILL; its outcome counts for nothing
 *                 └── claimed longer ago than a lease when it is to start (the process was stopped): asked for again first
 *
 * A worker that cannot reach the store for a whole lease kills what it runs: by then it is another's.
 */
import type { Logger } from 'pino';
import { messageOf } from '../../../platform/errors.js';
import type { Claim, Ledger } from '../ledger.js';
import { type Attempt, firstSequence, type RunnerContext, startAttempt } from '../runner.js';
import type { CronMetrics } from './metrics.js';
import type { Recorder } from './recorder.js';
import { Waker } from './waker.js';

/** After an error, milliseconds. */
const PAUSE_MS = 1_000;
/** The longest sleep between two looks at the queue: what others queue is heard of sooner. */
const LONGEST_SLEEP_MS = 1_000;
/** Between two looks while a slot is due that nobody has settled yet: its leader may have died. Milliseconds. */
const UNSETTLED_MS = 20;

export interface WorkerOptions {
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly runner: RunnerContext;
  readonly logger: Logger;
  readonly metrics: CronMetrics;
  /** Unique among all that share the store. */
  readonly name: string;
  /** Runs at a time. */
  readonly capacity: number;
  readonly leaseMs: number;
}

interface Going {
  readonly claim: Claim;
  readonly attempt: Attempt;
  readonly ended: Promise<void>;
}

export class Worker {
  readonly #options: WorkerOptions;
  readonly #waker: Waker;
  readonly #going = new Map<number, Going>();
  /** When a lease was surely still held, on the monotonic clock. */
  #heldAt: number;
  #beatAt = 0;
  #isStopping = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#waker = new Waker(options.runner.clock);
    this.#heldAt = options.runner.clock.monotonic();
  }

  get running(): number {
    return this.#going.size;
  }

  /** There may be a run to take. */
  wake(): void {
    this.#waker.wake();
  }

  /** Ends when the signal says so; what runs goes on, see {@link stop}. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const sleepMs = await this.#turn();
        if (sleepMs > 0) await this.#waker.sleep(sleepMs, signal);
      } catch (error) {
        this.#options.logger.error({ err: error }, `the worker is held up: ${messageOf(error)}`);
        this.#endWhatIsLost();
        await this.#waker.pause(PAUSE_MS, signal);
      }
    }
  }

  /** Waits for what runs, for so long; asks the rest to end, then retires. */
  async stop(graceMs: number): Promise<void> {
    const { runner, ledger, name, logger } = this.#options;
    const beats = new AbortController();
    const beating = this.#beatUntil(beats.signal);
    const grace = new AbortController();
    const expired = runner.clock.sleep(graceMs, grace.signal).catch(() => {});
    await Promise.race([this.#allEnded(), expired]);
    grace.abort();
    this.#isStopping = true;
    for (const { attempt } of this.#going.values()) attempt.terminate('the daemon stopped');
    await this.#allEnded();
    beats.abort();
    await beating;
    await ledger.retire(name).catch((error: unknown) => logger.warn({ err: error }, 'the worker did not sign off'));
  }

  async #beatUntil(signal: AbortSignal): Promise<void> {
    const { runner, leaseMs, logger } = this.#options;
    while (!signal.aborted) {
      await this.#beat().catch((error: unknown) => logger.warn({ err: error }, 'no heartbeat'));
      await runner.clock.sleep(leaseMs / 3, signal).catch(() => {});
    }
  }

  async #allEnded(): Promise<void> {
    await Promise.all([...this.#going.values()].map(({ ended }) => ended));
  }

  /** Milliseconds until there may be more to do, as far as is known. */
  async #turn(): Promise<number> {
    const { runner, ledger, capacity, leaseMs, name } = this.#options;
    const { clock } = runner;
    if (clock.monotonic() >= this.#beatAt) await this.#beat();
    const free = capacity - this.#going.size;
    if (free > 0) {
      const asked = clock.monotonic();
      const claims = await ledger.claim(name, free, leaseMs);
      for (const claim of claims) await this.#startIfHeld(claim, asked);
    }
    return this.#untilNext(free > 0);
  }

  async #untilNext(isFree: boolean): Promise<number> {
    const { ledger, runner } = this.#options;
    const nextAt = isFree ? await ledger.nextAt() : undefined;
    const untilSlot = nextAt === undefined ? LONGEST_SLEEP_MS : nextAt - ledger.now();
    const untilRun = untilSlot > 0 ? untilSlot : UNSETTLED_MS;
    const untilBeat = this.#beatAt - runner.clock.monotonic();
    return Math.max(1, Math.min(untilRun, untilBeat, LONGEST_SLEEP_MS));
  }

  /** The process may have been stopped between the claim and this moment, for longer than its lease. */
  async #startIfHeld(claim: Claim, asked: number): Promise<void> {
    const { runner, ledger, leaseMs, name, capacity, logger } = this.#options;
    if (runner.clock.monotonic() - asked > leaseMs / 2) {
      const { lost } = await ledger.heartbeat(name, capacity, [...this.#going.keys(), claim.run.id], leaseMs);
      if (lost.includes(claim.run.id)) {
        logger.warn({ job: claim.spec.name, run: claim.run.id }, 'not started: its lease had run out');
        return;
      }
    }
    // Its lease had run out, it was queued again, and it came back to us: of the old process nothing counts any more.
    const old = this.#going.get(claim.run.id);
    old?.attempt.kill('its lease had run out');
    await old?.ended;
    this.#start(claim);
  }

  #start(claim: Claim): void {
    const { runner, recorder, metrics, logger } = this.#options;
    const { run, spec, fence } = claim;
    metrics.started(claim);
    const attempt = startAttempt(
      spec,
      {
        facts: { job: spec.name, run: run.id, slot: run.slot, trigger: run.trigger, attempt: run.attempt, fence },
        firstSequence: firstSequence(run.attempt),
        write: ({ chunks, drop }) =>
          recorder.append({ run: run.id, fence, chunks, ...(drop === undefined ? {} : { drop }) }),
      },
      runner,
    );
    logger.debug({ job: spec.name, run: run.id, attempt: run.attempt }, 'started');
    const ended = this.#ended(claim, attempt);
    this.#going.set(run.id, { claim, attempt, ended });
  }

  async #ended(claim: Claim, attempt: Attempt): Promise<void> {
    const { recorder, metrics, ledger, logger } = this.#options;
    const { run, spec } = claim;
    const { outcome, outputBytes, leftBehind } = await attempt.done;
    const finishedAt = ledger.now();
    // Left to be taken up by another: retiring queues it again.
    const isLeft = this.#isStopping && outcome.kind === 'cancelled' && spec.delivery === 'at-least-once';
    if (leftBehind.length > 0) logger.warn({ job: spec.name, run: run.id, pids: leftBehind }, 'processes did not end');
    try {
      if (isLeft) return;
      const counted = await recorder.finish({ claim, outcome, finishedAt, outputBytes });
      metrics.ended(claim, counted ? outcome.kind : 'fenced', finishedAt);
      const reason = outcome.kind === 'succeeded' ? undefined : outcome.reason;
      logger.info(
        { job: spec.name, run: run.id, attempt: run.attempt, outcome: counted ? outcome.kind : 'fenced', reason },
        'ended',
      );
    } catch (error) {
      logger.error(
        { err: error, job: spec.name, run: run.id },
        'how it ended was not recorded: its lease will run out',
      );
    } finally {
      this.#going.delete(run.id);
      this.wake();
    }
  }

  async #beat(): Promise<void> {
    const { runner, ledger, name, capacity, leaseMs } = this.#options;
    const asked = runner.clock.monotonic();
    const { cancel, lost } = await ledger.heartbeat(name, capacity, [...this.#going.keys()], leaseMs);
    this.#heldAt = asked;
    this.#beatAt = asked + leaseMs / 3;
    for (const { run, how, reason } of cancel) {
      const going = this.#going.get(run);
      if (how === 'kill') going?.attempt.kill(reason);
      else going?.attempt.terminate(reason);
    }
    for (const run of lost) this.#going.get(run)?.attempt.kill('its lease had run out');
  }

  #endWhatIsLost(): void {
    const { runner, leaseMs, logger } = this.#options;
    if (this.#going.size === 0 || runner.clock.monotonic() - this.#heldAt < leaseMs) return;
    logger.error({ runs: this.#going.size }, 'the store was not reached for a whole lease: what runs here is ended');
    for (const { attempt } of this.#going.values()) attempt.kill('its lease had run out');
  }
}

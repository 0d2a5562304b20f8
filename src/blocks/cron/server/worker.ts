/**
 * Carries out runs: as many at a time as it has places, each under a lease that it prolongs.
 *
 *     claim ──▶ running here ──┬── the process ends ──▶ recorder: finish
 *                 │            ├── heartbeat says cancel ──▶ SIGTERM, or SIGKILL
 *                 │            └── heartbeat says lost ──▶ SIGKILL; its outcome counts for nothing
 *                 └── claimed longer ago than half a lease when it is to start (the process was stopped): asked for again first
 *
 * A stop waits for what runs, then ends it: at-least-once is queued again, the rest has failed. What the store does not take of that is
 * an error: «nothing lost» would be a lie.
 *
 * A worker that the store has not answered for a whole lease kills what it runs (heartbeats.ts), and takes nothing new.
 */
import type { Logger } from 'pino';
import { type DsError, messageOf } from '../../../platform/errors.js';
import type { Claim, Ledger } from '../ledger.js';
import { type Attempt, type AttemptEnd, factsOf, firstSequence, type RunnerContext, startAttempt } from '../runner.js';
import { Heartbeats, type Held } from './heartbeats.js';
import { HeldUp } from './held-up.js';
import type { CronMetrics } from './metrics.js';
import type { Recorder } from './recorder.js';
import { StopTally } from './stop-tally.js';
import { Waker } from './waker.js';

/** After an error, milliseconds. */
const PAUSE_MS = 1_000;
/** The longest sleep between two looks at the queue: what others queue is heard of sooner. */
const LONGEST_SLEEP_MS = 1_000;
/** Between two looks while a slot is due that nobody has settled yet: its leader may have died. Milliseconds. */
const UNSETTLED_MS = 20;

/** Why a run is ended that outlasts the grace of a stop. */
const STOPPED = 'the daemon stopped before it had ended';

export interface WorkerStop {
  /** For the stopping line, where runs were cut off. */
  readonly cutOff: string | undefined;
  /** `cron.not_recorded`. */
  readonly problem: DsError | undefined;
}

export interface WorkerOptions {
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly runner: RunnerContext;
  readonly logger: Logger;
  readonly metrics: CronMetrics;
  /** Resolves when these may start. Never rejects. */
  readonly clear: (claims: readonly Claim[]) => Promise<void>;
  /** Unique among all that share the store. */
  readonly name: string;
  /** Runs at a time. */
  readonly capacity: number;
  readonly leaseMs: number;
}

interface Going extends Held {
  readonly claim: Claim;
  readonly attempt: Attempt;
  /** Its place is free, while how it ended is being recorded. */
  isOver: boolean;
  ended: Promise<void>;
}

export class Worker {
  readonly #options: WorkerOptions;
  readonly #waker: Waker;
  readonly #heldUp: HeldUp;
  readonly #heartbeats: Heartbeats;
  readonly #going = new Map<number, Going>();
  /** Prolongs the leases, until nothing runs any more. */
  readonly #beating = new AbortController();
  #beats: Promise<void> = Promise.resolve();
  readonly #tally = new StopTally();

  constructor(options: WorkerOptions) {
    const { ledger, runner, logger, name, capacity, leaseMs } = options;
    const { clock } = runner;
    this.#options = options;
    this.#waker = new Waker(clock);
    this.#heldUp = new HeldUp({ clock, logger, begins: 'the worker is held up', ends: 'the worker goes on' });
    this.#heartbeats = new Heartbeats({
      ...{ ledger, clock, logger, name, capacity, leaseMs, runs: this.#going },
      onHeld: () => this.#waker.wake(),
    });
  }

  get running(): number {
    return this.#going.size;
  }

  holds({ run, fence }: { readonly run: number; readonly fence: number }): boolean {
    return this.#going.get(run)?.claim.fence === fence;
  }

  /** Throws when it can take no runs, since the store does not take its signs of life. */
  checkHeld(): void {
    this.#heartbeats.check();
  }

  /** There may be a run to take, or to end. */
  wake(): void {
    this.#waker.wake();
    this.#heartbeats.wake();
  }

  /** Ends when the signal says so; what runs goes on under its leases, see {@link stop}. */
  async run(signal: AbortSignal): Promise<void> {
    this.#beats = this.#heartbeats.run(this.#beating.signal);
    while (!signal.aborted) {
      try {
        const sleepMs = await this.#turn();
        if (sleepMs > 0) await this.#waker.sleep(sleepMs, signal);
      } catch (error) {
        this.#heldUp.tell(error);
        await this.#waker.pause(PAUSE_MS, signal);
      }
    }
  }

  /** Waits for what runs, for so long; asks the rest to end, then retires. Never rejects. */
  async stop(graceMs: number): Promise<WorkerStop> {
    const { runner, ledger, recorder, name, logger } = this.#options;
    const earlier = this.#tally.unrecorded;
    const grace = new AbortController();
    const expired = runner.clock.sleep(graceMs, grace.signal).catch(() => {});
    await Promise.race([this.#allEnded(), expired]);
    grace.abort();
    recorder.hurry();
    for (const { attempt } of this.#going.values()) attempt.terminate(STOPPED);
    await this.#allEnded();
    this.#beating.abort();
    await this.#beats;
    let signOff: unknown;
    await ledger.retire(name).catch((error: unknown) => {
      signOff = error;
      logger.warn({ err: error }, `the worker did not sign off: ${messageOf(error)}`);
    });
    return { cutOff: this.#tally.describe(), problem: this.#tally.problem(earlier, signOff) };
  }

  async #allEnded(): Promise<void> {
    await Promise.all([...this.#going.values()].map(({ ended }) => ended));
  }

  /** Milliseconds until there may be more to do, as far as is known. */
  async #turn(): Promise<number> {
    const { runner, ledger, capacity, leaseMs, name, clear } = this.#options;
    const { clock } = runner;
    // Others may not have heard of this worker, or think that it is dead.
    if (!this.#heartbeats.isHeld) return LONGEST_SLEEP_MS;
    const free = capacity - this.#placesTaken();
    if (free <= 0) return LONGEST_SLEEP_MS;
    const asked = clock.monotonic();
    const claims = await ledger.claim(name, free, leaseMs);
    if (claims.length > 0) await clear(claims);
    for (const claim of claims) await this.#startIfHeld(claim, asked);
    // Full: the end of one of them wakes it.
    const sleepMs = claims.length === free ? LONGEST_SLEEP_MS : await this.#untilNext();
    this.#heldUp.over();
    return sleepMs;
  }

  #placesTaken(): number {
    return [...this.#going.values()].filter(({ isOver }) => !isOver).length;
  }

  async #untilNext(): Promise<number> {
    const { ledger } = this.#options;
    const nextAt = await ledger.nextAt();
    const untilSlot = nextAt === undefined ? LONGEST_SLEEP_MS : nextAt - ledger.now();
    const untilRun = untilSlot > 0 ? untilSlot : UNSETTLED_MS;
    return Math.max(1, Math.min(untilRun, LONGEST_SLEEP_MS));
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
        facts: factsOf(run),
        firstSequence: firstSequence(run.attempt),
        write: ({ chunks, drop }) =>
          recorder.append({ run: run.id, fence, chunks, ...(drop === undefined ? {} : { drop }) }),
      },
      runner,
    );
    logger.debug({ job: spec.name, run: run.id, attempt: run.attempt }, 'started');
    const going: Going = { claim, attempt, isLost: false, isOver: false, ended: Promise.resolve() };
    this.#going.set(run.id, going);
    going.ended = this.#ended(going);
  }

  async #ended(going: Going): Promise<void> {
    const { ledger, logger } = this.#options;
    const { claim, attempt } = going;
    const { run, spec } = claim;
    const end = await attempt.done;
    const finishedAt = ledger.now();
    going.isOver = true;
    this.#waker.wake();
    const about = { job: spec.name, run: run.id };
    if (end.leftBehind.length > 0) logger.warn({ ...about, pids: end.leftBehind }, 'processes did not end');
    if (end.outputError !== undefined)
      logger.warn({ ...about, err: end.outputError }, 'its output was not kept to the end');
    try {
      await this.#record(going, end, finishedAt);
    } catch (error) {
      this.#tally.addUnrecorded(error);
      logger.error({ ...about, err: error }, 'how it ended was not recorded: its lease will run out');
    } finally {
      this.#going.delete(run.id);
      this.wake();
    }
  }

  async #record({ claim, isLost }: Going, { outcome, outputBytes }: AttemptEnd, finishedAt: number): Promise<void> {
    const { recorder, metrics, logger } = this.#options;
    const { run, spec } = claim;
    const wasEnded = outcome.kind === 'cancelled';
    const cutOff = wasEnded && outcome.reason === STOPPED ? { cutOff: true as const } : {};
    // The end of its lease fences it or queues it again, by whoever leads then.
    const left = wasEnded && isLost;
    const counted = !left && (await recorder.finish({ claim, outcome, finishedAt, outputBytes, ...cutOff }));
    if (left) this.#tally.addLost();
    else if (counted && cutOff.cutOff) this.#tally.addCutOff(spec.delivery);
    const kind = counted ? outcome.kind : 'fenced';
    metrics.ended(claim, kind, finishedAt);
    const reason = outcome.kind === 'succeeded' ? undefined : outcome.reason;
    logger.info({ job: spec.name, run: run.id, attempt: run.attempt, outcome: kind, reason }, 'ended');
  }
}

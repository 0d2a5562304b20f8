/**
 * Processes on this machine whose run is nobody's any more, since its worker was killed: they go on without it, and would go on
 * beside the run that takes their place.
 *
 *     at the start ─────────────────────────────────┐
 *     leases have ended (told by who leads) ────────┼──▶ look: what is marked by a dead run is ended
 *     each LOOK_MS ─────────────────────────────────┘          what is marked by another's live run is remembered, with its job
 *
 *     a claim ──▶ leases have ended since the last look; or it is a run that had started before, or one of a job that is
 *                 remembered ──▶ look, then start
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import { messageOf } from '../../../platform/errors.js';
import type { Claim, Ledger } from '../ledger.js';
import { endLeftovers, liveRun, type Mark } from '../runner.js';

/** Between two looks by itself: a leader in another process does not tell this one whose leases have ended. Milliseconds. */
const LOOK_MS = 30_000;
/** Between SIGTERM and SIGKILL, milliseconds. */
const GRACE_MS = 2_000;

export interface OrphansOptions {
  readonly ledger: Pick<Ledger, 'place' | 'run'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether this daemon carries it out. */
  readonly isOurs: (mark: Mark) => boolean;
}

export class Orphans {
  readonly #options: OrphansOptions;
  /** How often runs may have lost their worker, and how many of these times a look has come after. */
  #expected = 1;
  #lookedAfter = 0;
  #looking: Promise<void> = Promise.resolve();
  #queued: Promise<void> | undefined;
  /** Jobs of which somebody else's run goes on here. */
  #jobs: ReadonlySet<string> = new Set();

  constructor(options: OrphansOptions) {
    this.#options = options;
  }

  /** Runs may have lost their worker. */
  expect(): void {
    this.#expected++;
    void this.look();
  }

  /** When nothing is left that would go on beside these. */
  async clear(claims: readonly Claim[]): Promise<void> {
    const mayBeDouble = ({ run }: Claim) => run.attempt > 1 || this.#jobs.has(run.job);
    if (this.#lookedAfter < this.#expected || claims.some(mayBeDouble)) await this.look();
  }

  /** One look for all who ask before it begins. Never rejects. */
  look(): Promise<void> {
    this.#queued ??= this.#looking.then(() => {
      this.#queued = undefined;
      this.#looking = this.#endDead();
      return this.#looking;
    });
    return this.#queued;
  }

  /** Ends when the signal says so. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#options.clock.sleep(LOOK_MS, signal).catch(() => {});
      if (!signal.aborted) await this.look();
    }
    await this.#queued;
    await this.#looking;
  }

  async #endDead(): Promise<void> {
    const { ledger, clock, logger, isOurs } = this.#options;
    const expected = this.#expected;
    const jobs = new Set<string>();
    const isLive = async (mark: Mark) => {
      if (isOurs(mark)) return true;
      const run = await liveRun(ledger, mark);
      if (run !== undefined) jobs.add(run.job);
      return run !== undefined;
    };
    try {
      const processes = await endLeftovers({ clock, place: ledger.place, isLive, graceMs: GRACE_MS });
      if (processes > 0) logger.warn({ processes }, 'ended what a worker that died had left behind');
      this.#jobs = jobs;
      this.#lookedAfter = expected;
    } catch (error) {
      logger.warn({ err: error }, `what dead workers left behind was not looked for: ${messageOf(error)}`);
    }
  }
}

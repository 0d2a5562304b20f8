/**
 * Measures a scheduler: a `ds cron serve` of its own on a store of its own, with jobs of which so many are due each second.
 *
 *     store ─▶ daemon ─▶ jobs ─▶ warm-up ─▶ measure, a second at a time ─▶ the last ones start ─▶ count ─▶ all is removed
 *                                               └── signal ──────────────────────────────────────▶ count what was until then
 */
import type { Clock, Random } from '../../../platform/clock.js';
import { withPrivateDaemon } from '../../../platform/load/private-daemon.js';
import type { Environment } from '../../../platform/paths.js';
import type { Ledger } from '../ledger.js';
import { cronOptions } from '../server/options.js';
import { type BenchCounts, countRuns } from './counts.js';
import { benchJobs } from './jobs.js';
import { withLoopbackServer } from './loopback.js';
import { residentBytes } from './memory.js';
import { withBenchPlace } from './place.js';

export interface BenchPlan {
  readonly jobs: number;
  /** Due at each second; whole. */
  readonly perSecond: number;
  /** Measured. */
  readonly seconds: number;
  /** Before it: the same load, not counted. Milliseconds. */
  readonly warmupMs: number;
  /** Runs at a time. */
  readonly workers: number;
  readonly action: 'command' | 'http';
  /** Of a PostgreSQL to measure on; else it is a file. */
  readonly url?: string | undefined;
}

export interface BenchRequest extends BenchPlan {
  readonly home: string;
  readonly program: readonly [string, ...string[]];
  readonly env: Environment;
  readonly clock: Clock;
  readonly random: Random;
  /** Its abort ends the measurement early, with a result once a second has been measured. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: BenchProgress) => void;
}

/** What goes on; while it measures how the second before the last one went, whose runs have all been due by now. */
export type BenchProgress =
  | { readonly phase: 'jobs'; readonly done: number }
  | { readonly phase: 'warm-up' }
  | { readonly phase: 'measuring'; readonly second: number; readonly counts: BenchCounts };

export interface BenchResult extends BenchCounts {
  /** For people, without a password. */
  readonly place: string;
  readonly interrupted: boolean;
  /** Of the daemon's own process, not of what it runs. Absent where the system does not tell. */
  readonly memoryBytes?: number;
}

/** Jobs of one transaction. */
const BATCH = 500;
/** What was due in the last second may start for so long. Milliseconds. */
const PATIENCE_MS = 2_000;
/** Between two looks whether it has. */
const LOOK_MS = 100;

/** Errors: those of the stores, `daemon.start_failed`, the signal's reason when there is nothing to tell yet. */
export function runBench(request: BenchRequest): Promise<BenchResult> {
  const { workers, program, env, clock, signal } = request;
  return withBenchPlace(request, ({ ledger, args }) =>
    withTarget(request, (url) => {
      const serve = [...args, '--workers', String(workers)];
      const daemon = { block: 'cron', options: cronOptions, args: serve, program, env, clock, signal };
      return withPrivateDaemon(daemon, (_endpoints, pid) => new Measurement(request, ledger, pid).run(url));
    }),
  );
}

function withTarget<T>({ action }: BenchPlan, use: (url: string | undefined) => Promise<T>): Promise<T> {
  return action === 'http' ? withLoopbackServer(use) : use(undefined);
}

class Measurement {
  readonly #request: BenchRequest;
  readonly #ledger: Ledger;
  readonly #pid: number | undefined;
  #memoryBytes: number | undefined;

  constructor(request: BenchRequest, ledger: Ledger, pid: number | undefined) {
    this.#request = request;
    this.#ledger = ledger;
    this.#pid = pid;
  }

  async run(url: string | undefined): Promise<BenchResult> {
    const { seconds, warmupMs, perSecond, signal, onProgress } = this.#request;
    await this.#putJobs(url);
    onProgress({ phase: 'warm-up' });
    const from = Math.ceil((this.#ledger.now() + warmupMs) / 1000) * 1000;
    await this.#until(from);
    signal.throwIfAborted();
    for (let second = 1; second <= seconds && !signal.aborted; second++) {
      await this.#until(from + second * 1000);
      if (!signal.aborted) await this.#lookAt(from, second);
    }
    await this.#letStart(from + seconds * 1000);
    // With its jitter the last run of a second is due until the end of the next one.
    const come = Math.floor((this.#ledger.now() - from) / 1000) - 1;
    if (come < 1) signal.throwIfAborted();
    const until = from + Math.min(seconds, come) * 1000;
    const counts = await countRuns(this.#ledger, { from, until, perSecond });
    return {
      ...counts,
      place: this.#ledger.place,
      interrupted: signal.aborted,
      ...(this.#memoryBytes === undefined ? {} : { memoryBytes: this.#memoryBytes }),
    };
  }

  /** While the daemon runs, so that no slot waits for it. */
  async #putJobs(url: string | undefined): Promise<void> {
    const { jobs: count, perSecond, signal, onProgress } = this.#request;
    const jobs = benchJobs({ count, perSecond, ...(url === undefined ? {} : { url }) });
    for (let done = 0; done < jobs.length; done += BATCH) {
      signal.throwIfAborted();
      onProgress({ phase: 'jobs', done });
      await this.#ledger.apply({ put: jobs.slice(done, done + BATCH), remove: [] });
    }
  }

  /** Or until the signal says so. */
  async #until(instant: number): Promise<void> {
    const { clock, signal } = this.#request;
    for (let left = instant - this.#ledger.now(); left > 0; left = instant - this.#ledger.now()) {
      await clock.sleep(left, signal).catch(() => {});
      if (signal.aborted) return;
    }
  }

  async #lookAt(from: number, second: number): Promise<void> {
    const { perSecond, onProgress } = this.#request;
    const until = from + (second - 1) * 1000;
    const counts = await countRuns(this.#ledger, { from: until - 1000, until, perSecond, since: until - 1000 });
    if (this.#pid !== undefined) {
      this.#memoryBytes = Math.max((await residentBytes(this.#pid)) ?? 0, this.#memoryBytes ?? 0) || undefined;
    }
    onProgress({ phase: 'measuring', second, counts });
  }

  /** Runs of the last second are due until a second later. */
  async #letStart(until: number): Promise<void> {
    const { clock, signal } = this.#request;
    await this.#until(until + 1000);
    const patience = clock.monotonic() + PATIENCE_MS;
    while (!signal.aborted && clock.monotonic() < patience && (await this.#someWait(until))) {
      await clock.sleep(LOOK_MS, signal).catch(() => {});
    }
  }

  async #someWait(until: number): Promise<boolean> {
    const { perSecond } = this.#request;
    const last = await this.#ledger.runs({ since: until - 1000, until, limit: perSecond });
    if (last.length < perSecond) return true;
    return (await this.#ledger.runs({ states: ['queued'], until, limit: 1 })).length > 0;
  }
}

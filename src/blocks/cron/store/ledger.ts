/** The ledger over a database: each method is one transaction of the files beside this one. */
import { type Clock, type Random, systemRandom } from '../../../platform/clock.js';
import type { ApplyPlan, Job, PauseOptions, RunFilter, Status } from '../book.js';
import type { JobSpec } from '../job.js';
import type { Finished, Leadership, Ledger, OutputPart, Settlement } from '../ledger.js';
import type { Run } from '../run.js';
import { listAttempts } from './attempts.js';
import { begin, jobOfPing, openPing } from './begin.js';
import { claim } from './claim.js';
import { applyPlan, deleteJob, putJob } from './edit.js';
import { finish } from './finish.js';
import { lead, resign } from './leadership.js';
import { retire } from './lost.js';
import { settleNotice, takeNotices } from './notices.js';
import { appendOutput, readOutput } from './output.js';
import { requireRun } from './run-row.js';
import { dueJobs, jobsAtBoot, nextInstant, settle } from './settle.js';
import type { Sql, SqlDatabase } from './sql.js';
import { cancel, pause, resume, trigger } from './steer.js';
import { getJob, lastSuccesses, listJobs, listRuns, readStatus } from './views.js';
import { missDeadlines, passedDeadlines, prune, watchOver } from './watch.js';
import { heartbeat } from './workers.js';

/** A wall clock that has moved by so much more or less than the monotonic one was stepped, or the machine slept. */
const STEP_MS = 1_000;

export interface LedgerContext {
  readonly clock: Clock;
  readonly random?: Random;
}

export class StoredLedger implements Ledger {
  readonly #db: SqlDatabase;
  readonly #clock: Clock;
  readonly #random: Random;
  /** Between the clocks, at the last watch. */
  #offset: number | undefined;

  constructor(db: SqlDatabase, { clock, random = systemRandom }: LedgerContext) {
    this.#db = db;
    this.#clock = clock;
    this.#random = random;
  }

  get place(): string {
    return this.#db.place;
  }

  now(): number {
    return this.#db.now();
  }

  put(spec: JobSpec, options: { readonly create?: boolean } = {}): Promise<Job> {
    return this.#change(async (sql, now) => {
      await putJob(sql, now, spec, options);
      return getJob(sql, now, spec.name);
    });
  }

  get(name: string): Promise<Job> {
    return this.#db.read((sql) => getJob(sql, this.now(), name));
  }

  list(): Promise<readonly Job[]> {
    return this.#db.read((sql) => listJobs(sql, this.now()));
  }

  delete(name: string): Promise<void> {
    return this.#change((sql) => deleteJob(sql, name));
  }

  apply(plan: ApplyPlan): Promise<void> {
    return this.#change((sql, now) => applyPlan(sql, now, plan));
  }

  pause(name: string, options: PauseOptions = {}): Promise<Job> {
    return this.#change(async (sql, now) => {
      await pause(sql, now, name, options);
      return getJob(sql, now, name);
    });
  }

  resume(name: string): Promise<Job> {
    return this.#change(async (sql, now) => {
      await resume(sql, now, name);
      return getJob(sql, now, name);
    });
  }

  trigger(name: string): Promise<Run> {
    return this.#change((sql, now) => trigger(sql, now, name));
  }

  cancel(run: number): Promise<Run> {
    return this.#change((sql, now) => cancel(sql, now, run));
  }

  run(id: number): Promise<Run> {
    return this.#db.read(async (sql) => (await requireRun(sql, id)).run);
  }

  attempts(run: number) {
    return this.#db.read((sql) => listAttempts(sql, run));
  }

  runs(filter: RunFilter): Promise<readonly Run[]> {
    return this.#db.read((sql) => listRuns(sql, filter));
  }

  output(run: number, after: number) {
    return this.#db.read((sql) => readOutput(sql, run, after));
  }

  status(): Promise<Status> {
    return this.#db.read((sql) => readStatus(sql, this.now()));
  }

  lastSuccesses(since?: number): Promise<ReadonlyMap<string, number>> {
    return this.#db.read((sql) => lastSuccesses(sql, since), { single: true });
  }

  lead(worker: string, leaseMs: number) {
    return this.#db.write((sql) => lead(sql, this.now(), worker, leaseMs), { quiet: true });
  }

  resign(leadership: Leadership): Promise<void> {
    return this.#change((sql) => resign(sql, leadership));
  }

  due(now: number, most: number) {
    return this.#db.read((sql) => dueJobs(sql, now, most), { single: true });
  }

  atBoot() {
    return this.#db.read((sql) => jobsAtBoot(sql, this.now()), { single: true });
  }

  nextAt(): Promise<number | undefined> {
    return this.#db.read((sql) => nextInstant(sql, this.now()), { single: true });
  }

  settle(leadership: Leadership, settlements: readonly Settlement[]): Promise<boolean> {
    return this.#change((sql, now) => settle(sql, now, leadership, settlements));
  }

  watchOver(leadership: Leadership): Promise<number> {
    const stepped = this.#clockWasStepped();
    return this.#change((sql, now) => watchOver(sql, { now, stepped }, leadership));
  }

  prune(leadership: Leadership, endedBefore: number, most: number): Promise<number> {
    return this.#db.write((sql) => prune(sql, leadership, endedBefore, most), { quiet: true });
  }

  claim(worker: string, most: number, leaseMs: number, run?: number) {
    const request = { worker, leaseMs, now: () => this.now(), ...(run === undefined ? {} : { run }) };
    const work = async (sql: Sql) => {
      const now = this.now();
      const [claims, passed] = await Promise.all([claim(sql, { ...request, most }), passedDeadlines(sql, now)]);
      const missed = await missDeadlines(sql, now, passed);
      // They may have kept others from their start.
      return missed === 0 ? claims : [...claims, ...(await claim(sql, { ...request, most: most - claims.length }))];
    };
    // Of what it takes away nobody waits to hear.
    return this.#db.write(work, { quiet: true });
  }

  heartbeat(worker: string, capacity: number, runs: readonly number[], leaseMs: number) {
    const beat = { worker, capacity, runs, leaseMs };
    return this.#db.write((sql) => heartbeat(sql, this.now(), beat), { quiet: true });
  }

  retire(worker: string): Promise<void> {
    return this.#change((sql, now) => retire(sql, now, worker));
  }

  appendOutput(parts: readonly OutputPart[]): Promise<void> {
    return this.#db.write((sql) => appendOutput(sql, parts), { quiet: true, relaxed: true });
  }

  finish(finished: readonly Finished[]): Promise<readonly boolean[]> {
    return this.#change((sql, now) => finish(sql, now, this.#random, finished));
  }

  begin(name: string, trigger: 'exec' | 'ping', worker: string, leaseMs: number) {
    return this.#change((sql, now) => begin(sql, now, { name, trigger, worker, leaseMs }));
  }

  jobOfPing(pingKey: string): Promise<string | undefined> {
    return this.#db.read((sql) => jobOfPing(sql, pingKey), { single: true });
  }

  openPing(name: string, worker: string) {
    return this.#db.read((sql) => openPing(sql, name, worker));
  }

  takeNotices(most: number, leaseMs: number) {
    return this.#db.write((sql) => takeNotices(sql, this.now(), most, leaseMs), { quiet: true });
  }

  settleNotice(id: number, retryAt: number | undefined): Promise<void> {
    return this.#db.write((sql) => settleNotice(sql, id, retryAt), { quiet: true });
  }

  onChange(listener: () => void): () => void {
    return this.#db.onChange(listener);
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  /** A transaction with one reading of the clock, of which others are told. */
  #change<T>(work: (sql: Sql, now: number) => Promise<T>): Promise<T> {
    return this.#db.write((sql) => work(sql, this.now()));
  }

  #clockWasStepped(): boolean {
    const offset = this.now() - this.#clock.monotonic();
    const stepped = this.#offset !== undefined && Math.abs(offset - this.#offset) > STEP_MS;
    this.#offset = offset;
    return stepped;
  }
}

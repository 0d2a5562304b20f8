/** What the scheduler's daemon counts: per job, as far as there are not too many of them. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Claim, Ledger, Settlement } from '../ledger.js';
import { type Outcome, runStates } from '../run.js';

/** Jobs that have series of their own, the first that ran; the others are counted as `other`. A label value costs memory. */
const MOST_JOBS = 1_000;

/** Seconds. */
const LATENESS_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60, 300, 3600];
/** So much before the last look ends may have been written after it: they are told a moment later. Milliseconds. */
const OVERLAP_MS = 5_000;
const DURATION_BUCKETS = [0.01, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400];

export interface MetricSources {
  readonly ledger: Pick<Ledger, 'now' | 'status' | 'lastSuccesses'>;
  readonly leads: () => boolean;
  readonly running: () => number;
}

export class CronMetrics {
  readonly #jobs = new Set<string>();
  readonly #slots: Counter<'job' | 'state'>;
  readonly #attempts: Counter<'job' | 'outcome'>;
  readonly #lateness: Histogram;
  readonly #duration: Histogram<'job'>;

  constructor(registry: Registry, sources: MetricSources) {
    const registers = [registry];
    this.#slots = new Counter({
      name: 'ds_cron_slots_total',
      help: 'Slots that were decided here while it led, by job: queued, skipped, missed. Of those queued some may overlap.',
      labelNames: ['job', 'state'],
      registers,
    });
    this.#attempts = new Counter({
      name: 'ds_cron_attempts_total',
      help: 'Attempts that ended here, by job and how.',
      labelNames: ['job', 'outcome'],
      registers,
    });
    this.#lateness = new Histogram({
      name: 'ds_cron_start_lateness_seconds',
      help: 'How much later than due attempts started here.',
      buckets: LATENESS_BUCKETS,
      registers,
    });
    this.#duration = new Histogram({
      name: 'ds_cron_attempt_duration_seconds',
      help: 'How long attempts took that ended here, by job.',
      labelNames: ['job'],
      buckets: DURATION_BUCKETS,
      registers,
    });
    gauges(registers, sources);
    lastSuccessGauge(registers, sources.ledger, (job) => this.#label(job));
  }

  settled(settlements: readonly Settlement[]): void {
    for (const { job, slots } of settlements) {
      const label = this.#label(job.spec.name);
      const counts = new Map<string, number>();
      for (const { state } of slots) counts.set(state, (counts.get(state) ?? 0) + 1);
      for (const [state, count] of counts) this.#slots.inc({ job: label, state }, count);
    }
  }

  started({ run }: Claim): void {
    this.#lateness.observe(Math.max(0, (run.startedAt ?? run.dueAt) - run.dueAt) / 1000);
  }

  /** `fenced`: the run was no longer this worker's. */
  ended({ run, spec }: Claim, outcome: Outcome['kind'] | 'fenced', finishedAt: number): void {
    const job = this.#label(spec.name);
    this.#attempts.inc({ job, outcome });
    this.#duration.observe({ job }, Math.max(0, finishedAt - (run.startedAt ?? finishedAt)) / 1000);
  }

  #label(job: string): string {
    if (this.#jobs.has(job)) return job;
    if (this.#jobs.size >= MOST_JOBS) return 'other';
    this.#jobs.add(job);
    return job;
  }
}

function gauges(registers: Registry[], { ledger, leads, running }: MetricSources): void {
  const gauge = (name: string, help: string, collect: () => number) =>
    new Gauge({
      ...{ name, help, registers },
      collect() {
        this.set(collect());
      },
    });
  gauge('ds_cron_leader', '1 while this process decides what becomes of slots.', () => Number(leads()));
  gauge('ds_cron_running', 'Attempts that go on in this process.', running);

  const status = shared(() => ledger.status());
  type Status = Awaited<ReturnType<typeof status>>;
  const byState = (name: string, help: string, collect: (status: Status) => Readonly<Record<string, number>>) =>
    new Gauge({
      ...{ name, help, registers },
      labelNames: ['state'],
      async collect() {
        for (const [state, count] of Object.entries(collect(await status()))) this.set({ state }, count);
      },
    });
  byState('ds_cron_jobs', 'Jobs in the store.', ({ jobs, paused }) => ({ active: jobs - paused, paused }));
  byState('ds_cron_runs', 'Runs in the store that have not ended.', ({ queued, running: going }) => ({
    queued,
    running: going,
  }));
  byState(
    'ds_cron_day_runs',
    'Runs in the store whose slot was in the last 24 hours, by what became of them.',
    ({ day }) => Object.fromEntries(runStates.map((state) => [state, day[state] ?? 0])),
  );
}

/** From the store: whoever ran it, a wrapper or another machine, too. Each look takes what is new since the one before. */
function lastSuccessGauge(registers: Registry[], ledger: MetricSources['ledger'], labelOf: (job: string) => string) {
  const latest = new Map<string, number>();
  let since: number | undefined;
  const look = shared(async () => {
    const now = ledger.now();
    for (const [job, at] of await ledger.lastSuccesses(since)) {
      const label = labelOf(job);
      latest.set(label, Math.max(at, latest.get(label) ?? at));
    }
    since = now - OVERLAP_MS;
  });
  new Gauge({
    name: 'ds_cron_last_success_timestamp_seconds',
    help: 'When a run of the job last succeeded, wherever it ran, in seconds since 1970.',
    labelNames: ['job'],
    registers,
    async collect() {
      await look();
      for (const [job, at] of latest) this.set({ job }, at / 1000);
    },
  });
}

/** All who ask while it is being found out get the same: one look at the store for each scrape. */
function shared<T>(find: () => Promise<T>): () => Promise<T> {
  let finding: Promise<T> | undefined;
  return () => {
    finding ??= find().finally(() => {
      finding = undefined;
    });
    return finding;
  };
}

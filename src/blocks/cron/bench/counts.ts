/**
 * What became of the runs that were due within a time, as the ledger has it. Every one of them counts, also those that have not started: they
 * are as late as they are when it is looked, or a scheduler that falls behind would look the better the less it started.
 */
import { LatencyCounts, type LatencyPoint } from '../../../platform/load/latency-counts.js';
import type { Ledger } from '../ledger.js';
import type { Run, RunState } from '../run.js';

/** Slots of whole seconds, `until` not included. Milliseconds since the epoch. */
export interface SlotWindow {
  readonly from: number;
  readonly until: number;
  /** Due at each second. */
  readonly perSecond: number;
  /** Older ones are not looked at: runs that ended within the time and were due before it are then not counted. */
  readonly since?: number;
}

/** Why runs that were due have not started: their state, or that nobody has decided upon their slot. */
type Unstarted = Readonly<Partial<Record<RunState | 'unsettled', number>>>;

interface BenchSecond {
  readonly due: number;
  readonly started: number;
  /** The latest start. Milliseconds. */
  readonly latestMs: number;
}

export interface BenchCounts {
  readonly due: number;
  readonly started: number;
  readonly failed: number;
  readonly unstarted: Unstarted;
  /** Starts and ends within the time, also of runs that were due before it. Per second. */
  readonly startedPerSecond: number;
  readonly endedPerSecond: number;
  /** From when a run was due to its start, or to now. */
  readonly lateness: LatencyPoint;
  /** From start to end, of runs that have ended. */
  readonly duration: LatencyPoint;
  readonly seconds: readonly BenchSecond[];
}

/** Of one transaction. */
const PAGE = 1_000;

export async function countRuns(ledger: Pick<Ledger, 'runs' | 'now'>, window: SlotWindow): Promise<BenchCounts> {
  const counter = new Counter(window, ledger.now());
  const { until, since } = window;
  const slots = { until, ...(since === undefined ? {} : { since }) };
  for (let before: number | undefined; ; ) {
    const filter = { ...slots, limit: PAGE, ...(before === undefined ? {} : { before }) };
    const runs = await ledger.runs(filter);
    for (const run of runs) counter.add(run);
    before = runs.at(-1)?.id;
    if (runs.length < PAGE) return counter.result();
  }
}

class Counter {
  readonly #window: SlotWindow;
  readonly #now: number;
  readonly #lateness = new LatencyCounts();
  readonly #duration = new LatencyCounts();
  readonly #unstarted = new Map<RunState | 'unsettled', number>();
  readonly #seconds: { due: number; started: number; latestMs: number }[];
  #started = 0;
  #failed = 0;
  #startedWithin = 0;
  #endedWithin = 0;

  constructor(window: SlotWindow, now: number) {
    this.#window = window;
    this.#now = now;
    const length = Math.round((window.until - window.from) / 1000);
    this.#seconds = Array.from({ length }, () => ({ due: 0, started: 0, latestMs: 0 }));
  }

  add(run: Run): void {
    const { slot, dueAt, startedAt, finishedAt, state } = run;
    if (this.#isWithin(startedAt)) this.#startedWithin++;
    if (startedAt !== undefined && this.#isWithin(finishedAt)) this.#endedWithin++;
    const second = this.#seconds[Math.floor((slot - this.#window.from) / 1000)];
    if (second === undefined) return;
    second.due++;
    const lateMs = Math.max(0, (startedAt ?? this.#now) - dueAt);
    this.#late(second, lateMs);
    if (startedAt === undefined) this.#missing(state, 1);
    else {
      this.#started++;
      second.started++;
      if (finishedAt !== undefined) this.#duration.record(Math.max(0, finishedAt - startedAt) * 1000);
      if (finishedAt !== undefined && state !== 'succeeded') this.#failed++;
    }
  }

  result(): BenchCounts {
    const { from, until, perSecond } = this.#window;
    this.#seconds.forEach((second, index) => {
      const unsettled = Math.max(0, perSecond - second.due);
      second.due += unsettled;
      this.#missing('unsettled', unsettled);
      // When each of them is due is not known yet: at the end of the second at the latest.
      const lateMs = Math.max(0, this.#now - from - (index + 1) * 1000);
      for (let i = 0; i < unsettled; i++) this.#late(second, lateMs);
    });
    const seconds = Math.max(1, until - from) / 1000;
    return {
      due: this.#lateness.total,
      started: this.#started,
      failed: this.#failed,
      unstarted: Object.fromEntries(this.#unstarted),
      startedPerSecond: this.#startedWithin / seconds,
      endedPerSecond: this.#endedWithin / seconds,
      lateness: this.#lateness.point(),
      duration: this.#duration.point(),
      seconds: this.#seconds,
    };
  }

  #isWithin(at: number | undefined): boolean {
    return at !== undefined && at >= this.#window.from && at < this.#window.until;
  }

  #late(second: { latestMs: number }, lateMs: number): void {
    this.#lateness.record(lateMs * 1000);
    second.latestMs = Math.max(second.latestMs, lateMs);
  }

  #missing(why: RunState | 'unsettled', count: number): void {
    if (count > 0) this.#unstarted.set(why, (this.#unstarted.get(why) ?? 0) + count);
  }
}

/**
 * A run as a SQLite file, for questions that the report does not answer. Not a row for each request, which would take more
 * of the machine than the load does, but a second's histogram: any percentile of any part of the run can be computed from it,
 * to three digits.
 *
 *     run                                        second (a row for each second measured)
 *     ┌────────────────────────────────────┐     ┌────────────────────────────────────────────────────┐
 *     │ id                                 │◀────│ run, second        key; second counts from 0       │
 *     │ started_at   ms since the epoch    │     │ length_us          the last one may be shorter     │
 *     │ target       without credentials   │     │ sent, answered, failed                             │
 *     │ rate_per_s   null: closed loop     │     │ sent_bytes, received_bytes                         │
 *     │ connections, pipeline              │     └────────────────────────────────────────────────────┘
 *     │ duration_ms, warmup_ms, timeout_ms │     outcome (a row for each kind of answer or failure in a second)
 *     │ ended        how: done,            │     ┌────────────────────────────────────────────────────┐
 *     │              interrupted,          │     │ run, second, outcome   key: '200', 'limited' …     │
 *     │              null: killed          │     │ failed                 1: reset, timeout …         │
 *     │ unsent       known at the end      │     │ count                                              │
 *     └────────────────────────────────────┘     └────────────────────────────────────────────────────┘
 *                                                latency (a row for each bucket in which something is)
 *                                                ┌────────────────────────────────────────────────────┐
 *                                                │ run, second, corrected, us   key                   │
 *                                                │   corrected 1: from the intended start, 0: the real│
 *                                                │   us        least of the bucket, microseconds      │
 *                                                │ count                                              │
 *                                                └────────────────────────────────────────────────────┘
 */
import type { StoreDefinition } from '../store/migrate.js';
import { openStore, type Statement, type Store } from '../store/store.js';
import { failureKinds } from './driver.js';
import type { LatencyCounts } from './latency-counts.js';
import type { LoadPlan } from './run.js';
import type { Second } from './tally.js';

const loadFile: StoreDefinition = {
  block: 'load',
  // 'DsLd' in ASCII.
  applicationId: 0x44734c64,
  migrations: [
    `
    CREATE TABLE run (
      id INTEGER PRIMARY KEY,
      started_at INTEGER NOT NULL,
      target TEXT NOT NULL,
      rate_per_s REAL,
      connections INTEGER NOT NULL,
      pipeline INTEGER NOT NULL,
      duration_ms INTEGER NOT NULL,
      warmup_ms INTEGER NOT NULL,
      timeout_ms INTEGER NOT NULL,
      ended TEXT CHECK (ended IN ('done', 'interrupted')),
      unsent INTEGER
    ) STRICT;

    CREATE TABLE second (
      run INTEGER NOT NULL REFERENCES run (id),
      second INTEGER NOT NULL,
      length_us INTEGER NOT NULL,
      sent INTEGER NOT NULL,
      answered INTEGER NOT NULL,
      failed INTEGER NOT NULL,
      sent_bytes INTEGER NOT NULL,
      received_bytes INTEGER NOT NULL,
      PRIMARY KEY (run, second)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE outcome (
      run INTEGER NOT NULL,
      second INTEGER NOT NULL,
      outcome TEXT NOT NULL,
      failed INTEGER NOT NULL CHECK (failed IN (0, 1)),
      count INTEGER NOT NULL,
      PRIMARY KEY (run, second, outcome)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE latency (
      run INTEGER NOT NULL,
      second INTEGER NOT NULL,
      corrected INTEGER NOT NULL CHECK (corrected IN (0, 1)),
      us INTEGER NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (run, second, corrected, us)
    ) STRICT, WITHOUT ROWID;
    `,
  ],
};

export interface RunHeader extends LoadPlan {
  readonly startedAt: number;
  readonly target: string;
  readonly pipeline: number;
}

export class LoadRecord {
  readonly #store: Store;
  #run: number | bigint = 0;

  private constructor(store: Store) {
    this.#store = store;
  }

  /** A file may hold many runs. Errors: those of the store. */
  static open(path: string, header: RunHeader): LoadRecord {
    // A second that a power cut loses is one of a measurement; its flush would stall the load that is measured.
    const record = new LoadRecord(openStore(loadFile, { path, sync: 'normal' }));
    const { startedAt, target, schedule, connections, pipeline, durationMs, warmupMs, timeoutMs } = header;
    const rate = schedule.kind === 'open' ? (schedule.rate.count / schedule.rate.perMs) * 1000 : null;
    const values = [startedAt, target, rate, connections, pipeline, durationMs, warmupMs, timeoutMs];
    record.#run = record.#store.write(
      () =>
        record
          .#insert(
            `INSERT INTO run (started_at, target, rate_per_s, connections, pipeline, duration_ms, warmup_ms, timeout_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
          )
          .run(...values).lastInsertRowid,
    );
    return record;
  }

  /** One transaction. */
  second(second: Second): void {
    const { index, lengthMs, sent, answered, failed, sentBytes, receivedBytes } = second;
    this.#store.write(() => {
      const key = [this.#run, index];
      const row = [...key, Math.round(lengthMs * 1000), sent, answered, failed, sentBytes, receivedBytes];
      this.#insert('INSERT INTO second VALUES (?, ?, ?, ?, ?, ?, ?, ?)').run(...row);
      const outcome = this.#insert('INSERT INTO outcome VALUES (?, ?, ?, ?, ?)');
      for (const [label, count] of second.codes) outcome.run(...key, label, 0, count);
      for (const kind of failureKinds) {
        if (second.failures[kind] > 0) outcome.run(...key, kind, 1, second.failures[kind]);
      }
      this.#latencies(index, 1, second.corrected);
      this.#latencies(index, 0, second.uncorrected);
    });
  }

  end(result: { readonly interrupted: boolean; readonly unsent: number }): void {
    const ended = result.interrupted ? 'interrupted' : 'done';
    this.#store.write(() =>
      this.#insert('UPDATE run SET ended = ?, unsent = ? WHERE id = ?').run(ended, result.unsent, this.#run),
    );
  }

  close(): void {
    this.#store.close();
  }

  #latencies(index: number, corrected: 0 | 1, counts: LatencyCounts): void {
    const insert = this.#insert('INSERT INTO latency VALUES (?, ?, ?, ?, ?)');
    counts.forEach((us, count) => {
      insert.run(this.#run, index, corrected, us, count);
    });
  }

  #insert(sql: string): Statement<(number | bigint | string | null)[]> {
    return this.#store.statement<(number | bigint | string | null)[]>(sql);
  }
}

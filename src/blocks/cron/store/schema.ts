/**
 * The tables of the ledger, in a SQLite file and, with the types of PostgreSQL, in a schema there. Times are milliseconds since
 * the epoch; NULL is «none».
 *
 *     job (a row per job)                                run (a row per slot of a job, and per run that has none)
 *     ┌───────────────────────────────────────────┐      ┌───────────────────────────────────────────────────────────┐
 *     │ id              never used again          │─────▶│ id, job_id                                                │
 *     │ name            unique                    │      │ trigger, slot     unique by job for schedule and boot     │
 *     │ spec            JobSpec as JSON           │      │ due_at            from then on it may start               │
 *     │ version         rises with every edit     │      │ state, reason     RunState; why                           │
 *     │ paused          0 | 1                     │      │ attempt, fence    starts so far; of the last one          │
 *     │ pause_reason, paused_until                │      │ worker            of the last start                       │
 *     │ created_at, updated_at                    │      │ lease_until       it is the worker's until then, by       │
 *     │ accounted_until every slot up to it is a  │      │ lease_ms          leases of this length                   │
 *     │                 row of run                │      │ started_at        of the last start                       │
 *     │ next_at         the next slot             │      │ finished_at       when it became final: NULL until then   │
 *     │ fence           of the last start         │      │ exit_code, signal, output_bytes                           │
 *     │ failing         1: the last end was bad   │      │ cancel_how, cancel_reason   its worker is to end it       │
 *     │ external, at_boot, side_by_side,          │      │ deadline_at       queued: becomes missed then             │
 *     │ ping_key, after_job   out of spec         │      │ late_at           queued: somebody wants to know then     │
 *     └───────────────────────────────────────────┘      │ overrun_at        running: somebody wants to know then    │
 *            │                                           └───────────────────────────────────────────────────────────┘
 *            ▼                                                 │            │              │              │
 *     job_mutex (out of spec)      mutex (held)                │            ▼              ▼              ▼
 *     ┌───────────────────┐        ┌────────────────┐          │      attempt         output         notice
 *     │ job_id, name  key │        │ name       key │          │      ┌────────────┐  ┌───────────┐  ┌───────────────────┐
 *     └───────────────────┘        │ run_id         │◀─────────┘      │ a row per  │  │ a row per │  │ a row per event   │
 *                                  └────────────────┘                 │ start: how │  │ chunk     │  │ that is not told  │
 *     lease (scheduler, mutexes, book)      worker                    │ it ended   │  │           │  │ yet: due_at, tries│
 *     ┌───────────────────────────────┐     ┌──────────────────────┐  └────────────┘  └───────────┘  └───────────────────┘
 *     │ name                      key │     │ name             key │
 *     │ worker, fence, until, lease_ms│     │ capacity, seen_at    │   An attempt keeps its row when it is replaced:
 *     └───────────────────────────────┘     └──────────────────────┘   every fence that was given out is found there.
 *
 * `mutexes` and `book` are rows that are locked by those who take mutexes and who edit jobs: see locks.ts.
 */
import type { StoreDefinition } from '../../../platform/store/migrate.js';

export interface ColumnTypes {
  readonly integer: string;
  readonly text: string;
  readonly bytes: string;
  /** A key that counts up by itself. */
  readonly identity: string;
  /** After the columns of a table. */
  readonly options: string;
}

const sqliteTypes: ColumnTypes = {
  integer: 'INTEGER',
  text: 'TEXT',
  bytes: 'BLOB',
  identity: 'INTEGER PRIMARY KEY AUTOINCREMENT',
  options: 'STRICT',
};

/** SQL of each version, the first entry leading to version 1. Append only: what was released is never edited. */
export const cronMigrations: readonly ((types: ColumnTypes) => string)[] = [
  ({ integer, text, bytes, identity, options }) => `
    CREATE TABLE job (
      id ${identity},
      name ${text} NOT NULL UNIQUE,
      spec ${text} NOT NULL,
      version ${integer} NOT NULL,
      paused ${integer} NOT NULL,
      pause_reason ${text},
      paused_until ${integer},
      created_at ${integer} NOT NULL,
      updated_at ${integer} NOT NULL,
      accounted_until ${integer} NOT NULL,
      next_at ${integer},
      fence ${integer} NOT NULL,
      failing ${integer} NOT NULL,
      external ${integer} NOT NULL,
      at_boot ${integer} NOT NULL,
      side_by_side ${integer} NOT NULL,
      ping_key ${text},
      after_job ${text}
    ) ${options};
    CREATE INDEX job_next ON job (next_at, id) WHERE next_at IS NOT NULL;
    CREATE INDEX job_boot ON job (id) WHERE at_boot = 1;
    CREATE INDEX job_after ON job (after_job) WHERE after_job IS NOT NULL;
    CREATE UNIQUE INDEX job_ping_key ON job (ping_key) WHERE ping_key IS NOT NULL;

    CREATE TABLE job_mutex (
      job_id ${integer} NOT NULL REFERENCES job (id) ON DELETE CASCADE,
      name ${text} NOT NULL,
      PRIMARY KEY (job_id, name)
    ) ${options};

    CREATE TABLE run (
      id ${identity},
      job_id ${integer} NOT NULL REFERENCES job (id) ON DELETE CASCADE,
      trigger ${text} NOT NULL,
      slot ${integer} NOT NULL,
      due_at ${integer} NOT NULL,
      state ${text} NOT NULL,
      reason ${text} NOT NULL,
      attempt ${integer} NOT NULL,
      fence ${integer} NOT NULL,
      worker ${text},
      lease_until ${integer},
      lease_ms ${integer},
      started_at ${integer},
      finished_at ${integer},
      exit_code ${integer},
      signal ${text},
      output_bytes ${integer} NOT NULL,
      cancel_how ${text},
      cancel_reason ${text},
      deadline_at ${integer},
      late_at ${integer},
      overrun_at ${integer}
    ) ${options};
    CREATE UNIQUE INDEX run_once ON run (job_id, slot) WHERE trigger IN ('schedule', 'boot');
    CREATE INDEX run_of_job ON run (job_id, id);
    CREATE INDEX run_slot ON run (slot);
    CREATE INDEX run_open ON run (job_id, state) WHERE finished_at IS NULL;
    CREATE INDEX run_queued ON run (due_at, id) WHERE state = 'queued';
    CREATE INDEX run_deadline ON run (deadline_at) WHERE state = 'queued' AND deadline_at IS NOT NULL;
    CREATE INDEX run_late ON run (late_at) WHERE state = 'queued' AND late_at IS NOT NULL;
    CREATE INDEX run_leased ON run (lease_until) WHERE state = 'running';
    CREATE INDEX run_overrun ON run (overrun_at) WHERE state = 'running' AND overrun_at IS NOT NULL;
    CREATE INDEX run_ended ON run (finished_at) WHERE finished_at IS NOT NULL;
    CREATE INDEX run_ended_of_job ON run (job_id, id) WHERE finished_at IS NOT NULL;

    CREATE TABLE attempt (
      run_id ${integer} NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      attempt ${integer} NOT NULL,
      fence ${integer} NOT NULL,
      worker ${text} NOT NULL,
      started_at ${integer} NOT NULL,
      finished_at ${integer},
      outcome ${text},
      reason ${text} NOT NULL,
      exit_code ${integer},
      signal ${text},
      PRIMARY KEY (run_id, attempt)
    ) ${options};

    CREATE TABLE output (
      run_id ${integer} NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      sequence ${integer} NOT NULL,
      attempt ${integer} NOT NULL,
      stream ${text} NOT NULL,
      at ${integer} NOT NULL,
      bytes ${bytes} NOT NULL,
      omitted_before ${integer} NOT NULL,
      PRIMARY KEY (run_id, sequence)
    ) ${options};

    CREATE TABLE mutex (
      name ${text} PRIMARY KEY,
      run_id ${integer} NOT NULL REFERENCES run (id) ON DELETE CASCADE
    ) ${options};
    CREATE INDEX mutex_run ON mutex (run_id);

    CREATE TABLE lease (
      name ${text} PRIMARY KEY,
      worker ${text} NOT NULL,
      fence ${integer} NOT NULL,
      until ${integer} NOT NULL,
      lease_ms ${integer} NOT NULL
    ) ${options};
    INSERT INTO lease (name, worker, fence, until, lease_ms)
      VALUES ('scheduler', '', 0, 0, 0), ('mutexes', '', 0, 0, 0), ('book', '', 0, 0, 0);

    CREATE TABLE worker (
      name ${text} PRIMARY KEY,
      capacity ${integer} NOT NULL,
      seen_at ${integer} NOT NULL
    ) ${options};

    CREATE TABLE notice (
      id ${identity},
      run_id ${integer} NOT NULL REFERENCES run (id) ON DELETE CASCADE,
      event ${text} NOT NULL,
      due_at ${integer} NOT NULL,
      tries ${integer} NOT NULL,
      UNIQUE (run_id, event)
    ) ${options};
    CREATE INDEX notice_due ON notice (due_at, id);
  `,
];

export const cronFile: StoreDefinition = {
  block: 'cron',
  /** «DsCr» */
  applicationId: 0x44734372,
  migrations: cronMigrations.map((sql) => sql(sqliteTypes)),
};

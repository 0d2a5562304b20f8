/** Rows of `run`, read. */
import { cronErrors } from '../errors.js';
import type { Run, RunState, Trigger } from '../run.js';
import type { Sql, SqlValue } from './sql.js';

interface RunRow {
  readonly id: number;
  readonly job_id: number;
  readonly job: string;
  readonly trigger: Trigger;
  readonly slot: number;
  readonly due_at: number;
  readonly state: RunState;
  readonly reason: string;
  readonly attempt: number;
  readonly fence: number;
  readonly worker: string | null;
  readonly started_at: number | null;
  readonly finished_at: number | null;
  readonly exit_code: number | null;
  readonly signal: string | null;
  readonly output_bytes: number;
  readonly cancel_how: 'terminate' | 'kill' | null;
  readonly cancel_reason: string | null;
  readonly late_at: number | null;
  readonly overrun_at: number | null;
}

/** A run as the transactions use it: with what its reader is not shown. */
export interface RunRecord {
  readonly run: Run;
  readonly jobId: number;
  /** Its worker is to end it. */
  readonly cancel: { readonly how: 'terminate' | 'kill'; readonly reason: string } | undefined;
  readonly lateAt: number | undefined;
  readonly overrunAt: number | undefined;
}

const RUN_COLUMNS = `r.id, r.job_id, j.name AS job, r.trigger, r.slot, r.due_at, r.state, r.reason, r.attempt, r.fence, r.worker,
  r.started_at, r.finished_at, r.exit_code, r.signal, r.output_bytes, r.cancel_how, r.cancel_reason,
  r.late_at, r.overrun_at`;

/** `rest`: what follows `FROM run AS r JOIN job AS j`. */
export async function readRuns(sql: Sql, rest: string, parameters: readonly SqlValue[] = []): Promise<RunRecord[]> {
  const rows = await sql.all<RunRow>(
    `SELECT ${RUN_COLUMNS} FROM run AS r JOIN job AS j ON j.id = r.job_id ${rest}`,
    parameters,
  );
  return rows.map(runFromRow);
}

/** Error: `cron.no_such_run`. */
export async function requireRun(sql: Sql, id: number): Promise<RunRecord> {
  const [record] = Number.isSafeInteger(id) ? await readRuns(sql, 'WHERE r.id = $1', [id]) : [];
  if (record === undefined) throw noSuchRun(id);
  return record;
}

function noSuchRun(id: number) {
  return cronErrors.error('cron.no_such_run', `there is no run ${id}`, {
    hint: 'see the runs: ds cron history',
    details: { run: id },
  });
}

function runFromRow(row: RunRow): RunRecord {
  return {
    run: {
      id: row.id,
      job: row.job,
      trigger: row.trigger,
      slot: row.slot,
      dueAt: row.due_at,
      state: row.state,
      reason: row.reason,
      attempt: row.attempt,
      fence: row.fence,
      ...(row.worker === null ? {} : { worker: row.worker }),
      ...(row.started_at === null ? {} : { startedAt: row.started_at }),
      ...(row.finished_at === null ? {} : { finishedAt: row.finished_at }),
      ...(row.exit_code === null ? {} : { exitCode: row.exit_code }),
      ...(row.signal === null ? {} : { signal: row.signal }),
      outputBytes: row.output_bytes,
    },
    jobId: row.job_id,
    cancel: row.cancel_how === null ? undefined : { how: row.cancel_how, reason: row.cancel_reason ?? '' },
    lateAt: row.late_at ?? undefined,
    overrunAt: row.overrun_at ?? undefined,
  };
}

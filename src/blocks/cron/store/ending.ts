/**
 * The end of runs that had started: the row becomes final, mutexes are let go, jobs that run after it get their run, and whoever
 * wants to know of failures and recoveries is told. The jobs and their followers must be locked.
 */
import type { NotificationEvent } from '../job.js';
import { startsAfter } from '../rules/after-job.js';
import { restsAt } from '../rules/pause.js';
import type { RunState } from '../run.js';
import { enqueue, type NewRun } from './enqueue.js';
import type { JobRecord } from './job-row.js';
import { makeNotices, type NewNotice } from './notices.js';
import type { RunRecord } from './run-row.js';
import { inIntegers, listOf, rowsOf, type Sql } from './sql.js';

export interface AttemptResult {
  readonly record: RunRecord;
  /** How the attempt itself ended; the run may go on with a retry. */
  readonly outcome: 'succeeded' | 'failed' | 'cancelled' | 'fenced';
  readonly outcomeReason: string;
  /** Of the run. */
  readonly state: Extract<RunState, 'succeeded' | 'failed' | 'cancelled' | 'fenced' | 'queued'>;
  readonly reason: string;
  /** For a retry: when. */
  readonly dueAt?: number;
  readonly finishedAt: number;
  readonly exitCode?: number;
  readonly signal?: string;
  /** Of this attempt. */
  readonly outputBytes: number;
}

export type RunEnd = Pick<AttemptResult, 'record' | 'state' | 'finishedAt'>;

export type Jobs = ReadonlyMap<number, JobRecord>;

export async function endAttempts(sql: Sql, now: number, jobs: Jobs, results: readonly AttemptResult[]): Promise<void> {
  if (results.length === 0) return;
  updateRuns(sql, results);
  updateAttempts(sql, results);
  sql.later(`DELETE FROM mutex WHERE run_id ${inIntegers(sql, '$1')}`, [
    listOf(results.map(({ record }) => record.run.id)),
  ]);
  const final = results.filter(({ state }) => state !== 'queued');
  noteHealth(sql, now, jobs, final);
  await startFollowers(sql, now, jobs, final);
}

/** Runs that had started, and their ends. */
export async function startFollowers(sql: Sql, now: number, jobs: Jobs, ended: readonly RunEnd[]): Promise<void> {
  await enqueue(sql, now, followers(jobs, ended, now));
}

function updateRuns(sql: Sql, results: readonly AttemptResult[]): void {
  const list = sql.dialect.rows('$1', {
    id: 'integer',
    state: 'text',
    reason: 'text',
    due_at: 'integer',
    finished_at: 'integer',
    exit_code: 'integer',
    signal: 'text',
    output_bytes: 'integer',
  });
  sql.later(
    `UPDATE run SET state = n.state, reason = n.reason, due_at = n.due_at, finished_at = n.finished_at,
       exit_code = n.exit_code, signal = n.signal, output_bytes = run.output_bytes + n.output_bytes,
       lease_until = NULL, cancel_how = NULL, cancel_reason = NULL, overrun_at = NULL
     FROM ${list} AS n WHERE run.id = n.id`,
    [
      rowsOf(
        results.map(({ record, state, reason, dueAt, finishedAt, exitCode, signal, outputBytes }) => [
          record.run.id,
          state,
          reason,
          dueAt ?? record.run.dueAt,
          state === 'queued' ? null : finishedAt,
          exitCode ?? null,
          signal ?? null,
          outputBytes,
        ]),
      ),
    ],
  );
}

function updateAttempts(sql: Sql, results: readonly AttemptResult[]): void {
  const list = sql.dialect.rows('$1', {
    run_id: 'integer',
    attempt: 'integer',
    outcome: 'text',
    reason: 'text',
    finished_at: 'integer',
    exit_code: 'integer',
    signal: 'text',
  });
  sql.later(
    `UPDATE attempt SET outcome = n.outcome, reason = n.reason, finished_at = n.finished_at, exit_code = n.exit_code,
       signal = n.signal
     FROM ${list} AS n WHERE attempt.run_id = n.run_id AND attempt.attempt = n.attempt`,
    [
      rowsOf(
        results.map(({ record, outcome, outcomeReason, finishedAt, exitCode, signal }) => [
          record.run.id,
          record.run.attempt,
          outcome,
          outcomeReason,
          finishedAt,
          exitCode ?? null,
          signal ?? null,
        ]),
      ),
    ],
  );
}

/** Notices of overruns, failures and recoveries; and whether the job fails by now. */
function noteHealth(sql: Sql, now: number, jobs: Jobs, final: readonly AttemptResult[]): void {
  const notices: NewNotice[] = [];
  const failing = new Map<number, boolean>();
  for (const { record, state, finishedAt } of final) {
    const job = jobs.get(record.jobId);
    if (job === undefined) continue;
    const tell = (event: NotificationEvent) => {
      if (job.spec.notifications.on.includes(event)) notices.push({ run: record.run.id, event });
    };
    if (record.overrunAt !== undefined && record.overrunAt <= finishedAt) tell('overrun');
    const failed = failing.get(job.id) ?? job.failing;
    if (state === 'failed' || state === 'fenced') {
      tell('failure');
      failing.set(job.id, true);
    } else if (state === 'succeeded' && failed) {
      tell('recovery');
      failing.set(job.id, false);
    }
  }
  makeNotices(sql, now, notices);
  for (const value of [true, false]) {
    const ids = [...failing].flatMap(([id, failed]) =>
      failed === value && jobs.get(id)?.failing !== value ? [id] : [],
    );
    if (ids.length > 0)
      sql.later(`UPDATE job SET failing = $2 WHERE id ${inIntegers(sql, '$1')}`, [listOf(ids), Number(value)]);
  }
}

function followers(jobs: Jobs, ended: readonly RunEnd[], now: number): NewRun[] {
  const byName = new Map<string, JobRecord[]>();
  for (const job of jobs.values()) {
    const after = job.spec.after?.job;
    if (after === undefined) continue;
    const list = byName.get(after);
    if (list === undefined) byName.set(after, [job]);
    else list.push(job);
  }
  return ended.flatMap(({ record, state, finishedAt }) =>
    (byName.get(record.run.job) ?? []).flatMap((job): NewRun[] => {
      if (job.spec.after === undefined || !startsAfter(job.spec.after.on, state)) return [];
      const rest = restsAt(now, job.pause, job.spec.pauses);
      const run = { job, trigger: 'after', slot: finishedAt, dueAt: now } as const;
      return [
        rest === undefined
          ? { ...run, state: 'queued', reason: `after run ${record.run.id} of ${record.run.job}` }
          : { ...run, state: 'skipped', reason: rest },
      ];
    }),
  );
}

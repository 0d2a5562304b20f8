/** Rows of `attempt`, read. */
import { present } from '../../../platform/present.js';
import type { AttemptOutcome, RunAttempt } from '../run.js';
import { requireRun } from './run-row.js';
import type { Sql } from './sql.js';

interface AttemptRow {
  readonly attempt: number;
  readonly fence: number;
  readonly worker: string;
  readonly started_at: number;
  readonly finished_at: number | null;
  readonly outcome: AttemptOutcome | null;
  readonly reason: string;
  readonly exit_code: number | null;
  readonly signal: string | null;
}

/** In order. Error: `cron.no_such_run`. */
export async function listAttempts(sql: Sql, run: number): Promise<readonly RunAttempt[]> {
  await requireRun(sql, run);
  const rows = await sql.all<AttemptRow>(
    `SELECT attempt, fence, worker, started_at, finished_at, outcome, reason, exit_code, signal FROM attempt
     WHERE run_id = $1 ORDER BY attempt`,
    [run],
  );
  return rows.map((row) =>
    present({
      attempt: row.attempt,
      fence: row.fence,
      worker: row.worker,
      startedAt: row.started_at,
      finishedAt: row.finished_at ?? undefined,
      outcome: row.outcome ?? undefined,
      reason: row.reason,
      exitCode: row.exit_code ?? undefined,
      signal: row.signal ?? undefined,
    }),
  );
}

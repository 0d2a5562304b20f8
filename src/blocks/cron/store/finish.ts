/** What a worker tells of its attempts when they have ended. Counted only for who still holds the run. */
import { fraction, type Random } from '../../../platform/clock.js';
import type { Finished } from '../ledger.js';
import { afterAttempt, afterCutOff, type Verdict } from '../rules/after-attempt.js';
import { type AttemptResult, endAttempts, type Jobs } from './ending.js';
import type { JobRecord } from './job-row.js';
import { lockJobsOfRuns } from './locks.js';
import { storeOutput } from './output.js';
import { type RunRecord, readRuns } from './run-row.js';
import { inIntegers, listOf, rowsOf, type Sql } from './sql.js';

const TOO_LATE = '; it told too late:';

export async function finish(
  sql: Sql,
  now: number,
  random: Random,
  finished: readonly Finished[],
): Promise<readonly boolean[]> {
  const ids = finished.map(({ claim }) => claim.run.id);
  const text = `WHERE r.id ${inIntegers(sql, '$1')} ORDER BY r.id ${sql.dialect.lock('r')}`;
  const [jobs, records] = await Promise.all([lockJobsOfRuns(sql, ids), readRuns(sql, text, [listOf(ids)])]);
  const open = new Map(records.filter(({ run }) => run.state === 'running').map((record) => [record.run.id, record]));
  const results: AttemptResult[] = [];
  const late: Finished[] = [];
  const answers = finished.map((entry) => {
    const record = open.get(entry.claim.run.id);
    const own = record?.run.fence === entry.claim.fence && record.run.worker === entry.claim.run.worker;
    if (record === undefined || !own) {
      late.push(entry);
      return false;
    }
    // Told twice in one call: the first counts.
    open.delete(record.run.id);
    if (entry.output !== undefined) storeOutput(sql, record.run.id, entry.output);
    results.push(resultOf(record, jobs, entry, random));
    return true;
  });
  await endAttempts(sql, now, jobs, results);
  noteTooLate(sql, late);
  return answers;
}

function resultOf(record: RunRecord, jobs: Jobs, finished: Finished, random: Random): AttemptResult {
  const { outcome, finishedAt, outputBytes } = finished;
  return {
    record,
    outcome: outcome.kind,
    outcomeReason: outcome.reason ?? '',
    ...verdictOn(record, jobs.get(record.jobId), finished, random),
    finishedAt,
    ...(outcome.exitCode === undefined ? {} : { exitCode: outcome.exitCode }),
    ...('signal' in outcome && outcome.signal !== undefined ? { signal: outcome.signal } : {}),
    outputBytes,
  };
}

function verdictOn(record: RunRecord, job: JobRecord | undefined, finished: Finished, random: Random): Verdict {
  const { outcome, finishedAt, cutOff } = finished;
  if (cutOff && job !== undefined && record.cancel === undefined)
    return afterCutOff(job.spec.delivery, outcome.reason ?? '', finishedAt);
  const retries = job?.spec.retries ?? { most: 0, delayMs: 0, longestDelayMs: 0, jitter: 0 };
  return afterAttempt({
    // What something else runs is not started again from here.
    retries: job?.external ? { ...retries, most: 0 } : retries,
    attempt: record.run.attempt,
    outcome,
    ...(record.cancel === undefined ? {} : { cancelled: record.cancel.reason }),
    finishedAt,
    chance: fraction(random),
  });
}

/** Whoever was thought to be gone tells how it ended: that counts for nothing, but people want to know. Noted once. */
function noteTooLate(sql: Sql, late: readonly Finished[]): void {
  if (late.length === 0) return;
  const list = sql.dialect.rows('$1', { run_id: 'integer', fence: 'integer', told: 'text' });
  const rows = rowsOf(late.map(({ claim, outcome }) => [claim.run.id, claim.fence, `${TOO_LATE} ${outcome.kind}`]));
  sql.later(
    `UPDATE attempt SET reason = attempt.reason || n.told FROM ${list} AS n
     WHERE attempt.run_id = n.run_id AND attempt.fence = n.fence AND attempt.outcome = 'fenced'
       AND attempt.reason NOT LIKE '%${TOO_LATE}%'`,
    [rows],
  );
  sql.later(
    `UPDATE run SET reason = run.reason || n.told FROM ${list} AS n
     WHERE run.id = n.run_id AND run.fence = n.fence AND run.state = 'fenced' AND run.reason NOT LIKE '%${TOO_LATE}%'`,
    [rows],
  );
}

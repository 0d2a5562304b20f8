/** Jobs are made, changed and deleted. Each edit holds the lock of the book, for a job may run after another. */
import { isDeepStrictEqual } from 'node:util';
import type { ApplyPlan } from '../book.js';
import { cronErrors } from '../errors.js';
import type { JobSpec } from '../job.js';
import { checkAfter } from '../rules/after-job.js';
import { compileSchedule, settleSchedule } from '../schedule.js';
import { enqueue } from './enqueue.js';
import { type JobRecord, readJobs, requireJob } from './job-row.js';
import { lockBook } from './locks.js';
import { first, inTexts, listOf, rowsOf, type Sql } from './sql.js';

/** Slots of a schedule that is replaced that nobody has settled: so many are written down, the oldest. */
const MOST_LEFT_OVER = 10_000;

/** Errors: `cron.job_exists`, `cron.bad_job`, those of the schedule. */
export async function putJob(sql: Sql, now: number, spec: JobSpec, options: { readonly create?: boolean }) {
  await lockBook(sql);
  if (options.create && (await findJob(sql, spec.name)) !== undefined) throw jobExists(spec.name);
  await putOne(sql, now, spec);
  await checkFollowers(sql);
}

/** Error: `cron.bad_job` when others run after it. */
export async function deleteJob(sql: Sql, name: string): Promise<void> {
  await lockBook(sql);
  await deleteOne(sql, name);
  await checkFollowers(sql, [name]);
}

/** Error: `cron.bad_job`, also when a job is named twice: which of both is meant nobody can know. */
export async function applyPlan(sql: Sql, now: number, plan: ApplyPlan): Promise<void> {
  refuseTwice([...plan.put.map(({ name }) => name), ...plan.remove]);
  await lockBook(sql);
  for (const name of plan.remove) await deleteOne(sql, name);
  for (const spec of plan.put) await putOne(sql, now, spec);
  await checkFollowers(sql, plan.remove);
}

function refuseTwice(names: readonly string[]): void {
  const seen = new Set<string>();
  const twice = names.find((name) => seen.size === seen.add(name).size);
  if (twice === undefined) return;
  throw cronErrors.error('cron.bad_job', `${twice} is named twice`, {
    hint: 'name each job once, to put or to remove it',
    details: { job: twice },
  });
}

async function deleteOne(sql: Sql, name: string): Promise<void> {
  const job = await requireJob(sql, name, { lock: true });
  // Runs, their output, mutexes and notices go with it; who carries one out hears at its next heartbeat that it is lost.
  await sql.run('DELETE FROM job WHERE id = $1', [job.id]);
}

async function findJob(sql: Sql, name: string): Promise<JobRecord | undefined> {
  const [job] = await readJobs(sql, `WHERE j.name = $1 ${sql.dialect.lock('j')}`, [name]);
  return job;
}

async function putOne(sql: Sql, now: number, given: JobSpec): Promise<void> {
  const present = await findJob(sql, given.name);
  const anchor = { name: given.name, createdAt: present?.createdAt ?? now };
  // As it is already: a time that has passed since is no reason to refuse a change of something else.
  const isSettled = present !== undefined && isDeepStrictEqual(present.spec.schedule, given.schedule);
  const spec: JobSpec = isSettled ? given : { ...given, schedule: settleSchedule(given.schedule, now, anchor) };
  await checkPingKey(sql, spec);
  const schedule = compileSchedule(spec.schedule, anchor);
  const atBoot = schedule.kind === 'boot';
  if (present !== undefined && isDeepStrictEqual(present.spec.schedule, spec.schedule)) {
    if (isDeepStrictEqual(present.spec, spec)) return;
    await writeJob(sql, now, spec, { ...present, atBoot }, present.id);
    return;
  }
  if (present !== undefined) await missLeftOver(sql, now, present);
  const accountedUntil = Math.max(now, present?.accountedUntil ?? now);
  const nextAt = schedule.next(accountedUntil);
  await writeJob(sql, now, spec, { accountedUntil, nextAt, atBoot }, present?.id);
}

interface Position {
  readonly accountedUntil: number;
  readonly nextAt: number | undefined;
  readonly atBoot: boolean;
}

/** `id`: of the job, where there is one of this name. */
async function writeJob(sql: Sql, now: number, spec: JobSpec, position: Position, id: number | undefined) {
  const { accountedUntil, nextAt, atBoot } = position;
  const values = [
    spec.name,
    JSON.stringify(spec),
    now,
    accountedUntil,
    nextAt ?? null,
    Number(spec.action.kind === 'external'),
    Number(atBoot),
    Number(spec.concurrency === 'allow-all'),
    spec.action.kind === 'external' ? spec.action.pingKey : null,
    spec.after?.job ?? null,
  ];
  if (id !== undefined) {
    await sql.run(
      `UPDATE job SET spec = $2, updated_at = $3, accounted_until = $4, next_at = $5, external = $6, at_boot = $7,
         side_by_side = $8, ping_key = $9, after_job = $10, version = version + 1 WHERE name = $1`,
      values,
    );
    await sql.run('DELETE FROM job_mutex WHERE job_id = $1', [id]);
    await writeMutexes(sql, id, spec.mutexes);
    return;
  }
  const made = await first<{ id: number }>(
    sql,
    `INSERT INTO job (name, spec, updated_at, accounted_until, next_at, external, at_boot, side_by_side, ping_key, after_job,
       created_at, version, paused, fence, failing)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $3, 1, 0, 0, 0) RETURNING id`,
    values,
  );
  if (made !== undefined) await writeMutexes(sql, made.id, spec.mutexes);
}

async function writeMutexes(sql: Sql, job: number, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const list = sql.dialect.rows('$1', { job_id: 'integer', name: 'text' });
  await sql.run(`INSERT INTO job_mutex (job_id, name) SELECT n.job_id, n.name FROM ${list} AS n`, [
    rowsOf([...new Set(names)].map((name) => [job, name])),
  ]);
}

/** Slots of the schedule up to now that no scheduler has seen: they are accounted for before it is replaced. */
async function missLeftOver(sql: Sql, now: number, job: JobRecord): Promise<void> {
  if (job.nextAt === undefined || job.nextAt > now) return;
  const { next } = compileSchedule(job.spec.schedule, { name: job.name, createdAt: job.createdAt });
  const slots: number[] = [];
  for (let slot: number | undefined = job.nextAt; slot !== undefined && slot <= now; slot = next(slot)) {
    slots.push(slot);
    if (slots.length === MOST_LEFT_OVER) break;
  }
  const reason = 'the schedule was changed before anybody could run it';
  await enqueue(
    sql,
    now,
    slots.map((slot) => ({ job, trigger: 'schedule', slot, dueAt: slot, state: 'missed', reason })),
  );
}

async function checkPingKey(sql: Sql, spec: JobSpec): Promise<void> {
  if (spec.action.kind !== 'external') return;
  const { pingKey } = spec.action;
  const holder = await first<{ name: string }>(sql, 'SELECT name FROM job WHERE ping_key = $1 AND name <> $2', [
    pingKey,
    spec.name,
  ]);
  if (holder === undefined) return;
  throw cronErrors.error('cron.bad_job', `${spec.name} would have the ping key of ${holder.name}`, {
    hint: 'leave the ping key out: each job gets one of its own',
    details: { job: spec.name, holder: holder.name },
  });
}

async function checkFollowers(sql: Sql, removed: readonly string[] = []): Promise<void> {
  const rows = await sql.all<{ name: string; after_job: string }>(
    'SELECT name, after_job FROM job WHERE after_job IS NOT NULL ORDER BY name',
  );
  if (rows.length === 0) return;
  const named = await sql.all<{ name: string }>(`SELECT name FROM job WHERE name ${inTexts(sql, '$1')}`, [
    listOf([...new Set(rows.map(({ after_job }) => after_job))]),
  ]);
  const after = new Map(rows.map(({ name, after_job }) => [name, after_job]));
  checkAfter(after, new Set(named.map(({ name }) => name)), removed);
}

function jobExists(name: string) {
  return cronErrors.error('cron.job_exists', `there is a job ${name} already`, {
    hint: `change it: ds cron edit ${name}`,
    details: { job: name },
  });
}

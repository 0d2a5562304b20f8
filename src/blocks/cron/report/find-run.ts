/** Which run is meant by what was typed. */
import type { CronBook } from '../book.js';
import { cronErrors } from '../errors.js';
import type { Run } from '../run.js';

/**
 * The run of this number; or, of a job, the newest that wrote or writes anything. Errors: `cron.no_such_run`, `cron.no_such_job`.
 */
export async function findRun(book: CronBook, what: string): Promise<Run> {
  if (/^\d{1,15}$/.test(what)) return book.run(Number(what));
  const states = ['running', 'succeeded', 'failed', 'cancelled', 'fenced'] as const;
  const [run] = await book.runs({ job: what, states, limit: 1 });
  if (run !== undefined) return run;
  throw cronErrors.error('cron.no_such_run', `${what} has not run yet`, {
    hint: `ds cron run ${what} --wait`,
    details: { job: what },
  });
}

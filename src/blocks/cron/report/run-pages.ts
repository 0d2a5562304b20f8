import type { CronBook, RunFilter } from '../book.js';
import type { Run } from '../run.js';

/** Runs that are read at a time: a daemon gives no more. */
const PAGE = 1_000;

/** As `book.runs`, however many are wanted. With `after` only runs with a higher id. */
export async function readRuns(book: CronBook, filter: RunFilter, after = 0): Promise<readonly Run[]> {
  const found: Run[] = [];
  for (;;) {
    const before = found.at(-1)?.id ?? filter.before;
    const limit = Math.min(PAGE, filter.limit - found.length);
    const page = await book.runs({ ...filter, limit, ...(before === undefined ? {} : { before }) });
    found.push(...page.filter(({ id }) => id > after));
    const last = page.at(-1)?.id ?? 0;
    if (page.length < limit || last <= after || found.length >= filter.limit) return found;
  }
}

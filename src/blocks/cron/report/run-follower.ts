/** Tells runs as they end: those that went on when it began, and all that came since. */
import type { CronBook, RunFilter } from '../book.js';
import { isFinal, type Run } from '../run.js';
import { readRuns } from './run-pages.js';

type Of = Pick<RunFilter, 'job'>;

const ALL = Number.MAX_SAFE_INTEGER;

export class RunFollower {
  readonly #book: CronBook;
  readonly #of: Of;
  /** The newest run that was seen. */
  #newest: number;
  /** Those that had not ended when they were seen. */
  #open: ReadonlySet<number>;

  private constructor(book: CronBook, of: Of, newest: number, open: ReadonlySet<number>) {
    this.#book = book;
    this.#of = of;
    this.#newest = newest;
    this.#open = open;
  }

  static async start(book: CronBook, job: string | undefined): Promise<RunFollower> {
    const of: Of = job === undefined ? {} : { job };
    const [newest] = await book.runs({ ...of, limit: 1 });
    return new RunFollower(book, of, newest?.id ?? 0, await readOpen(book, of));
  }

  /** What has ended since the look before, the oldest run first. */
  async look(): Promise<readonly Run[]> {
    const open = await readOpen(this.#book, this.#of);
    const came = await readRuns(this.#book, { ...this.#of, limit: ALL }, this.#newest);
    const ended = came.filter(isFinal);
    for (const id of this.#open) {
      if (open.has(id)) continue;
      const run = await this.#book.run(id).catch(() => undefined); // forgotten, with its job
      if (run !== undefined && isFinal(run)) ended.push(run);
    }
    const told = new Set(ended.map(({ id }) => id));
    this.#open = new Set([...open, ...came.map(({ id }) => id)].filter((id) => !told.has(id)));
    this.#newest = Math.max(this.#newest, ...came.map(({ id }) => id));
    return ended.sort((one, other) => one.id - other.id);
  }
}

async function readOpen(book: CronBook, of: Of): Promise<ReadonlySet<number>> {
  const runs = await readRuns(book, { ...of, states: ['queued', 'running'], limit: ALL });
  return new Set(runs.map(({ id }) => id));
}

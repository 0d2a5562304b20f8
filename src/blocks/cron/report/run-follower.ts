/** Tells runs as they end: those that went on when it began, and all that came since. */
import type { CronBook, RunFilter } from '../book.js';
import { isFinal, type Run } from '../run.js';

type Of = Pick<RunFilter, 'job'>;

const ALL = Number.MAX_SAFE_INTEGER;
/** Runs that are looked at at a time: mostly few are new. */
const PAGE = 100;

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
    const came = await readNewer(this.#book, this.#of, this.#newest);
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
  const runs = await book.runs({ ...of, states: ['queued', 'running'], limit: ALL });
  return new Set(runs.map(({ id }) => id));
}

/** Those with a higher number, the newest first. */
async function readNewer(book: CronBook, of: Of, newest: number): Promise<readonly Run[]> {
  const found: Run[] = [];
  for (;;) {
    const before = found.at(-1)?.id;
    const page = await book.runs({ ...of, limit: PAGE, ...(before === undefined ? {} : { before }) });
    const newer = page.filter(({ id }) => id > newest);
    found.push(...newer);
    if (newer.length < PAGE) return found;
  }
}

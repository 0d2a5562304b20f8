/** Ends what is left of runs whose worker has died: their processes go on without it. */
import { codeOf } from '../../../platform/errors.js';
import type { CronBook } from '../book.js';
import type { Run } from '../run.js';
import type { RunnerContext } from './attempt.js';
import { endProcesses } from './end-processes.js';
import { type Mark, readMark, storeMark } from './mark.js';
import { allProcesses } from './marked.js';

export interface LeftoverOptions extends Pick<RunnerContext, 'clock' | 'place'> {
  /** Whether the run is still somebody's. Asked once for each mark of this store that a process of this machine carries. */
  isLive(mark: Mark): boolean | Promise<boolean>;
  /** Between SIGTERM and SIGKILL, milliseconds. */
  readonly graceMs: number;
}

/**
 * By the mark in their environment, on Linux; elsewhere none are found. Never another store's. Returns how many processes it
 * ended, or tried to.
 */
export async function endLeftovers({ clock, place, isLive, graceMs }: LeftoverOptions): Promise<number> {
  const store = storeMark(place);
  const dead = new Set<string>();
  for (const text of (await allProcesses.look(clock)).keys()) {
    const mark = readMark(text, store);
    if (mark !== undefined && !(await isLive(mark))) dead.add(text);
  }
  if (dead.size === 0) return 0;
  const seen = new Set<number>();
  const look = async () => {
    const marked = await allProcesses.look(clock);
    const found = [...dead].flatMap((mark) => marked.get(mark) ?? []);
    for (const pid of found) seen.add(pid);
    return found;
  };
  await endProcesses(look, { clock, graceMs });
  return seen.size;
}

/** As the store has it: the run goes on, and was not started anew. */
export async function liveRun(book: Pick<CronBook, 'run'>, { run, fence }: Mark): Promise<Run | undefined> {
  try {
    const found = await book.run(run);
    return found.state === 'running' && found.fence === fence ? found : undefined;
  } catch (error) {
    if (codeOf(error) === 'cron.no_such_run') return undefined;
    throw error;
  }
}

/** In doubt it is live. */
export function liveIn(book: Pick<CronBook, 'run'>): LeftoverOptions['isLive'] {
  return async (mark) => {
    try {
      return (await liveRun(book, mark)) !== undefined;
    } catch {
      return true;
    }
  };
}

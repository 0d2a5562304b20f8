/**
 * Entries of a query, page by page: a server hands out only so many at once.
 *
 *     page 1   t1 t2 t3 t3          a full one: there may be more at t3
 *     page 2         t3 t3 t3 t4    from t3 on again; what was handed out of t3 is left out, by stream and line
 *
 * More entries of one instant than fit into a page are asked for with a larger one, until the server refuses.
 */
import type { Direction } from '../entry-source.js';
import { logErrors } from '../errors.js';
import { labelsKey } from '../labels.js';
import type { Entry, LogRequest } from '../log-store.js';

/** Entries of a page: Loki's own bound, unless it was set otherwise, is 5,000. */
const PAGE = 2_000;

export interface Page {
  readonly start: bigint;
  readonly end: bigint;
  readonly limit: number;
}

/** @param ask the entries of a page, in any order */
export async function* pages(
  { start, end, limit, direction }: LogRequest,
  ask: (page: Page) => Promise<Entry[]>,
): AsyncGenerator<Entry> {
  let left = limit ?? Infinity;
  let size = PAGE;
  const seam = new Seam();
  let [from, to] = [start, end];
  while (left > 0 && from < to) {
    const most = Math.min(size, left + seam.size);
    const page = (await ask({ start: from, end: to, limit: most })).sort(byTime(direction));
    checkPage(page, from, to);
    const fresh = seam.leaveOut(page);
    for (const entry of fresh.slice(0, left)) yield entry;
    left -= fresh.length;
    const last = page.at(-1);
    if (page.length < most || last === undefined) return;
    if (direction === 'forward') from = last.timestamp;
    else to = last.timestamp + 1n;
    seam.keep(page, last.timestamp);
    // All of it is of one instant, and nothing of it may be new.
    size = seam.size === page.length ? page.length * 2 : PAGE;
  }
}

/** A server that hands out the same page again and again would be asked for ever. Error: `log.bad_answer`. */
function checkPage(page: readonly Entry[], from: bigint, to: bigint): void {
  const stray = page.find(({ timestamp }) => timestamp < from || timestamp >= to);
  if (stray !== undefined) {
    throw logErrors.error(
      'log.bad_answer',
      `the server was asked for entries from ${from} to before ${to}, and answered with one of ${stray.timestamp}`,
      { hint: 'the times are nanoseconds since 1970; --since and --until ask for others' },
    );
  }
}

/** Stable: entries of one instant stay in the order in which the server has them. */
function byTime(direction: Direction): (a: Entry, b: Entry) => number {
  const sign = direction === 'forward' ? 1 : -1;
  return (a, b) => (a.timestamp === b.timestamp ? 0 : a.timestamp < b.timestamp ? -sign : sign);
}

/** What was handed out of the instant at which a page ended, by stream and line: how many of each. */
class Seam {
  #counts = new Map<string, number>();
  #timestamp = 0n;
  /** Entries, those that are alike counted each. */
  size = 0;

  leaveOut(page: readonly Entry[]): Entry[] {
    const counts = new Map(this.#counts);
    return page.filter((entry) => {
      if (entry.timestamp !== this.#timestamp) return true;
      const key = keyOf(entry);
      const count = counts.get(key) ?? 0;
      if (count > 0) counts.set(key, count - 1);
      return count === 0;
    });
  }

  keep(page: readonly Entry[], timestamp: bigint): void {
    this.#timestamp = timestamp;
    this.#counts = new Map();
    this.size = 0;
    for (let i = page.length - 1; i >= 0 && page[i]?.timestamp === timestamp; i--) {
      const entry = page[i];
      if (entry === undefined) break;
      const key = keyOf(entry);
      this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
      this.size++;
    }
  }
}

function keyOf({ labels, line }: Entry): string {
  return `${labelsKey(labels)}${line}`;
}

/** Entries of several files as one: the earliest of what each has next. Each keeps its own order. */
import type { Entry } from '../log-store.js';

interface Head {
  readonly entries: AsyncIterator<Entry>;
  entry: Entry;
}

export async function* mergeByTime(streams: readonly AsyncIterable<Entry>[]): AsyncGenerator<Entry> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  try {
    const heads: Head[] = [];
    for (const entries of iterators) {
      const { done, value } = await entries.next();
      if (done !== true) heads.push({ entries, entry: value });
    }
    while (heads.length > 0) {
      const at = earliest(heads);
      const head = heads[at];
      if (head === undefined) return;
      yield head.entry;
      const { done, value } = await head.entries.next();
      if (done === true) heads.splice(at, 1);
      else head.entry = value;
    }
  } finally {
    for (const entries of iterators) await entries.return?.();
  }
}

/** Of equal ones the first that was named. */
function earliest(heads: readonly Head[]): number {
  let least = 0;
  for (let i = 1; i < heads.length; i++) {
    const [a, b] = [heads[i]?.entry.timestamp ?? 0n, heads[least]?.entry.timestamp ?? 0n];
    if (a < b) least = i;
  }
  return least;
}

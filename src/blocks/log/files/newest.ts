/** The newest entries first: what comes in order is held back until its end, and no more of it than was asked for. */
import { logErrors } from '../errors.js';
import type { Entry } from '../log-store.js';

/** Entries that are held. */
const MOST_HELD = 1_000_000;

/** The last `limit`, the last one first. Error: `log.bad_target` where there are more than can be held. */
export async function* newest(entries: AsyncIterable<Entry>, limit: number | undefined): AsyncGenerator<Entry> {
  const most = Math.min(limit ?? MOST_HELD, MOST_HELD);
  const held: Entry[] = [];
  let at = 0;
  for await (const entry of entries) {
    if (held.length < most) {
      held.push(entry);
      continue;
    }
    if (most === MOST_HELD) throw tooMany();
    held[at] = entry;
    at = (at + 1) % most;
  }
  for (let i = held.length - 1; i >= 0; i--) {
    const entry = held[(at + i) % held.length];
    if (entry !== undefined) yield entry;
  }
}

function tooMany() {
  return logErrors.error(
    'log.bad_target',
    `files have more than ${MOST_HELD} entries of this query to be turned around`,
    {
      hint: 'add --limit N, or ask --direction forward',
    },
  );
}

/** A store in a temporary folder, and what a scan of it gives. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { LabelMatcher, ScanRequest } from '../../../../src/blocks/log/entry-source.js';
import type { EntryStore } from '../../../../src/blocks/log/store/entry-store.js';
import { type LogStoreOptions, openEntryStore } from '../../../../src/blocks/log/store.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { type Seen, seen } from './samples.js';

export function openTestStore(options: Partial<LogStoreOptions> = {}): EntryStore {
  const path = options.path ?? join(temporaryFolder(), 'log.db');
  const store = openEntryStore({ clock: new ManualClock(), ...options, path });
  onTestFinished(() => store.close());
  return store;
}

const ALL: ScanRequest = {
  start: -(2n ** 63n),
  end: 2n ** 63n,
  matchers: [],
  direction: 'forward',
  required: [],
};

export const noTotals = () => ({ blocks: 0, skippedBlocks: 0, damagedBlocks: 0, bytes: 0, entries: 0 });

export const equals = (name: string, value: string): LabelMatcher => ({
  name,
  operator: '=',
  value,
  matches: (other) => other === value,
});

/** Entries of the scan as they come; checks that each batch keeps what the frontier before it has promised. */
export async function scanAll(
  store: EntryStore,
  request: Partial<ScanRequest> = {},
  { tenant = 'fake', totals = noTotals(), state = undefined as number | undefined } = {},
): Promise<Seen[]> {
  const asked = { ...ALL, ...request };
  const found: Seen[] = [];
  let frontier: bigint | undefined;
  for await (const scanned of store.source(tenant, state).scan(asked, totals)) {
    const { batch, from, to, selected } = scanned;
    for (let i = from; i < to; i++) {
      if (!selected[batch.streamOf?.[i] ?? 0]) continue;
      const entry = seen(batch, i);
      const isLate =
        asked.direction === 'forward'
          ? entry.timestamp < (frontier ?? entry.timestamp)
          : entry.timestamp > (frontier ?? entry.timestamp);
      if (isLate) throw new Error(`an entry of ${entry.timestamp} came after the frontier ${frontier}`);
      found.push(entry);
    }
    frontier = scanned.frontier;
  }
  return found;
}

export const linesOf = (entries: readonly Seen[]): string[] => entries.map(({ line }) => line);

/** A query over entries as they arrive: the same filter for each batch, no order but that of arrival. */
import type { EntryBatch } from '../../entry-batch.js';
import type { LabelMatcher } from '../../entry-source.js';
import type { Entry } from '../../log-store.js';
import type { Now } from '../pipeline/format-stages.js';
import { parseLogSelector } from '../syntax/parser.js';
import { CompiledSelector } from './compiled-selector.js';
import { entryAt } from './run-logs.js';

export interface TailFilter {
  readonly matchers: readonly LabelMatcher[];
  /** Entries of the batch that the query selects, as it answers them. */
  entries(batch: EntryBatch): Entry[];
}

/** Throws `log.bad_query`, also for a metric query: only lines can be followed. @param now for templates that ask for it */
export function createTailFilter(query: string, now: Now): TailFilter {
  const selector = new CompiledSelector(parseLogSelector(query), undefined, now);
  const { matchers } = selector;
  return {
    matchers,
    entries(batch) {
      const selected = batch.streams.map((stream) =>
        matchers.every(({ name, matches }) => matches(stream[name] ?? '')),
      );
      const entries: Entry[] = [];
      const candidates = selector.candidates(batch, 0, batch.count);
      const count = candidates?.length ?? batch.count;
      for (let n = 0; n < count; n++) {
        const index = candidates === undefined ? n : (candidates[n] ?? 0);
        if (selected[batch.streamOf?.[index] ?? 0] !== true) continue;
        const entry = entryAt({ batch }, selector, index);
        if (entry !== undefined) entries.push(entry);
      }
      return entries;
    },
  };
}

/** What the daemon's two protocols stand on: the store, ticket blocks in memory, the ID sources, the counters. */
import type { Clock } from '../../../platform/clock.js';
import type { IdBatch, IdFormat } from '../batch.js';
import { idFormats } from '../batch.js';
import { seqErrors } from '../errors.js';
import { MAX_BATCH } from '../source.js';
import type { BlockTickets } from '../store/ticket-blocks.js';
import type { SequencerStore } from '../store.js';
import type { SeqMetrics } from './metrics.js';
import type { IdSources } from './sources.js';

export interface SeqEngine {
  readonly clock: Clock;
  readonly store: SequencerStore;
  readonly tickets: BlockTickets;
  readonly sources: IdSources;
  readonly metrics: SeqMetrics;
}

/** IDs of one layout, at most MAX_BATCH. Errors: what the layout, its source and the clock can meet. */
export async function makeIds(engine: SeqEngine, layoutText: string, count: number): Promise<IdBatch> {
  const layout = engine.sources.layout(layoutText);
  const source = await engine.sources.source(layout);
  const batch = await source.next(count);
  engine.metrics.issued(layout.space, count);
  return batch;
}

/** Error: `seq.bad_count`. */
export function checkCount(count: number, most: number): void {
  if (count >= 1 && count <= most) return;
  throw seqErrors.error('seq.bad_count', `cannot make ${count} IDs in one request`, {
    hint: `ask for 1 to ${most}`,
    details: { count, most },
  });
}

/** IDs of one SEQ.NEXT: 27 MB of reply at most. */
export const MOST_IDS = MAX_BATCH;

/** Error: `seq.bad_argument`. */
export function readFormat(text: string | undefined): IdFormat {
  const wanted = text?.toLowerCase() ?? 'canonical';
  const format = idFormats.find((known) => known === wanted);
  if (format !== undefined) return format;
  throw seqErrors.error('seq.bad_argument', `there is no format ${JSON.stringify(wanted.slice(0, 64))}`, {
    hint: `formats are: ${idFormats.join(', ')}`,
  });
}

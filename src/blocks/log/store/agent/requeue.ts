/** Dead letters back into the buffer of their pipeline, for another try. */
import type { Store } from '../../../../platform/store/store.js';
import { Buffers } from './buffers.js';
import { listDeadLetters, removeDeadLetter } from './dead-letters.js';
import { type ClaimedPipeline, PipelineRow } from './pipelines.js';

const AT_ONCE = 100;

/**
 * Of a pipeline that is claimed and does not run yet. They come after what waits already; the ledger goes on to say that they were refused. Returns
 * how many entries they have.
 */
export function requeueDeadLetters(store: Store, claim: ClaimedPipeline, now: number): number {
  const row = new PipelineRow(store, claim);
  const buffers = new Buffers(store, claim.id);
  let entries = 0;
  for (;;) {
    const letters = listDeadLetters(store, { limit: AT_ONCE, pipeline: claim.name });
    if (letters.length === 0) return entries;
    store.write(() => {
      for (const { id, data, entries: own } of letters) {
        buffers.put({ batch: row.nextBatch(), bufferedAt: now, entries: own, lineBytes: 0, data });
        removeDeadLetter(store, id);
        entries += own;
      }
    });
  }
}

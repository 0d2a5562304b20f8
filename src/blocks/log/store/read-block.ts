/** One block by its id. */
import type { Store } from '../../../platform/store/store.js';
import type { EntryBatch } from '../entry-batch.js';
import { decodeBlock } from './block/codec.js';
import { readPayload } from './block/compression.js';
import { blockName, readBlockData, readBlockHead, streamIds } from './block-rows.js';
import type { StreamLabels } from './stream-labels.js';

/** What reading blocks needs of a store. */
export interface BlockReader {
  readonly sql: Store;
  readonly labels: StreamLabels;
}

/** Undefined where it has gone. Errors: `log.damaged_block`, those of the storage catalogue. */
export async function readBlock({ sql, labels }: BlockReader, id: number): Promise<EntryBatch | undefined> {
  const { head, data } = sql.view(() => ({ head: readBlockHead(sql, id, false), data: readBlockData(sql, id) }));
  if (head === undefined || data === undefined) return undefined;
  const name = blockName(sql, id);
  const streams = Array.from(streamIds(head.streams), (stream) => labels.of(stream));
  return decodeBlock(await readPayload(data, name), streams, name);
}

/** One block by its id. */
import type { EntryBatch } from '../entry-batch.js';
import { decodeBlock } from './block/codec.js';
import { readPayload } from './block/compression.js';
import { blockName, readBlockData, readBlockHead, streamIds } from './block-rows.js';
import type { EntryStore } from './entry-store.js';

/** Undefined where it has gone. Errors: `log.damaged_block`, those of the storage catalogue. */
export async function readBlock(
  { sql, labels }: Pick<EntryStore, 'sql' | 'labels'>,
  id: number,
): Promise<EntryBatch | undefined> {
  const { head, data } = sql.view(() => ({ head: readBlockHead(sql, id, false), data: readBlockData(sql, id) }));
  if (head === undefined || data === undefined) return undefined;
  const name = blockName(sql, id);
  const streams = Array.from(streamIds(head.streams), (stream) => labels.of(stream));
  return decodeBlock(await readPayload(data, name), streams, name);
}

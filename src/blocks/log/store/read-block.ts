/** One block by its id. */
import type { Store } from '../../../platform/store/store.js';
import type { EntryBatch } from '../entry-batch.js';
import { decodeBlock } from './block/codec.js';
import { readPayload } from './block/compression.js';
import { blockName, readBlockData, readBlockHead, streamIds } from './block-rows.js';
import type { Damage } from './damage.js';
import type { StreamLabels } from './stream-labels.js';

/** What reading blocks needs of a store. */
export interface BlockReader {
  readonly sql: Store;
  readonly labels: StreamLabels;
  readonly damage: Damage;
}

/** As {@link readBlock}; a damaged one is noted. Errors: those of the storage catalogue. */
export async function readSoundBlock(reader: BlockReader, id: number): Promise<EntryBatch | 'gone' | 'damaged'> {
  try {
    return (await readBlock(reader, id)) ?? 'gone';
  } catch (error) {
    reader.damage.note(id, error);
    return 'damaged';
  }
}

/** Undefined where it has gone. Errors: `log.damaged_block`, those of the storage catalogue. */
export async function readBlock(
  { sql, labels }: Omit<BlockReader, 'damage'>,
  id: number,
): Promise<EntryBatch | undefined> {
  const { head, data } = sql.view(() => ({ head: readBlockHead(sql, id, false), data: readBlockData(sql, id) }));
  if (head === undefined || data === undefined) return undefined;
  const name = blockName(sql, id);
  const streams = Array.from(streamIds(head.streams), (stream) => labels.of(stream));
  return decodeBlock(await readPayload(data, name), streams, name);
}

import type { Store } from '../../../../platform/store/store.js';

/** Where the last chunk of a pack ends that has a row: what is behind it in the file is garbage, or in no row yet. */
export function endOfChunks(store: Store, packId: number): number {
  const last = store
    .statement<[number], { ends: number }>(
      'SELECT offset + stored_length AS ends FROM chunk WHERE pack_id = ? ORDER BY offset DESC LIMIT 1',
    )
    .get(packId);
  return last?.ends ?? 0;
}

/**
 * Stored entries of a file in the order of their offsets. Blocks come in the order of the lowest offset in each, and overlap where lines were
 * out of order in time; so only what may still be overtaken is kept.
 */
import type { StoredOrigins } from '../../store/stored-origins.js';

export interface StoredEntry {
  readonly from: number;
  readonly to: number;
  readonly hash: number;
}

export async function* inOrder(blocks: AsyncIterable<StoredOrigins>): AsyncGenerator<StoredEntry[]> {
  let kept: StoredEntry[] = [];
  for await (const { count, offsets, endOffsets, hashes } of blocks) {
    const lowest = offsets[0] ?? 0;
    const ready = kept.findIndex(({ from }) => from >= lowest);
    const done = ready === -1 ? kept : kept.slice(0, ready);
    if (done.length > 0) yield done;
    kept = ready === -1 ? [] : kept.slice(ready);
    const isLater = kept.length === 0;
    for (let i = 0; i < count; i++) {
      kept.push({ from: offsets[i] ?? 0, to: endOffsets[i] ?? 0, hash: hashes[i] ?? 0 });
    }
    if (!isLater) kept.sort((a, b) => a.from - b.from || a.to - b.to);
  }
  if (kept.length > 0) yield kept;
}

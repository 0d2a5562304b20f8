/**
 * The counts of chunks. Each is changed within a transaction, together with what refers to the chunk: an entry of a manifest or a hold.
 * A chunk whose count comes to 0 goes at once, and its bytes are garbage of its pack.
 */
import type { Store } from '../../../platform/store/store.js';

/** Returns false where the chunk is gone, so that nothing can refer to it. */
export function retainChunk(store: Store, chunkId: number, count: number): boolean {
  return (
    store.statement<[number, number]>('UPDATE chunk SET refs = refs + ? WHERE id = ?').run(count, chunkId).changes > 0
  );
}

/** Returns the stored bytes that became garbage. */
export function releaseChunk(store: Store, chunkId: number, count: number): number {
  const row = store
    .statement<[number, number], { refs: number; pack_id: number; stored_length: number }>(
      'UPDATE chunk SET refs = refs - ? WHERE id = ? RETURNING refs, pack_id, stored_length',
    )
    .get(count, chunkId);
  if (row === undefined || row.refs > 0) return 0;
  store.statement<[number]>('DELETE FROM chunk WHERE id = ?').run(chunkId);
  addLiveBytes(store, row.pack_id, -row.stored_length);
  return row.stored_length;
}

/** Within a transaction. @param bytes below 0 where a chunk goes */
export function addLiveBytes(store: Store, packId: number, bytes: number): void {
  store.statement<[number, number]>('UPDATE pack SET live_bytes = live_bytes + ? WHERE id = ?').run(bytes, packId);
}

/** Chunks whose holds are let go of in one transaction. */
const RELEASED_AT_ONCE = 1000;

/** Lets go of what one upload counts on, in transactions of its own. */
export function releaseAllHolds(store: Store, writerId: number, upload: string): void {
  const look = store.statement<[number, string], object>(
    'SELECT 1 FROM hold WHERE writer_id = ? AND upload = ? LIMIT 1',
  );
  while (store.read(() => look.get(writerId, upload)) !== undefined) {
    store.write(() => releaseSomeHolds(store, writerId, upload), { sync: 'normal' });
  }
}

function releaseSomeHolds(store: Store, writerId: number, upload: string): void {
  const holds = store
    .statement<[number, string, number], { chunk_id: number; count: number }>(
      'SELECT chunk_id, count FROM hold WHERE writer_id = ? AND upload = ? LIMIT ?',
    )
    .all(writerId, upload, RELEASED_AT_ONCE);
  const remove = store.statement<[number, string, number]>(
    'DELETE FROM hold WHERE writer_id = ? AND upload = ? AND chunk_id = ?',
  );
  for (const { chunk_id, count } of holds) {
    releaseChunk(store, chunk_id, count);
    remove.run(writerId, upload, chunk_id);
  }
}

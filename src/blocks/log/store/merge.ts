/** Some blocks made one, or as many as their lines need: decoded, put together in order of time, encoded again. */
import type { EntryBatch, Origin } from '../entry-batch.js';
import { concatenate } from '../entry-batches.js';
import type { Tenant } from '../log-store.js';
import { fileOf } from './block/origins.js';
import { retireBlock } from './block-rows.js';
import type { EntryStore } from './entry-store.js';
import { prepareBatch } from './prepare.js';
import { readBlock } from './read-block.js';

export interface Mergeable {
  readonly id: number;
  readonly arrival: number;
  readonly level: number;
}

/**
 * False, and nothing is changed, where another process has merged or removed one of them meanwhile. Error: `log.damaged_block`.
 */
export async function mergeBlocks(store: EntryStore, tenant: Tenant, given: readonly Mergeable[]): Promise<boolean> {
  // Equal timestamps stay in order of arrival.
  const blocks = given.toSorted((a, b) => a.arrival - b.arrival || a.id - b.id);
  const batches = await Promise.all(
    blocks.map(({ id }) =>
      readBlock(store, id).catch((error: unknown) => {
        store.damage.note(id, error);
        throw error;
      }),
    ),
  );
  const found = batches.filter((batch) => batch !== undefined);
  if (found.length < blocks.length) return false;
  const prepared = await prepareBatch(tenant, concatenate(found, originsOf), { merged: true });
  const merged = {
    arrival: Math.min(...blocks.map(({ arrival }) => arrival)),
    level: Math.max(...blocks.map(({ level }) => level)) + 1,
  };
  const { sql } = store;
  return store.commit(() => {
    if (!blocks.every(({ id }) => isPresent(store, id))) return false;
    const [id = 0] = store.insertMerged(prepared, merged);
    for (const block of blocks) retireBlock(sql, block.id, id, store.clock.now());
    return true;
  });
}

function isPresent({ sql }: EntryStore, id: number): boolean {
  return sql.statement<[number]>('SELECT 1 FROM blocks WHERE id = ? AND retired IS NULL').get(id) !== undefined;
}

/** An entry of a merged block may have been read of another file than the one before it. */
function originsOf(batches: readonly EntryBatch[], count: number): Origin | undefined {
  if (batches.every(({ origin }) => origin === undefined)) return undefined;
  const files = new Uint32Array(count);
  const offsets = new Float64Array(count);
  const endOffsets = new Float64Array(count);
  let entry = 0;
  for (const { origin, count } of batches) {
    if (origin !== undefined) {
      offsets.set(origin.offsets.subarray(0, count), entry);
      endOffsets.set(origin.endOffsets.subarray(0, count), entry);
      for (let i = 0; i < count; i++) files[entry + i] = fileOf(origin, i);
    }
    entry += count;
  }
  return { file: files[0] ?? 0, fileOf: files, offsets, endOffsets };
}

/** Some blocks made one, or as many as their lines need: decoded, put together in order of time, encoded again. */
import type { EntryBatch, Origin } from '../entry-batch.js';
import type { Labels } from '../labels.js';
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
  const batches = await Promise.all(blocks.map(({ id }) => readBlock(store, id)));
  const found = batches.filter((batch) => batch !== undefined);
  if (found.length < blocks.length) return false;
  const prepared = await prepareBatch(tenant, concatenate(found), { merged: true });
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

/** Batches one after the other. */
function concatenate(batches: readonly EntryBatch[]): EntryBatch {
  const count = batches.reduce((sum, batch) => sum + batch.count, 0);
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  const timestamps = new BigInt64Array(count);
  const streamOf = new Uint32Array(count);
  const numbers = new Map<Labels, number>();
  let entry = 0;
  let byte = 0;
  for (const batch of batches) {
    const streams = batch.streams.map((stream) => numberOf(numbers, stream));
    timestamps.set(batch.timestamps.subarray(0, batch.count), entry);
    for (let i = 0; i < batch.count; i++, entry++) {
      starts[entry] = (batch.starts[i] ?? 0) + byte;
      ends[entry] = (batch.ends[i] ?? 0) + byte;
      streamOf[entry] = streams[batch.streamOf?.[i] ?? 0] ?? 0;
    }
    byte += batch.bytes.length;
  }
  return {
    count,
    bytes: Buffer.concat(batches.map(({ bytes }) => bytes)),
    starts,
    ends,
    timestamps,
    streams: [...numbers.keys()],
    streamOf,
    metadata: metadataOf(batches),
    origin: originOf(batches, count),
  };
}

function metadataOf(batches: readonly EntryBatch[]): EntryBatch['metadata'] {
  if (batches.every(({ metadata }) => metadata === undefined)) return undefined;
  return batches.flatMap(({ metadata, count }) => metadata ?? new Array<undefined>(count).fill(undefined));
}

function originOf(batches: readonly EntryBatch[], count: number): Origin | undefined {
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

function numberOf(numbers: Map<Labels, number>, stream: Labels): number {
  let number = numbers.get(stream);
  if (number === undefined) {
    number = numbers.size;
    numbers.set(stream, number);
  }
  return number;
}

/** A batch made ready to be stored: cut, encoded, filtered, compressed. Nothing is written; the rest, short, is done in a transaction. */
import type { EntryBatch } from '../entry-batch.js';
import { type Labels, labelsKey } from '../labels.js';
import type { Tenant } from '../log-store.js';
import { type EncodedBlock, encodeBlock } from './block/codec.js';
import { CORES, compressPayload, type StoredPayload, storeRaw } from './block/compression.js';
import { cutBatch, FULL_BLOCK_BYTES } from './block/cut.js';
import type { FilePart } from './block/origins.js';
import { makeFilter } from './filter/filter.js';
import { Slots } from './slots.js';

/** Payloads of fewer bytes are stored as they are and without a filter: they are merged into larger ones before long. */
const SMALLEST_COMPRESSED = 32 * 1024;

export interface PreparedStream {
  /** Canonical labels (labels.ts). */
  readonly key: string;
  readonly labels: Labels;
  readonly first: bigint;
  readonly last: bigint;
}

export interface PreparedBlock {
  readonly first: bigint;
  readonly last: bigint;
  readonly entries: number;
  /** Bytes of lines. */
  readonly rawBytes: number;
  readonly streams: readonly PreparedStream[];
  readonly files: readonly FilePart[];
  readonly filter: Buffer | undefined;
  readonly payload: StoredPayload;
}

export interface PreparedBatch {
  readonly tenant: Tenant;
  readonly blocks: readonly PreparedBlock[];
  readonly entries: number;
}

export interface PrepareOptions {
  /**
   * For the compactor: small ones are compressed, too, and what was chosen to be together stays so, however far apart it is. Default false.
   */
  readonly merged?: boolean;
}

/** The batch may not change until the promise resolves. */
export async function prepareBatch(
  tenant: Tenant,
  batch: EntryBatch,
  options: PrepareOptions = {},
): Promise<PreparedBatch> {
  const blocks = await Promise.all(cutBatch(batch, options.merged).map((order) => prepareBlock(batch, order, options)));
  return { tenant, blocks, entries: batch.count };
}

/** One core is left to who reads and decodes. Of all stores of the process. */
const slots = new Slots(Math.max(1, CORES - 1));
/** By slot: payloads are encoded where the one before was, or each would be fresh memory (a tenth of all CPU). */
const memories: Buffer[] = [];
/** A larger payload, of a long line, has memory of its own. */
const MEMORY_BYTES = FULL_BLOCK_BYTES * 2;

async function prepareBlock(
  batch: EntryBatch,
  order: Uint32Array,
  { merged = false }: PrepareOptions,
): Promise<PreparedBlock> {
  const rawBytes = bytesOf(batch, order);
  if (rawBytes < SMALLEST_COMPRESSED && !merged) {
    const encoded = encodeBlock(batch, order);
    if (encoded.payload.length < SMALLEST_COMPRESSED)
      return { ...headOf(batch, order, encoded, rawBytes), filter: undefined, payload: storeRaw(encoded.payload) };
  }
  return slots.run(async (slot) => {
    memories[slot] ??= Buffer.allocUnsafeSlow(MEMORY_BYTES);
    const encoded = encodeBlock(batch, order, memories[slot]);
    const filter = makeFilter(batch, order, encoded);
    return {
      ...headOf(batch, order, encoded, rawBytes),
      filter,
      payload: await compressPayload(encoded.payload, merged),
    };
  });
}

function headOf(batch: EntryBatch, order: Uint32Array, { streams, files }: EncodedBlock, rawBytes: number) {
  return {
    first: batch.timestamps[order[0] ?? 0] ?? 0n,
    last: batch.timestamps[order.at(-1) ?? 0] ?? 0n,
    entries: order.length,
    rawBytes,
    streams: streamsOf(batch, order, streams),
    files,
  };
}

function bytesOf({ starts, ends }: EntryBatch, order: Uint32Array): number {
  let bytes = 0;
  for (let i = 0; i < order.length; i++) bytes += (ends[order[i] ?? 0] ?? 0) - (starts[order[i] ?? 0] ?? 0);
  return bytes;
}

/** Streams with the times of their first and last entry of the block: entries are in order of time. */
function streamsOf(batch: EntryBatch, order: Uint32Array, used: readonly number[]): PreparedStream[] {
  const lastOf = new Int32Array(batch.streams.length).fill(-1);
  const firstOf = new Int32Array(batch.streams.length).fill(-1);
  const { streamOf } = batch;
  if (streamOf === undefined) {
    firstOf[0] = order[0] ?? 0;
    lastOf[0] = order.at(-1) ?? 0;
  } else
    for (let i = 0; i < order.length; i++) {
      const index = order[i] ?? 0;
      const stream = streamOf[index] ?? 0;
      if (firstOf[stream] === -1) firstOf[stream] = index;
      lastOf[stream] = index;
    }
  return used.map((stream) => {
    const labels = batch.streams[stream];
    if (labels === undefined) throw new RangeError(`stream ${stream} of a batch is not there`);
    return {
      key: keyOf(labels),
      labels,
      first: batch.timestamps[firstOf[stream] ?? 0] ?? 0n,
      last: batch.timestamps[lastOf[stream] ?? 0] ?? 0n,
    };
  });
}

/** Whoever sends many batches of a stream mostly gives the same object. */
const keys = new WeakMap<Labels, string>();

function keyOf(labels: Labels): string {
  let key = keys.get(labels);
  if (key === undefined) {
    key = labelsKey(labels);
    keys.set(labels, key);
  }
  return key;
}

/**
 * How a batch becomes blocks: in order of time (equal timestamps in order of arrival), some 256 KB of lines and metadata each.
 *
 * A few entries far from the others, late ones or such of a clock that is wrong, go to blocks of their own: in one block with the others
 * they would stretch its time range, and searches could not skip it any more.
 *
 *     ──┬──────────────────────────┬─────────────────────────────────┬───────────────────────────┬──▶ time
 *       │  early: a block          │  middle half, and as far again  │  late: a block            │
 *       │  of their own            │  on both sides, an hour at least│  of their own             │
 */
import type { EntryBatch } from '../../entry-batch.js';
import { relativeTimes } from './times.js';

/** Of lines and metadata in a full block, about. */
export const FULL_BLOCK_BYTES = 256 * 1024;
/** Entries of a block at most, for very short lines. */
export const MOST_ENTRIES = 64 * 1024;

const HOUR_NANOS = 3600e9;
/** Fewer entries than this are not looked through for some that are far from the others. */
const FEWEST_TO_SPLIT = 8;

/** Indexes of the entries of each block. `together`: by size alone. */
export function cutBatch(batch: EntryBatch, together = false): Uint32Array[] {
  const { order, times } = timeOrder(batch);
  const parts = together ? [order] : byDistance(order, times);
  return parts.flatMap((part) => bySize(batch, part));
}

interface TimeOrder {
  readonly order: Uint32Array;
  /** Nanoseconds after the first entry, by entry: rounded where they are days apart. */
  readonly times: Float64Array;
}

function timeOrder({ timestamps, count }: EntryBatch): TimeOrder {
  const order = new Uint32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  const exact = relativeTimes(timestamps, count);
  if (exact === undefined) return roughTimeOrder(timestamps, order);
  let isSorted = true;
  for (let i = 1; i < count && isSorted; i++) isSorted = (exact[i] ?? 0) >= (exact[i - 1] ?? 0);
  if (!isSorted) order.sort((a, b) => (exact[a] ?? 0) - (exact[b] ?? 0) || a - b);
  return { order, times: exact };
}

function roughTimeOrder(timestamps: BigInt64Array, order: Uint32Array): TimeOrder {
  const at = (index: number) => timestamps[index] ?? 0n;
  order.sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : a - b));
  const first = at(0);
  return { order, times: Float64Array.from(order, (_, index) => Number(at(index) - first)) };
}

function byDistance(order: Uint32Array, times: Float64Array): Uint32Array[] {
  const { length } = order;
  if (length < FEWEST_TO_SPLIT) return length === 0 ? [] : [order];
  const at = (position: number) => times[order[position] ?? 0] ?? 0;
  const lower = at(length >> 2);
  const upper = at(length - 1 - (length >> 2));
  const margin = Math.max(HOUR_NANOS, upper - lower);
  let from = 0;
  while (at(from) < lower - margin) from++;
  let to = length;
  while (at(to - 1) > upper + margin) to--;
  return [order.subarray(0, from), order.subarray(from, to), order.subarray(to)].filter((part) => part.length > 0);
}

/** Pieces of about the same size. */
function bySize(batch: EntryBatch, order: Uint32Array): Uint32Array[] {
  const sizes = sizesOf(batch, order);
  let total = 0;
  for (const size of sizes) total += size;
  const pieces = Math.max(1, Math.round(total / FULL_BLOCK_BYTES));
  const most = total / pieces;
  const blocks: Uint32Array[] = [];
  let from = 0;
  let bytes = 0;
  for (let i = 0; i < order.length; i++) {
    bytes += sizes[i] ?? 0;
    if ((bytes >= most && blocks.length < pieces - 1) || i + 1 - from === MOST_ENTRIES) {
      blocks.push(order.subarray(from, i + 1));
      from = i + 1;
      bytes = 0;
    }
  }
  if (from < order.length) blocks.push(order.subarray(from));
  return blocks;
}

/**
 * Of the entries, as they are in a payload at least: so blocks that are merged, and are not too large together, never become several small
 * ones, which would be merged again. A name of metadata counts where it is first met; a payload has it once.
 */
function sizesOf({ starts, ends, metadata }: EntryBatch, order: Uint32Array): Float64Array {
  const sizes = new Float64Array(order.length);
  const names = new Set<string>();
  for (let i = 0; i < order.length; i++) {
    const index = order[i] ?? 0;
    let size = (ends[index] ?? 0) - (starts[index] ?? 0);
    const labels = metadata?.[index];
    for (const name in labels) {
      size += labels[name]?.length ?? 0;
      if (names.has(name)) continue;
      names.add(name);
      size += name.length;
    }
    sizes[i] = size;
  }
  return sizes;
}

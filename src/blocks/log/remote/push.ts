/** Entries as Loki's push takes them, in pieces that a server takes at once. */
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type EntryBatch, lineText, streamOf } from '../entry-batch.js';
import type { Labels } from '../labels.js';

/** Bytes of lines in one push: Loki takes 4 MB at once, unless it was told otherwise, and JSON has them escaped. */
const MOST_BYTES = 1 << 20;
const MOST_ENTRIES = 10_000;

type Value = readonly [timestamp: string, line: string, metadata?: Labels];

const compress = promisify(gzip);

/** Bodies of pushes, one after the other. */
export async function* pushBodies(batch: EntryBatch): AsyncGenerator<Buffer> {
  for (const [from, to] of pushRanges(batch)) yield await pushBody(batch, from, to);
}

/** The entries of each push that a batch takes. */
export function pushRanges(batch: EntryBatch): [from: number, to: number][] {
  const ranges: [number, number][] = [];
  for (let from = 0; from < batch.count; ) {
    const to = endOfPush(batch, from);
    ranges.push([from, to]);
    from = to;
  }
  return ranges;
}

/** Gzip over JSON. */
export function pushBody(batch: EntryBatch, from: number, to: number): Promise<Buffer> {
  return compress(JSON.stringify({ streams: streamsOf(batch, from, to) }));
}

function endOfPush({ count, starts, ends }: EntryBatch, from: number): number {
  let bytes = 0;
  let to = from;
  while (to < count && to - from < MOST_ENTRIES) {
    bytes += (ends[to] ?? 0) - (starts[to] ?? 0);
    if (bytes > MOST_BYTES && to > from) break;
    to++;
  }
  return to;
}

function streamsOf(batch: EntryBatch, from: number, to: number) {
  const values = new Map<Labels, Value[]>();
  for (let i = from; i < to; i++) {
    const stream = streamOf(batch, i);
    const list = values.get(stream);
    const metadata = batch.metadata?.[i];
    const time = String(batch.timestamps[i]);
    const value: Value = metadata === undefined ? [time, lineText(batch, i)] : [time, lineText(batch, i), metadata];
    if (list === undefined) values.set(stream, [value]);
    else list.push(value);
  }
  return [...values].map(([stream, list]) => ({ stream, values: list }));
}

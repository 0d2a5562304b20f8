/** Several batches as one, and one without some of its streams. Those of pushes: they have no origin. */
import { type EntryBatch, streamOf } from '../entry-batch.js';
import { type Labels, labelsKey } from '../labels.js';

export function concatBatches(batches: readonly EntryBatch[]): EntryBatch {
  const [first] = batches;
  if (first !== undefined && batches.length === 1) return first;
  let count = 0;
  for (const batch of batches) count += batch.count;
  const bytes = Buffer.concat(batches.map((batch) => batch.bytes));
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  const timestamps = new BigInt64Array(count);
  const streamNumbers = new Uint32Array(count);
  const streams: Labels[] = [];
  const numbers = new Map<string, number>();
  let metadata: (Labels | undefined)[] | undefined;
  let at = 0;
  let base = 0;
  for (const batch of batches) {
    const mapped = batch.streams.map((labels) => numberOf(labels, streams, numbers));
    for (let i = 0; i < batch.count; i++) {
      starts[at + i] = (batch.starts[i] ?? 0) + base;
      ends[at + i] = (batch.ends[i] ?? 0) + base;
      streamNumbers[at + i] = mapped[batch.streamOf?.[i] ?? 0] ?? 0;
    }
    timestamps.set(batch.timestamps.subarray(0, batch.count), at);
    if (batch.metadata !== undefined) {
      metadata ??= new Array<Labels | undefined>(count);
      for (let i = 0; i < batch.count; i++) metadata[at + i] = batch.metadata[i];
    }
    at += batch.count;
    base += batch.bytes.length;
  }
  return {
    ...{ count, bytes, starts, ends, timestamps, streams },
    ...(streams.length > 1 && { streamOf: streamNumbers }),
    ...(metadata !== undefined && { metadata }),
  };
}

function numberOf(labels: Labels, streams: Labels[], numbers: Map<string, number>): number {
  const key = labelsKey(labels);
  let number = numbers.get(key);
  if (number === undefined) {
    number = streams.push(labels) - 1;
    numbers.set(key, number);
  }
  return number;
}

/** The entries whose stream is wanted. */
export function withStreams(batch: EntryBatch, wanted: ReadonlySet<Labels>): EntryBatch {
  const kept: number[] = [];
  for (let i = 0; i < batch.count; i++) if (wanted.has(streamOf(batch, i))) kept.push(i);
  const { metadata, streamOf: numbers } = batch;
  return {
    count: kept.length,
    bytes: batch.bytes,
    starts: Uint32Array.from(kept, (i) => batch.starts[i] ?? 0),
    ends: Uint32Array.from(kept, (i) => batch.ends[i] ?? 0),
    timestamps: BigInt64Array.from(kept, (i) => batch.timestamps[i] ?? 0n),
    streams: batch.streams,
    ...(numbers !== undefined && { streamOf: Uint32Array.from(kept, (i) => numbers[i] ?? 0) }),
    ...(metadata !== undefined && { metadata: kept.map((i) => metadata[i]) }),
  };
}

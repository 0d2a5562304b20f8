/** Entries as JSON objects, for sinks that take documents. */
import { type EntryBatch, lineText, streamOf } from '../../entry-batch.js';

const NANOS = 1_000_000_000n;

/** ISO 8601 in UTC with nanoseconds. Times that a Date cannot hold are cut to its bounds. */
export function isoNanos(timestamp: bigint): string {
  const seconds = (timestamp - (((timestamp % NANOS) + NANOS) % NANOS)) / NANOS;
  const fraction = String(timestamp - seconds * NANOS).padStart(9, '0');
  return `${new Date(Number(seconds) * 1000).toISOString().slice(0, -5)}.${fraction}Z`;
}

/** A line of NDJSON, as `ds log serve` takes it (wire/ndjson.ts), with its line end. */
function envelopeLine(batch: EntryBatch, index: number): string {
  const timestamp = batch.timestamps[index] ?? 0n;
  return `${JSON.stringify({
    timestamp: isoNanos(timestamp),
    timestamp_ns: String(timestamp),
    line: lineText(batch, index),
    labels: streamOf(batch, index),
    metadata: batch.metadata?.[index],
  })}\n`;
}

export function envelopes(batch: EntryBatch): Buffer {
  let text = '';
  for (let i = 0; i < batch.count; i++) text += envelopeLine(batch, i);
  return Buffer.from(text);
}

/** Lines as they are, each with a line end. */
export function rawLines({ count, bytes, starts, ends }: EntryBatch): Buffer {
  let size = count;
  for (let i = 0; i < count; i++) size += (ends[i] ?? 0) - (starts[i] ?? 0);
  const out = Buffer.allocUnsafe(size);
  let at = 0;
  for (let i = 0; i < count; i++) {
    at += bytes.copy(out, at, starts[i], ends[i]);
    out[at++] = LINE_FEED;
  }
  return out;
}

const LINE_FEED = 10;

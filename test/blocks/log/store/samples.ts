/** Batches as tests put them together, and what is in a batch, in a form that can be compared. */
import fc from 'fast-check';
import { type EntryBatch, EntryBatchBuilder, lineBytes, streamOf } from '../../../../src/blocks/log/entry-batch.js';
import { type Labels, labelsKey, makeLabels } from '../../../../src/blocks/log/labels.js';

const MS = 1_000_000n;
export const SECOND = 1000n * MS;
export const HOUR = 3600n * SECOND;
export const NOON = 1_750_000_000n * SECOND;

export const labels = (values: Readonly<Record<string, string>>): Labels => makeLabels(Object.entries(values));

/** Entries a second apart from `start`, of one stream. */
export function batchOf(lines: readonly string[], start: bigint, stream: Labels = labels({ app: 'shop' })): EntryBatch {
  const builder = new EntryBatchBuilder();
  for (const [index, line] of lines.entries()) builder.add({ timestamp: start + BigInt(index) * SECOND, line, stream });
  return builder.build();
}

/** As read from a file: lines of `text`, each with its line end. */
export function readFrom(file: number, text: string, offset: number, start: bigint): EntryBatch {
  const lines = text.split('\n').slice(0, -1);
  const offsets = new Float64Array(lines.length);
  const endOffsets = new Float64Array(lines.length);
  let position = offset;
  for (const [index, line] of lines.entries()) {
    offsets[index] = position;
    position += Buffer.byteLength(line) + 1;
    endOffsets[index] = position;
  }
  const stream = labels({ filename: `/log/${file}` });
  return { ...batchOf(lines, start, stream), origin: { file, offsets, endOffsets } };
}

export interface Seen {
  readonly timestamp: bigint;
  readonly line: string;
  readonly stream: string;
  readonly metadata: string | undefined;
  readonly origin: readonly number[] | undefined;
}

export function seen(batch: EntryBatch, index: number): Seen {
  const metadata = batch.metadata?.[index];
  const { origin } = batch;
  const file = origin && (origin.fileOf === undefined ? origin.file : origin.fileOf[index]);
  return {
    timestamp: batch.timestamps[index] ?? 0n,
    line: lineBytes(batch, index).toString('latin1'),
    stream: labelsKey(streamOf(batch, index)),
    metadata: metadata && labelsKey(metadata),
    origin: file ? [file, origin?.offsets[index] ?? 0, origin?.endOffsets[index] ?? 0] : undefined,
  };
}

export const allSeen = (batch: EntryBatch): Seen[] =>
  Array.from({ length: batch.count }, (_, index) => seen(batch, index));

/** In order of time, equal ones as they came. */
export const sortedByTime = (entries: readonly Seen[]): Seen[] =>
  [...entries].sort((a, b) => (a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : 0));

const streams = [labels({ app: 'a' }), labels({ app: 'b', host: 'x' }), labels({})];

const metadata = fc.option(
  fc
    .dictionary(fc.constantFrom('trace_id', 'level', '__proto__', 'größe'), fc.string({ unit: 'grapheme' }), {
      noNullPrototype: false,
    })
    .map((values) => makeLabels(Object.entries(values))),
  { nil: undefined },
);

const timestamps = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: 0n, max: 100_000n }).map((ms) => NOON + ms * MS),
  fc.bigInt({ min: 0n, max: 10n }).map((seconds) => NOON + seconds * SECOND),
);

const entry = fc.record({
  timestamp: timestamps,
  line: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ maxLength: 300 }).map((text) => Buffer.from(text)),
  ),
  stream: fc.constantFrom(...streams),
  metadata,
});

const placed = fc.record({ file: fc.nat(3), offset: fc.nat(2 ** 30), length: fc.nat(500) });

/** Any batch: any bytes, times in any order, metadata and origins of several files or none. */
export const anyBatch: fc.Arbitrary<EntryBatch> = fc
  .tuple(fc.array(fc.tuple(entry, placed), { minLength: 1, maxLength: 60 }), fc.boolean())
  .map(([entries, hasOrigin]) => {
    const builder = new EntryBatchBuilder();
    for (const [{ timestamp, line, stream, metadata }] of entries) builder.add({ timestamp, line, stream, metadata });
    if (!hasOrigin) return builder.build();
    const origin = {
      file: 0,
      fileOf: Uint32Array.from(entries, ([, { file }]) => file),
      offsets: Float64Array.from(entries, ([, { offset }]) => offset),
      endOffsets: Float64Array.from(entries, ([, { offset, length }]) => offset + length),
    };
    return { ...builder.build(), origin };
  });

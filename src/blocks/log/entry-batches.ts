/** Batches of one become one batch of many; or some of its entries a batch of their own. */
import { type EntryBatch, type Origin, streamOf } from './entry-batch.js';
import { type Labels, labelsKey } from './labels.js';

/** Of all entries together, where they were read. */
type OriginsOf = (batches: readonly EntryBatch[], count: number) => Origin | undefined;

/**
 * All entries, in order. Lines are copied once, unless there is one batch only. Origins are kept where all are of one file, unless told
 * otherwise.
 */
export function concatenate(batches: readonly EntryBatch[], originsOf: OriginsOf = commonOrigin): EntryBatch {
  const [first] = batches;
  if (first !== undefined && batches.length === 1) return first;
  const count = batches.reduce((total, batch) => total + batch.count, 0);
  const spans = batches.map(spanOf);
  const bytes = Buffer.allocUnsafe(spans.reduce((total, [from, to]) => total + to - from, 0));
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  const timestamps = new BigInt64Array(count);
  const streams = new StreamNumbers();
  const streamNumbers = new Uint32Array(count);
  const metadata: (Labels | undefined)[] | undefined = batches.some((batch) => batch.metadata) ? [] : undefined;
  let entry = 0;
  let used = 0;
  for (const [index, batch] of batches.entries()) {
    const [from, to] = spans[index] ?? [0, 0];
    batch.bytes.copy(bytes, used, from, to);
    timestamps.set(batch.timestamps.subarray(0, batch.count), entry);
    const numbers = batch.streams.map((stream) => streams.numberOf(stream));
    for (let i = 0; i < batch.count; i++, entry++) {
      starts[entry] = (batch.starts[i] ?? 0) - from + used;
      ends[entry] = (batch.ends[i] ?? 0) - from + used;
      streamNumbers[entry] = numbers[batch.streamOf?.[i] ?? 0] ?? 0;
      if (metadata !== undefined) metadata[entry] = batch.metadata?.[i];
    }
    used += to - from;
  }
  return {
    count,
    bytes,
    starts,
    ends,
    timestamps,
    streams: streams.all,
    metadata,
    streamOf: streams.all.length > 1 ? streamNumbers : undefined,
    origin: originsOf(batches, count),
  };
}

/** Entries from `from` to before `to`. Nothing is copied but metadata. */
export function part(batch: EntryBatch, from: number, to: number): EntryBatch {
  const { origin } = batch;
  return {
    count: to - from,
    bytes: batch.bytes,
    starts: batch.starts.subarray(from, to),
    ends: batch.ends.subarray(from, to),
    timestamps: batch.timestamps.subarray(from, to),
    streams: batch.streams,
    streamOf: batch.streamOf?.subarray(from, to),
    metadata: batch.metadata?.slice(from, to),
    origin: origin && {
      file: origin.file,
      offsets: origin.offsets.subarray(from, to),
      endOffsets: origin.endOffsets.subarray(from, to),
    },
  };
}

/** The entries with these indexes, which rise. */
export function pick(batch: EntryBatch, indexes: readonly number[]): EntryBatch {
  return concatenate(indexes.map((index) => part(batch, index, index + 1)));
}

/** The entries whose stream is wanted. */
export function withStreams(batch: EntryBatch, wanted: ReadonlySet<Labels>): EntryBatch {
  const kept: number[] = [];
  for (let i = 0; i < batch.count; i++) if (wanted.has(streamOf(batch, i))) kept.push(i);
  return withEntries(batch, kept);
}

/** The entries with these indexes, which rise, without their origins; lines are not copied. */
export function withEntries(batch: EntryBatch, kept: readonly number[]): EntryBatch {
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

/** Streams are told apart by what they say: many chunks bring the same one. */
class StreamNumbers {
  readonly all: Labels[] = [];
  readonly #byIdentity = new Map<Labels, number>();
  readonly #byKey = new Map<string, number>();

  numberOf(stream: Labels): number {
    let number = this.#byIdentity.get(stream);
    if (number !== undefined) return number;
    const key = labelsKey(stream);
    number = this.#byKey.get(key) ?? this.all.push(stream) - 1;
    this.#byIdentity.set(stream, number);
    this.#byKey.set(key, number);
    return number;
  }
}

/** Where the first line begins and the last one ends; lines need not be in order. */
function spanOf({ count, starts, ends }: EntryBatch): readonly [from: number, to: number] {
  if (count === 0) return [0, 0];
  let from = Number.POSITIVE_INFINITY;
  let to = 0;
  for (let i = 0; i < count; i++) {
    from = Math.min(from, starts[i] ?? 0);
    to = Math.max(to, ends[i] ?? 0);
  }
  return [from, to];
}

function commonOrigin(batches: readonly EntryBatch[], count: number): Origin | undefined {
  const file = batches[0]?.origin?.file;
  if (file === undefined || batches.some(({ origin }) => origin?.file !== file)) return undefined;
  const offsets = new Float64Array(count);
  const endOffsets = new Float64Array(count);
  let entry = 0;
  for (const { origin, count: own } of batches) {
    if (origin === undefined) return undefined;
    offsets.set(origin.offsets.subarray(0, own), entry);
    endOffsets.set(origin.endOffsets.subarray(0, own), entry);
    entry += own;
  }
  return { file, offsets, endOffsets };
}

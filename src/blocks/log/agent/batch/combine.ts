/** Batches of one become one batch of many, a part of one, or one with more labels. */
import { type EntryBatch, lineBytesTotal, type Origin } from '../../entry-batch.js';
import { emptyLabels, type Labels, labelsKey } from '../../labels.js';

/** All entries, in order. Origins are kept where all are of one file. Lines are copied once, unless there is one batch only. */
export function concatenate(batches: readonly EntryBatch[]): EntryBatch {
  const [first] = batches;
  if (first !== undefined && batches.length === 1) return first;
  const count = batches.reduce((total, batch) => total + batch.count, 0);
  const spans = batches.map(spanOf);
  const bytes = Buffer.allocUnsafe(spans.reduce((total, [from, to]) => total + to - from, 0));
  const starts = new Uint32Array(count);
  const ends = new Uint32Array(count);
  const timestamps = new BigInt64Array(count);
  const streams = new StreamNumbers();
  const streamOf = new Uint32Array(count);
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
      streamOf[entry] = numbers[batch.streamOf?.[i] ?? 0] ?? 0;
      if (metadata !== undefined) metadata[entry] = batch.metadata?.[i];
    }
    used += to - from;
  }
  const origin = commonOrigin(batches, count);
  return { count, bytes, starts, ends, timestamps, streams: streams.all, streamOf, metadata, origin };
}

/** A block of the store: of larger batches nothing is gained by a copy. */
const LARGE_BYTES = 256 * 1024;

/** Neighbours together where they are small, all of one origin or of none. */
export function joinSmall(batches: readonly EntryBatch[]): EntryBatch[] {
  const joined: EntryBatch[] = [];
  let small: EntryBatch[] = [];
  let bytes = 0;
  const close = () => {
    if (small.length > 0) joined.push(concatenate(small));
    small = [];
    bytes = 0;
  };
  for (const batch of batches) {
    small.push(batch);
    bytes += lineBytesTotal(batch);
    if (bytes >= LARGE_BYTES) close();
  }
  close();
  return joined;
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

/** Adds labels to every stream. What a stream has is kept: a source knows better than a flag. */
export class LabelAdder {
  readonly #labels: Labels;
  readonly #isEmpty: boolean;
  /** So that a stream is one object however often it comes. */
  readonly #labelled = new WeakMap<Labels, Labels>();

  constructor(labels: Labels) {
    this.#labels = labels;
    this.#isEmpty = Object.keys(labels).length === 0;
  }

  add(batch: EntryBatch): EntryBatch {
    return this.#isEmpty ? batch : { ...batch, streams: batch.streams.map((stream) => this.#labelledOf(stream)) };
  }

  #labelledOf(stream: Labels): Labels {
    let labelled = this.#labelled.get(stream);
    if (labelled === undefined) {
      labelled = Object.assign(emptyLabels(), this.#labels, stream);
      this.#labelled.set(stream, labelled);
    }
    return labelled;
  }
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

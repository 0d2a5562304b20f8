/**
 * Entries in columns: what sources read, transforms change, the store keeps and sinks send. No object and no string is made of a line
 * that only passes through.
 *
 *     bytes       … GET /a 200\nGET /b 404\n …        one buffer; lines need not be next to each other
 *     starts           ^             ^                 where line i begins
 *     ends                       ^             ^       where it ends, its line end not included
 *     timestamps  nanoseconds since the Unix epoch
 *     streamOf    index into streams; absent: all are of streams[0]
 *     metadata    structured metadata of entry i, where it has some
 *     origin      where line i was read: file, and the bytes of it that the entry covers, line end included
 */
import { type Labels, sizeOfLabels } from './labels.js';

/** Where the entries of a batch were read: all of one file, unless `fileOf` says otherwise. */
export interface Origin {
  /** Number of the file in the ledger: a file that was truncated and begins anew is another one. */
  readonly file: number;
  /** Only in blocks that were merged, of entries of several files: the number of entry i's; 0 where it was read from none. */
  readonly fileOf?: Uint32Array | undefined;
  /** Bytes of the file before entry i. */
  readonly offsets: Float64Array;
  /** Bytes of the file up to the end of entry i, its last line end included. Entry i+1 need not begin there: lines may have been dropped. */
  readonly endOffsets: Float64Array;
}

export interface EntryBatch {
  readonly count: number;
  readonly bytes: Buffer;
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  readonly timestamps: BigInt64Array;
  readonly streams: readonly Labels[];
  readonly streamOf?: Uint32Array | undefined;
  readonly metadata?: readonly (Labels | undefined)[] | undefined;
  readonly origin?: Origin | undefined;
}

/** Line i, without a copy. */
export function lineBytes(batch: EntryBatch, index: number): Buffer {
  return batch.bytes.subarray(batch.starts[index], batch.ends[index]);
}

/** Line i as text; bytes that are no UTF-8 become U+FFFD. */
export function lineText(batch: EntryBatch, index: number): string {
  return batch.bytes.toString('utf8', batch.starts[index], batch.ends[index]);
}

export function streamOf(batch: EntryBatch, index: number): Labels {
  const stream = batch.streams[batch.streamOf?.[index] ?? 0];
  if (stream === undefined) throw new RangeError(`entry ${index} has no stream`);
  return stream;
}

/** Bytes of all lines together, without line ends. */
export function lineBytesTotal({ count, starts, ends }: EntryBatch): number {
  let total = 0;
  for (let i = 0; i < count; i++) total += (ends[i] ?? 0) - (starts[i] ?? 0);
  return total;
}

/** Characters of all structured metadata together. */
export function metadataTotal({ metadata = [] }: EntryBatch): number {
  let total = 0;
  for (const labels of metadata) total += sizeOfLabels(labels);
  return total;
}

/** What is added, entry by entry. */
export interface NewEntry {
  readonly timestamp: bigint;
  readonly line: string | Uint8Array;
  readonly stream: Labels;
  readonly metadata?: Labels | undefined;
}

const FIRST_CAPACITY = 64;
const FIRST_BYTES = 16 * 1024;

/** Makes a batch of entries that come one by one. Streams are told apart by identity: give the same object for the same labels. */
export class EntryBatchBuilder {
  #count = 0;
  #bytes: Buffer = Buffer.allocUnsafe(FIRST_BYTES);
  #used = 0;
  #starts = new Uint32Array(FIRST_CAPACITY);
  #ends = new Uint32Array(FIRST_CAPACITY);
  #timestamps = new BigInt64Array(FIRST_CAPACITY);
  #streamOf = new Uint32Array(FIRST_CAPACITY);
  readonly #streams: Labels[] = [];
  readonly #numbers = new Map<Labels, number>();
  #metadata: (Labels | undefined)[] | undefined;

  get count(): number {
    return this.#count;
  }

  /** Bytes of the lines so far. */
  get size(): number {
    return this.#used;
  }

  add({ timestamp, line, stream, metadata }: NewEntry): void {
    const index = this.#count++;
    if (index === this.#starts.length) this.#growColumns();
    this.#starts[index] = this.#used;
    this.#append(line);
    this.#ends[index] = this.#used;
    this.#timestamps[index] = timestamp;
    this.#streamOf[index] = this.#numberOf(stream);
    if (metadata !== undefined) {
      this.#metadata ??= [];
      this.#metadata[index] = metadata;
    }
  }

  /** The batch; the builder is used up. */
  build(): EntryBatch {
    const count = this.#count;
    const metadata = this.#metadata;
    if (metadata !== undefined) metadata.length = count;
    return {
      count,
      bytes: this.#bytes.subarray(0, this.#used),
      starts: this.#starts.subarray(0, count),
      ends: this.#ends.subarray(0, count),
      timestamps: this.#timestamps.subarray(0, count),
      streams: this.#streams,
      ...(this.#streams.length > 1 && { streamOf: this.#streamOf.subarray(0, count) }),
      ...(metadata !== undefined && { metadata }),
    };
  }

  #append(line: string | Uint8Array): void {
    const most = typeof line === 'string' ? line.length * 3 : line.length;
    if (this.#used + most > this.#bytes.length) this.#growBytes(this.#used + most);
    if (typeof line === 'string') this.#used += this.#bytes.write(line, this.#used, 'utf8');
    else {
      this.#bytes.set(line, this.#used);
      this.#used += line.length;
    }
  }

  #numberOf(stream: Labels): number {
    let number = this.#numbers.get(stream);
    if (number === undefined) {
      number = this.#streams.push(stream) - 1;
      this.#numbers.set(stream, number);
    }
    return number;
  }

  #growBytes(needed: number): void {
    const grown = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(grown, 0, 0, this.#used);
    this.#bytes = grown;
  }

  #growColumns(): void {
    const capacity = this.#starts.length * 2;
    this.#starts = grow(this.#starts, new Uint32Array(capacity));
    this.#ends = grow(this.#ends, new Uint32Array(capacity));
    this.#streamOf = grow(this.#streamOf, new Uint32Array(capacity));
    const timestamps = new BigInt64Array(capacity);
    timestamps.set(this.#timestamps);
    this.#timestamps = timestamps;
  }
}

function grow(old: Uint32Array, larger: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  larger.set(old);
  return larger;
}

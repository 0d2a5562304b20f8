/** What transforms make of a batch: fewer entries, other metadata, other lines. Columns that stay the same are shared, not copied. */
import type { EntryBatch, Origin } from '../entry-batch.js';
import type { Labels } from '../labels.js';
import type { TransformOutput } from './transform.js';

/**
 * The entries whose index is in `kept`, in that order (rising); `reason` is what became of the others. The same batch where all are kept.
 */
export function keepEntries(batch: EntryBatch, kept: Uint32Array, reason: string): TransformOutput {
  const gone = batch.count - kept.length;
  if (gone === 0) return { batch };
  const { streamOf, metadata, origin } = batch;
  const timestamps = new BigInt64Array(kept.length);
  for (let i = 0; i < kept.length; i++) timestamps[i] = batch.timestamps[kept[i] ?? 0] ?? 0n;
  return {
    batch: {
      count: kept.length,
      bytes: batch.bytes,
      starts: pick(batch.starts, kept),
      ends: pick(batch.ends, kept),
      timestamps,
      streams: batch.streams,
      ...(streamOf !== undefined && { streamOf: pick(streamOf, kept) }),
      ...(metadata !== undefined && { metadata: Array.from(kept, (index) => metadata[index]) }),
      ...(origin !== undefined && { origin: keepOrigin(origin, kept) }),
    },
    dropped: new Map([[reason, gone]]),
  };
}

function pick(column: Uint32Array, kept: Uint32Array): Uint32Array {
  const picked = new Uint32Array(kept.length);
  for (let i = 0; i < kept.length; i++) picked[i] = column[kept[i] ?? 0] ?? 0;
  return picked;
}

function keepOrigin({ file, offsets, endOffsets }: Origin, kept: Uint32Array): Origin {
  const from = new Float64Array(kept.length);
  const to = new Float64Array(kept.length);
  for (let i = 0; i < kept.length; i++) {
    from[i] = offsets[kept[i] ?? 0] ?? 0;
    to[i] = endOffsets[kept[i] ?? 0] ?? 0;
  }
  return { file, offsets: from, endOffsets: to };
}

/** Collects what a filter keeps. */
export class Kept {
  readonly #indexes: Uint32Array;
  #count = 0;

  constructor(batch: EntryBatch) {
    this.#indexes = new Uint32Array(batch.count);
  }

  add(index: number): void {
    this.#indexes[this.#count++] = index;
  }

  indexes(): Uint32Array {
    return this.#indexes.subarray(0, this.#count);
  }
}

/** Collects lines that are to be replaced; their bytes stand behind those of the batch. */
export class NewLines {
  readonly #batch: EntryBatch;
  readonly #pieces: Buffer[] = [];
  #starts: Uint32Array | undefined;
  #ends: Uint32Array | undefined;
  #size: number;

  constructor(batch: EntryBatch) {
    this.#batch = batch;
    this.#size = batch.bytes.length;
  }

  set(index: number, line: Buffer): void {
    this.#starts ??= this.#batch.starts.slice(0, this.#batch.count);
    this.#ends ??= this.#batch.ends.slice(0, this.#batch.count);
    this.#pieces.push(line);
    this.#starts[index] = this.#size;
    this.#size += line.length;
    this.#ends[index] = this.#size;
  }

  /** The same batch where no line was replaced. */
  build(): EntryBatch {
    if (this.#starts === undefined || this.#ends === undefined) return this.#batch;
    const bytes = Buffer.concat([this.#batch.bytes, ...this.#pieces], this.#size);
    return { ...this.#batch, bytes, starts: this.#starts, ends: this.#ends };
  }
}

/** Metadata of entries, to be changed; the batch's own are left as they are. */
export function copyMetadata({ metadata, count }: EntryBatch): (Labels | undefined)[] {
  return metadata === undefined ? new Array<Labels | undefined>(count).fill(undefined) : metadata.slice(0, count);
}

/** A label of entry i: of its metadata, else of its stream; undefined where neither has it. */
export function labelOf(batch: EntryBatch, index: number, name: string): string | undefined {
  return batch.metadata?.[index]?.[name] ?? batch.streams[batch.streamOf?.[index] ?? 0]?.[name];
}

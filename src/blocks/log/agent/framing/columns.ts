/** Columns of framed entries that grow; one set for each piece, nothing for each line. */
import type { Labels } from '../../labels.js';
import type { Framed } from './framing.js';

/** Bytes a line has at a guess: columns are made for that many lines, and grow where lines are shorter. */
const USUAL_LINE_BYTES = 100;
const COLUMN_BYTES = Uint32Array.BYTES_PER_ELEMENT;

export class FramedColumns {
  #count = 0;
  #starts: Uint32Array;
  #ends: Uint32Array;
  #rangeStarts: Uint32Array;
  #rangeEnds: Uint32Array;
  #metadata: (Labels | undefined)[] | undefined;

  constructor(bytes: number) {
    const capacity = Math.ceil(bytes / USUAL_LINE_BYTES) + 8;
    // One memory for the four: a thousand small files at once are a thousand sets.
    const memory = new ArrayBuffer(4 * COLUMN_BYTES * capacity);
    const column = (index: number) => new Uint32Array(memory, index * COLUMN_BYTES * capacity, capacity);
    this.#starts = column(0);
    this.#ends = column(1);
    this.#rangeStarts = column(2);
    this.#rangeEnds = column(3);
  }

  get count(): number {
    return this.#count;
  }

  add(start: number, end: number, rangeStart: number, rangeEnd: number): void {
    const index = this.#count++;
    if (index === this.#starts.length) this.#grow();
    this.#starts[index] = start;
    this.#ends[index] = end;
    this.#rangeStarts[index] = rangeStart;
    this.#rangeEnds[index] = rangeEnd;
  }

  /** Of the entry that was added last. */
  mark(metadata: Labels): void {
    this.#metadata ??= [];
    this.#metadata[this.#count - 1] = metadata;
  }

  build(lines: number, consumed: number): Framed {
    const count = this.#count;
    if (this.#metadata !== undefined) this.#metadata.length = count;
    return {
      count,
      starts: this.#starts.subarray(0, count),
      ends: this.#ends.subarray(0, count),
      rangeStarts: this.#rangeStarts.subarray(0, count),
      rangeEnds: this.#rangeEnds.subarray(0, count),
      lines,
      consumed,
      metadata: this.#metadata,
    };
  }

  #grow(): void {
    const grown = (old: Uint32Array) => {
      const larger = new Uint32Array(old.length * 2);
      larger.set(old);
      return larger;
    };
    this.#starts = grown(this.#starts);
    this.#ends = grown(this.#ends);
    this.#rangeStarts = grown(this.#rangeStarts);
    this.#rangeEnds = grown(this.#rangeEnds);
  }
}

/**
 * Which of the output is kept: the first half of what is allowed as it comes, of all that follows the last half.
 *
 *     written   [ head ............ ][ left out ............... ][ tail ............ ]
 *     stored    h h h h h h h h h h  m                           t t t t t t t t t t
 *
 * The tail is a ring. What falls out of it before it was stored never is; what was stored is dropped from the store. In its
 * place stands `m`, an empty chunk that says how many bytes are missing; it takes the last sequence that was dropped, so
 * that sequences rise. A chunk is of one stream, of 64 KiB at most, and is given out by take() when it is to be stored.
 */
import type { OutputChunk } from '../run.js';
import type { AttemptPart } from './attempt.js';

const LARGEST_CHUNK = 64 * 1024;

/** A tail of fewer, larger chunks would lose much of its half with each that falls out. */
const TAIL_CHUNKS = 8;

/** Of head and of tail each: rows of a few bytes are mostly overhead. */
const MOST_CHUNKS = 8_192;

type Stream = OutputChunk['stream'];

interface Gathered {
  readonly stream: Stream;
  readonly at: number;
  readonly pieces: Uint8Array[];
  length: number;
}

export interface OutputLimits {
  readonly mostBytes: number;
  readonly attempt: number;
  readonly firstSequence: number;
}

export class OutputBuffer {
  readonly #headBytes: number;
  readonly #tailBytes: number;
  readonly #tailChunk: number;
  readonly #attempt: number;
  #next: number;
  #headLeft: number;
  #headChunks = 0;
  #head: Gathered[] = [];
  /** In the store, the oldest first. */
  readonly #stored: { readonly sequence: number; readonly length: number }[] = [];
  #tail: Gathered[] = [];
  #ring = 0;
  #omitted = 0;
  #toldOmitted = 0;
  #omittedAt = 0;
  #marker: number | undefined;
  #drop: { from: number; to: number } | undefined;

  constructor({ mostBytes, attempt, firstSequence }: OutputLimits) {
    this.#headBytes = Math.ceil(mostBytes / 2);
    this.#tailBytes = mostBytes - this.#headBytes;
    this.#tailChunk = Math.max(1, Math.min(LARGEST_CHUNK, Math.floor(this.#tailBytes / TAIL_CHUNKS)));
    this.#attempt = attempt;
    this.#next = firstSequence;
    this.#headLeft = this.#headBytes;
  }

  /** Something of the head waits to be stored. */
  get hasHead(): boolean {
    return this.#head.length > 0;
  }

  /** Something of the tail does. */
  get hasTail(): boolean {
    return this.#tail.length > 0 || this.#omitted > this.#toldOmitted;
  }

  add(stream: Stream, bytes: Uint8Array, at: number): void {
    const toHead = this.#headChunks < MOST_CHUNKS ? Math.min(bytes.length, this.#headLeft) : 0;
    for (let from = 0; from < toHead; ) {
      const taken = this.#gather(this.#head, stream, bytes.subarray(from, toHead), at, LARGEST_CHUNK);
      if (taken.isNew) this.#headChunks++;
      from += taken.length;
      this.#headLeft -= taken.length;
    }
    // What comes later is behind what was left out, even where the head has room.
    if (toHead < bytes.length) this.#headLeft = 0;
    const passing = bytes.length - toHead - this.#tailBytes;
    if (passing > 0) this.#passOver(passing, at);
    for (let from = toHead + Math.max(0, passing); from < bytes.length; ) {
      const taken = this.#gather(this.#tail, stream, bytes.subarray(from), at, this.#tailChunk);
      from += taken.length;
      this.#ring += taken.length;
      this.#makeRoom(at);
    }
  }

  /** What is to be stored now, of the tail only when asked to; undefined when there is nothing. */
  take({ withTail }: { readonly withTail: boolean }): AttemptPart | undefined {
    const chunks = this.#head.map((gathered) => this.#chunk(gathered));
    this.#head = [];
    if (withTail) chunks.push(...this.#takeTail());
    const drop = withTail ? this.#drop : undefined;
    if (withTail) this.#drop = undefined;
    if (chunks.length === 0) return undefined;
    return drop === undefined ? { chunks } : { chunks, drop };
  }

  #takeTail(): OutputChunk[] {
    const chunks: OutputChunk[] = [];
    if (this.#omitted > this.#toldOmitted) {
      this.#toldOmitted = this.#omitted;
      if (this.#marker !== undefined) this.#widenDrop(this.#marker);
      this.#marker = this.#drop?.to ?? this.#next++;
      const bytes = new Uint8Array(0);
      const omittedBefore = this.#omitted;
      const at = this.#omittedAt;
      chunks.push({ attempt: this.#attempt, sequence: this.#marker, stream: 'stdout', at, bytes, omittedBefore });
    }
    for (const gathered of this.#tail) {
      this.#stored.push({ sequence: this.#next, length: gathered.length });
      chunks.push(this.#chunk(gathered));
    }
    this.#tail = [];
    return chunks;
  }

  #gather(into: Gathered[], stream: Stream, bytes: Uint8Array, at: number, largest: number) {
    const last = into.at(-1);
    if (last !== undefined && last.stream === stream && last.length < largest) {
      const piece = bytes.subarray(0, largest - last.length);
      last.pieces.push(piece);
      last.length += piece.length;
      return { length: piece.length, isNew: false };
    }
    const piece = bytes.subarray(0, largest);
    into.push({ stream, at, pieces: [piece], length: piece.length });
    return { length: piece.length, isNew: true };
  }

  /** More comes at once than the tail holds: all that is in it goes, and the beginning of what comes. */
  #passOver(length: number, at: number): void {
    while (this.#ring > 0) this.#letFall(at);
    this.#omitted += length;
    this.#omittedAt = at;
  }

  #makeRoom(at: number): void {
    while (this.#ring > this.#tailBytes || this.#stored.length + this.#tail.length > MOST_CHUNKS) this.#letFall(at);
  }

  /** The oldest of the tail, which is not empty. */
  #letFall(at: number): void {
    const stored = this.#stored.shift();
    if (stored !== undefined) this.#widenDrop(stored.sequence);
    const { length } = stored ?? this.#tail.shift() ?? { length: this.#ring };
    this.#ring -= length;
    this.#omitted += length;
    this.#omittedAt = at;
  }

  #widenDrop(sequence: number): void {
    const { from, to } = this.#drop ?? { from: sequence, to: sequence };
    this.#drop = { from: Math.min(from, sequence), to: Math.max(to, sequence) };
  }

  #chunk({ stream, at, pieces }: Gathered): OutputChunk {
    const bytes = pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
    return { attempt: this.#attempt, sequence: this.#next++, stream, at, bytes, omittedBefore: 0 };
  }
}

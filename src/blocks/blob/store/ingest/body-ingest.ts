/**
 * One body on its way into packs. Slabs come in order and are looked at where they lie: nothing is copied, and a slab is given back once no
 * byte of it belongs to the chunk that is still growing.
 *
 *     slabs    │         1         │         2         │         3
 *     chunks   │      a      │        b        │         c …
 *                                              └ b is whole: slab 1 is given back
 */
import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Cutter } from '../../chunking/cutter.js';
import { Compression } from './compression.js';
import type { Ingested } from './ingested.js';

/** Where chunks go. */
export interface ChunkSink {
  /** Index of the chunk in what {@link BodyIngest.chunks} has; stores it unless it is there. The pieces are valid until it returns. */
  keep(chunk: WholeChunk): Ingested['chunks'][number];
}

export interface WholeChunk {
  readonly hash: Uint8Array;
  readonly pieces: readonly Uint8Array[];
  readonly length: number;
  /** Of the bytes as they are. */
  readonly crc: number;
  readonly compression: Compression;
}

export class BodyIngest {
  readonly #sink: ChunkSink;
  readonly #giveBack: (buffer: ArrayBuffer) => void;
  readonly #cutter: Cutter;
  readonly #compression = new Compression();
  readonly #chunks: Ingested['chunks'][number][] = [];
  readonly #order: number[] = [];
  /** By hash: a chunk that comes twice in one body is stored once. */
  readonly #indexes = new Map<string, number>();
  #size = 0;
  /** The chunk that grows. */
  #sha256: Hash = createHash('sha256');
  #crc = 0;
  #length = 0;
  #pieces: Uint8Array<ArrayBuffer>[] = [];

  constructor(gear: Int32Array, sink: ChunkSink, giveBack: (buffer: ArrayBuffer) => void) {
    this.#cutter = new Cutter(gear);
    this.#sink = sink;
    this.#giveBack = giveBack;
  }

  get chunks(): Ingested['chunks'] {
    return this.#chunks;
  }

  write(buffer: ArrayBuffer, length: number): void {
    const bytes = new Uint8Array(buffer, 0, length);
    this.#size += length;
    for (let from = 0; from < length; ) {
      const cut = this.#cutter.next(bytes, from);
      const until = cut === -1 ? length : cut;
      this.#grow(bytes.subarray(from, until));
      if (cut !== -1) this.#finishChunk(buffer);
      from = until;
    }
    if (!this.#pieces.some((piece) => piece.buffer === buffer)) this.#giveBack(buffer);
  }

  /** Ends the chunk that grows although its content does not say so, so that its slabs can be given back. */
  cutHere(): void {
    if (this.#length === 0) return;
    this.#cutter.reset();
    this.#finishChunk(undefined);
  }

  end(): Pick<Ingested, 'size' | 'chunks' | 'order'> {
    this.cutHere();
    return { size: this.#size, chunks: this.#chunks, order: this.#order };
  }

  /** Gives all slabs back. */
  abort(): void {
    this.#dropPieces(undefined);
  }

  #grow(piece: Uint8Array<ArrayBuffer>): void {
    this.#sha256.update(piece);
    this.#crc = crc32(piece, this.#crc);
    this.#length += piece.length;
    this.#pieces.push(piece);
  }

  /** `present`: the slab that is being looked at, which is not given back yet. */
  #finishChunk(present: ArrayBuffer | undefined): void {
    const hash = this.#sha256.digest();
    const key = hash.toString('latin1');
    let index = this.#indexes.get(key);
    if (index === undefined) {
      const chunk = {
        hash,
        pieces: this.#pieces,
        length: this.#length,
        crc: this.#crc,
        compression: this.#compression,
      };
      index = this.#chunks.push(this.#sink.keep(chunk)) - 1;
      this.#indexes.set(key, index);
    }
    this.#order.push(index);
    this.#dropPieces(present);
    this.#sha256 = createHash('sha256');
    this.#crc = 0;
    this.#length = 0;
  }

  #dropPieces(present: ArrayBuffer | undefined): void {
    const buffers = new Set(this.#pieces.map((piece) => piece.buffer));
    this.#pieces = [];
    for (const buffer of buffers) if (buffer !== present) this.#giveBack(buffer);
  }
}

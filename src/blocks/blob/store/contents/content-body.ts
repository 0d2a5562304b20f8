/**
 * The bytes of a content, read a window at a time, the next one while the consumer works on the present one:
 *
 *     packs      │ window 1 │ window 2 │ window 3
 *     consumer              │ pieces of 1 ……│ pieces of 2 …
 *
 * Whoever asked for it has it kept from gc until it ends; so it tells its end once, however it comes, and also where nobody began to read.
 */
import type { ChunkReader, ReadWindow } from './chunk-reader.js';
import type { ManifestEntry } from './manifest.js';

/** Entries that are looked up for one window: more do not fit into it. */
const MOST_ENTRIES = 64;

export class ContentBody implements AsyncIterableIterator<Uint8Array> {
  readonly #reader: ChunkReader;
  readonly #entries: readonly ManifestEntry[];
  readonly #pieces: AsyncGenerator<Uint8Array, void>;
  #onEnd: (() => void) | undefined;
  #next = 0;

  constructor(reader: ChunkReader, entries: readonly ManifestEntry[], onEnd: () => void) {
    this.#reader = reader;
    this.#entries = entries;
    this.#onEnd = onEnd;
    this.#pieces = this.#readAll();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      const result = await this.#pieces.next();
      if (result.done !== true) return result;
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#end();
    return { done: true, value: undefined };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    try {
      await this.#pieces.return();
    } finally {
      this.#end();
    }
    return { done: true, value: undefined };
  }

  #end(): void {
    this.#onEnd?.();
    this.#onEnd = undefined;
  }

  async *#readAll(): AsyncGenerator<Uint8Array, void> {
    let coming = this.#start();
    try {
      while (coming !== undefined) {
        const window: ReadWindow = await coming;
        coming = undefined;
        try {
          if (this.#reader.mayReadAhead) coming = this.#start();
          yield* window.pieces;
        } finally {
          window.release();
        }
        coming ??= this.#start();
      }
    } finally {
      const left = await coming?.catch(() => undefined);
      left?.release();
    }
  }

  #start(): Promise<ReadWindow> | undefined {
    if (this.#next >= this.#entries.length) return undefined;
    const { count, window } = this.#reader.readSome(this.#entries.slice(this.#next, this.#next + MOST_ENTRIES));
    this.#next += count;
    // Told when its turn comes, which may be later than it fails.
    window.catch(() => {});
    return window;
  }
}

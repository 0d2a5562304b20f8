/** Buffers that bodies are read into, used again, since fresh memory costs more than reading into it. */
import { LARGEST_CHUNK } from '../../chunking/cutter.js';

/** Bytes of one: what is read at once. A whole chunk must fit. */
export const READ_BYTES = LARGEST_CHUNK;
/** Kept for the next body. */
const MOST_IDLE = 32;
/** While more are in use nobody reads ahead, so that many slow readers take one each and not two. */
const MOST_WITH_READING_AHEAD = 48;

export class ReadBuffers {
  readonly #idle: Uint8Array[] = [];
  #taken = 0;

  get mayReadAhead(): boolean {
    return this.#taken < MOST_WITH_READING_AHEAD;
  }

  take(): Uint8Array {
    this.#taken++;
    return this.#idle.pop() ?? new Uint8Array(READ_BYTES);
  }

  put(buffer: Uint8Array): void {
    this.#taken--;
    if (this.#idle.length < MOST_IDLE) this.#idle.push(buffer);
  }
}

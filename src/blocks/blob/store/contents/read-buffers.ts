/**
 * Buffers that bodies are read into, used again, since fresh memory costs more than reading into it. Whoever finds none waits his turn: clients that do
 * not read what they have asked for keep the buffers of their bodies until they are cut off. Nobody may wait who has one.
 */
import { LARGEST_CHUNK } from '../../chunking/cutter.js';

/** Bytes of one: what is read at once. A whole chunk must fit. */
export const READ_BYTES = LARGEST_CHUNK;
/** Kept for the next body. */
const MOST_IDLE = 32;
/** While more are in use nobody reads ahead, so that many slow readers take one each and not two. */
const MOST_WITH_READING_AHEAD = 48;
/** There are at most: 128 MiB. */
const MOST_TAKEN = 128;

export class ReadBuffers {
  readonly #most: number;
  readonly #idle: Uint8Array[] = [];
  readonly #waiting: ((buffer: Uint8Array) => void)[] = [];
  #taken = 0;

  constructor(most = MOST_TAKEN) {
    this.#most = most;
  }

  get mayReadAhead(): boolean {
    return this.#taken < Math.min(MOST_WITH_READING_AHEAD, this.#most);
  }

  take(): Promise<Uint8Array> {
    if (this.#taken >= this.#most) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#taken++;
    return Promise.resolve(this.#idle.pop() ?? new Uint8Array(READ_BYTES));
  }

  put(buffer: Uint8Array): void {
    const next = this.#waiting.shift();
    if (next !== undefined) {
      next(buffer);
      return;
    }
    this.#taken--;
    if (this.#idle.length < MOST_IDLE) this.#idle.push(buffer);
  }
}

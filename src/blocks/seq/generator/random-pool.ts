import type { Random } from '../../../platform/clock.js';

/** A call into the operating system's random source costs about as much as 4 KiB from it: fetch that much at once. */
const POOL_BYTES = 8192;

/** Hands out cryptographically strong 32-bit words from a pool; each word once. */
export class RandomPool {
  readonly #random: Random;
  #words = new Uint32Array(0);
  #next = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** 0 … 2^32 - 1. */
  word(): number {
    if (this.#next === this.#words.length) this.#refill();
    const word = this.#words[this.#next] as number;
    this.#next++;
    return word;
  }

  #refill(): void {
    const bytes = this.#random.bytes(POOL_BYTES);
    this.#words = new Uint32Array(POOL_BYTES / 4);
    new Uint8Array(this.#words.buffer).set(bytes);
    this.#next = 0;
  }
}

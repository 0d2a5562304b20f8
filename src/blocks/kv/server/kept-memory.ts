/**
 * What connections keep between commands: transactions that are gathered, keys that are watched, keys that are waited for. Each may keep a
 * good deal, and there are many of them: together they may not take the daemon's memory.
 */

/** Bytes of all connections together. */
const MOST_KEPT_BYTES = 512 * 1024 * 1024;
/** What an argument or a key takes beside its bytes. */
export const KEPT_BESIDE = 100;

export class KeptMemory {
  #bytes = 0;

  /** Of all connections together. */
  get bytes(): number {
    return this.#bytes;
  }

  /** False, and nothing is taken, where there is no room. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > MOST_KEPT_BYTES) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** The share of one connection, for one purpose. */
export class KeptShare {
  #bytes = 0;
  readonly #kept: KeptMemory;
  readonly #most: number;

  /** `most`: bytes of this share. */
  constructor(kept: KeptMemory, most: number) {
    this.#kept = kept;
    this.#most = most;
  }

  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.#most || !this.#kept.take(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  giveAll(): void {
    this.#kept.give(this.#bytes);
    this.#bytes = 0;
  }
}

/** What texts take that are kept. */
export const weightOfTexts = (texts: readonly string[]): number =>
  texts.reduce((sum, { length }) => sum + length + KEPT_BESIDE, KEPT_BESIDE);

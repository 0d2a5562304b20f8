/**
 * The memory of all bodies that are being taken in: slabs, made when they are needed and used again for ever, since fresh memory costs more
 * than what is done with it (copying 64 MB into it 250 ms, into used memory 12). Whoever finds none waits his turn.
 */

/** Bytes of a slab. */
export const SLAB_BYTES = 256 * 1024;
/** Slabs there can be at most: 48 MB. */
export const MOST_SLABS = 192;

export class SlabPool {
  readonly #most: number;
  readonly #free: ArrayBuffer[] = [];
  readonly #waiting: { resolve(slab: ArrayBuffer): void; reject(error: unknown): void }[] = [];
  #made = 0;
  #returned = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** How often one has come back: whoever waits can see that things move. */
  get returned(): number {
    return this.#returned;
  }

  /** The one that came back last, which is the likeliest to be in the processor's cache. Undefined: wait for one. */
  take(): ArrayBuffer | undefined {
    const slab = this.#free.pop();
    if (slab !== undefined || this.#made === this.#most) return slab;
    this.#made++;
    return new ArrayBuffer(SLAB_BYTES);
  }

  wait(): Promise<ArrayBuffer> {
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  put(slab: ArrayBuffer): void {
    this.#returned++;
    const next = this.#waiting.shift();
    if (next === undefined) this.#free.push(slab);
    else next.resolve(slab);
  }

  /** Lets go of all that nobody has, and of those who wait. */
  clear(error: unknown): void {
    this.#made -= this.#free.length;
    this.#free.length = 0;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

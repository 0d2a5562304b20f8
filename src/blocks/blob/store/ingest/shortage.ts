/**
 * Sees when nobody gets on: bodies wait for a slab, and none is about to come free by itself.
 *
 *     calm ──somebody waits, and the ingest has nothing to do──▶ looking ──turns go by, and no slab comes back──▶ relieved
 *                                                                   └──a slab came back, or the ingest is at work──▶ calm
 */
import type { SlabPool } from './slab-pool.js';

/** Turns of the event loop; whoever has bytes at hand fills his slab meanwhile and hands it over. */
const TURNS_IN_VAIN = 8;

export class Shortage {
  readonly #pool: SlabPool;
  readonly #isAtWork: () => boolean;
  #looking = false;
  #inVain = 0;
  #returnedSeen = 0;

  /** `isAtWork`: slabs are with the ingest, which will give them back; {@link watch} is called again when it has done so. */
  constructor(pool: SlabPool, isAtWork: () => boolean) {
    this.#pool = pool;
    this.#isAtWork = isAtWork;
  }

  watch(relieve: () => void): void {
    if (this.#looking || !this.#isShort()) return;
    this.#looking = true;
    this.#inVain = 0;
    setImmediate(() => this.#look(relieve));
  }

  #look(relieve: () => void): void {
    this.#looking = this.#isShort();
    if (!this.#looking) return;
    this.#inVain = this.#pool.returned === this.#returnedSeen ? this.#inVain + 1 : 0;
    this.#returnedSeen = this.#pool.returned;
    if (this.#inVain < TURNS_IN_VAIN) {
      setImmediate(() => this.#look(relieve));
      return;
    }
    this.#looking = false;
    relieve();
  }

  #isShort(): boolean {
    return this.#pool.waiting > 0 && !this.#isAtWork();
  }
}

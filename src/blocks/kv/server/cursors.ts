/**
 * Cursors of SCAN and its kin. Redis's are places in a hash table; here they are numbers that the daemon remembers the place of: the key, or
 * the member, behind which the scan goes on. Scans that many others have begun after are forgotten, and so are all when the daemon ends:
 * such a cursor is refused, where going on from anywhere would leave keys out without a word.
 */
import type { Cursors } from '../redis/command.js';

/** Bytes of the places that are remembered. */
const MOST_BYTES = 16 * 1024 * 1024;
/** What a place takes beside its bytes. */
const BESIDE = 100;
/** Cursors are 64-bit numbers for clients, and doubles in some of them. */
const HIGHEST_START = 2 ** 40;

export class RememberedCursors implements Cursors {
  readonly #places = new Map<bigint, string>();
  #bytes = 0;
  #last: bigint;

  /** `random`: uniform in [0, 1); cursors of an earlier life of the daemon are then not taken for those of this one. */
  constructor(random: () => number) {
    this.#last = BigInt(Math.floor(random() * HIGHEST_START)) + 1n;
  }

  give(place: string): bigint {
    this.#last++;
    this.#places.set(this.#last, place);
    this.#bytes += place.length + BESIDE;
    for (const [cursor, { length }] of this.#places) {
      if (this.#bytes <= MOST_BYTES || cursor === this.#last) break;
      this.#places.delete(cursor);
      this.#bytes -= length + BESIDE;
    }
    return this.#last;
  }

  place(cursor: bigint): string | undefined {
    return this.#places.get(cursor);
  }
}

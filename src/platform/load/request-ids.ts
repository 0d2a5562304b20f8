/**
 * Ids of 16 bits by which answers in any order name their requests. The place stands in the low bits, so that it is found
 * without a search; above it a number that goes up with each request of that place, so that an answer to one that was given up
 * is not taken for that to the next:
 *
 *     │ 16 - n bits: generation │ n bits: place │        n: as many as `places` needs
 */
const ID_BITS = 16;
const NONE = -1;

export class RequestIds {
  readonly #bits: number;
  /** By place: the id of the request under way, or NONE. */
  readonly #current: Int32Array;
  readonly #generation: Uint16Array;

  constructor(places: number) {
    this.#bits = Math.ceil(Math.log2(Math.max(2, places)));
    if (this.#bits > ID_BITS) throw new Error(`ids of ${ID_BITS} bits for ${places} requests at once`);
    this.#current = new Int32Array(places).fill(NONE);
    this.#generation = new Uint16Array(places);
  }

  /** A new id for a request at this place. */
  take(place: number): number {
    const generation = ((this.#generation[place] ?? 0) + 1) & (0xffff >>> this.#bits);
    this.#generation[place] = generation;
    const id = (generation << this.#bits) | place;
    this.#current[place] = id;
    return id;
  }

  /** The place of the request that this is the id of, which then is under way no more; -1 when there is none. */
  settle(id: number): number {
    const place = id & ((1 << this.#bits) - 1);
    if (this.#current[place] !== id) return NONE;
    this.#current[place] = NONE;
    return place;
  }

  giveUp(place: number): void {
    this.#current[place] = NONE;
  }

  clear(): void {
    this.#current.fill(NONE);
  }
}

/** Distinct hashes of 32 bits, by open addressing; 0 is an empty place. */

const FIRST_CAPACITY = 1 << 14;

export class HashSet {
  #table = new Int32Array(FIRST_CAPACITY);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /**
   * For who adds many: a hash that is in its first place, which is that of its lowest bits, is there. Another array after a hash that was
   * added.
   */
  get table(): Int32Array {
    return this.#table;
  }

  /** Adds a hash, signed. 0 counts as 1: to who looks for it that is one more collision. */
  take(given: number): void {
    const hash = given === 0 ? 1 : given;
    const table = this.#table;
    const mask = table.length - 1;
    let place = hash & mask;
    for (;;) {
      const present = table[place];
      if (present === hash) return;
      if (present === 0) break;
      place = (place + 1) & mask;
    }
    table[place] = hash;
    this.#count++;
    if (this.#count * 2 > table.length) this.#grow();
  }

  forEach(visit: (hash: number) => void): void {
    for (const hash of this.#table) if (hash !== 0) visit(hash);
  }

  /** What a large block has made it grow to is given back. */
  clear(): void {
    if (this.#table.length > FIRST_CAPACITY * 4) this.#table = new Int32Array(FIRST_CAPACITY);
    else if (this.#count > 0) this.#table.fill(0);
    this.#count = 0;
  }

  #grow(): void {
    const old = this.#table;
    this.#table = new Int32Array(old.length * 2);
    this.#count = 0;
    for (const hash of old) if (hash !== 0) this.take(hash);
  }
}

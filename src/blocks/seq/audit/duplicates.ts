/**
 * Finds equal records among any number of them in bounded memory, exactly.
 *
 *     record ──hash──▶ one of 256 partitions ──buffer full──▶ storage
 *                                             at the end:  one partition after the other into a hash table
 *
 * A record is the ID's words followed by its line number in two words. Memory: 256 buffers of 32 KiB, and at the end
 * one partition with its table: 1/256 of the input, 1.5 times. A thousand million 64-bit IDs need about 100 MB.
 */

/** Where partitions go when they outgrow their buffer; see spill.ts for the one on disk. */
export interface SpillStorage {
  append(partition: number, bytes: Uint8Array): Promise<void>;
  /** Everything appended, in that order. */
  read(partition: number): Promise<Uint8Array>;
}

/** An ID seen before; `firstLine` is where. */
export type DuplicateVisitor = (words: Uint32Array, firstLine: number, line: number) => void;

const PARTITIONS = 256;
const BUFFER_BYTES = 32 * 1024;
const LINE_WORDS = 2;

export class DuplicateFinder {
  readonly #storage: SpillStorage;
  /** Words of an ID. */
  readonly #idWords: number;
  readonly #recordWords: number;
  readonly #capacity: number;
  readonly #buffers: (Uint32Array | undefined)[] = new Array(PARTITIONS).fill(undefined);
  readonly #filled = new Int32Array(PARTITIONS);
  /** Partitions whose buffer is full; {@link settle} writes them out. */
  #full: { readonly partition: number; readonly words: Uint32Array }[] = [];

  constructor(idWords: number, storage: SpillStorage) {
    this.#idWords = idWords;
    this.#recordWords = idWords + LINE_WORDS;
    this.#capacity = Math.floor(BUFFER_BYTES / 4 / this.#recordWords) * this.#recordWords;
    this.#storage = storage;
  }

  add(words: Uint32Array, line: number): void {
    const partition = hash(words, 0, this.#idWords) >>> 24;
    let buffer = this.#buffers[partition];
    if (buffer === undefined) {
      buffer = new Uint32Array(this.#capacity);
      this.#buffers[partition] = buffer;
    }
    let at = this.#filled[partition] as number;
    for (let i = 0; i < this.#idWords; i++) buffer[at++] = words[i] as number;
    buffer[at++] = Math.floor(line / 2 ** 32);
    buffer[at++] = line;
    this.#filled[partition] = at;
    if (at < this.#capacity) return;
    this.#full.push({ partition, words: buffer });
    this.#buffers[partition] = undefined;
    this.#filled[partition] = 0;
  }

  /** Writes out full buffers. To be awaited after each chunk of input, or they pile up. */
  async settle(): Promise<void> {
    const full = this.#full;
    this.#full = [];
    for (const { partition, words } of full) await this.#storage.append(partition, asBytes(words));
  }

  /** Visits every appearance after the first of each ID; within a partition in input order. Ends the finder. */
  async finish(visit: DuplicateVisitor): Promise<void> {
    await this.settle();
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const kept = this.#buffers[partition]?.subarray(0, this.#filled[partition]) ?? new Uint32Array(0);
      const spilled = asWords(await this.#storage.read(partition));
      const records = new Uint32Array(spilled.length + kept.length);
      records.set(spilled);
      records.set(kept, spilled.length);
      this.#buffers[partition] = undefined;
      this.#findIn(records, visit);
    }
  }

  #findIn(records: Uint32Array, visit: DuplicateVisitor): void {
    const size = this.#recordWords;
    const count = records.length / size;
    // Open addressing, at most half full; 0 is empty, else the record's number plus one.
    const mask = 2 ** Math.ceil(Math.log2(Math.max(2, count * 2))) - 1;
    const table = new Int32Array(mask + 1);
    for (let record = 0; record < count; record++) {
      const at = record * size;
      let slot = hash(records, at, this.#idWords) & mask;
      for (; table[slot] !== 0; slot = (slot + 1) & mask) {
        const other = ((table[slot] as number) - 1) * size;
        if (!this.#same(records, at, other)) continue;
        visit(records.subarray(at, at + this.#idWords), this.#lineOf(records, other), this.#lineOf(records, at));
        break;
      }
      if (table[slot] === 0) table[slot] = record + 1;
    }
  }

  #same(records: Uint32Array, a: number, b: number): boolean {
    for (let i = 0; i < this.#idWords; i++) if (records[a + i] !== records[b + i]) return false;
    return true;
  }

  #lineOf(records: Uint32Array, at: number): number {
    return (records[at + this.#idWords] as number) * 2 ** 32 + (records[at + this.#idWords + 1] as number);
  }
}

/** murmur3's mixing: the top bits choose the partition, the low ones the slot. */
function hash(words: Uint32Array, from: number, count: number): number {
  let h = 0x9747b28c;
  for (let i = 0; i < count; i++) {
    let k = Math.imul(words[from + i] as number, 0xcc9e2d51);
    k = (k << 15) | (k >>> 17);
    h ^= Math.imul(k, 0x1b873593);
    h = (h << 13) | (h >>> 19);
    h = (Math.imul(h, 5) + 0xe6546b64) | 0;
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

function asBytes(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}

/** Copies: a Buffer may start anywhere in its memory, words may not. */
function asWords(bytes: Uint8Array): Uint32Array {
  const words = new Uint32Array(Math.floor(bytes.length / 4));
  asBytes(words).set(bytes.subarray(0, words.length * 4));
  return words;
}

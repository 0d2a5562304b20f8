/**
 * A content's list of chunks, as it is stored:
 *
 *     entry    chunk id × 2 + partial │ length │ [first byte within the chunk, where partial = 1]
 *     number   LEB128: seven bits a byte, the lowest first; bit 7 says that more follow
 */

export interface ManifestEntry {
  readonly chunkId: number;
  /** Bytes of the chunk that belong to the content. */
  readonly length: number;
  /** Of the first of them within the chunk. Undefined: the whole chunk. */
  readonly start: number | undefined;
}

/** Bytes of the largest number, 2^53 - 1. */
const MOST_VARINT_BYTES = 8;
const MOST_ENTRY_BYTES = 3 * MOST_VARINT_BYTES;

/** Entries of chunks that are used whole take less than those that begin or end within one. */
export function encodeManifest(entries: readonly ManifestEntry[]): Uint8Array {
  const bytes = Buffer.allocUnsafe(entries.length * MOST_ENTRY_BYTES);
  let at = 0;
  for (const { chunkId, length, start } of entries) {
    at = writeVarint(bytes, at, chunkId * 2 + (start === undefined ? 0 : 1));
    at = writeVarint(bytes, at, length);
    if (start !== undefined) at = writeVarint(bytes, at, start);
  }
  return Buffer.from(bytes.subarray(0, at));
}

/** Entries one by one, so that a large manifest is read as far as it is needed. Throws a RangeError where it is cut off. */
export class ManifestReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  next(): ManifestEntry | undefined {
    if (this.#at === this.#bytes.length) return undefined;
    const head = this.#number();
    const length = this.#number();
    const partial = head % 2 === 1;
    return { chunkId: (head - (partial ? 1 : 0)) / 2, length, start: partial ? this.#number() : undefined };
  }

  /** Multiplies, since shifts have 32 bits only. */
  #number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) throw new RangeError('a manifest ends within an entry');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }
}

/** Of what {@link encodeManifest} wrote. */
export function decodeManifest(bytes: Uint8Array): ManifestEntry[] {
  const reader = new ManifestReader(bytes);
  const entries: ManifestEntry[] = [];
  for (let entry = reader.next(); entry !== undefined; entry = reader.next()) entries.push(entry);
  return entries;
}

/** Of the bytes `first` to `last` of a content, both included. */
export function sliceManifest(bytes: Uint8Array, first: number, last: number): ManifestEntry[] {
  const reader = new ManifestReader(bytes);
  const slice: ManifestEntry[] = [];
  let position = 0;
  for (let entry = reader.next(); entry !== undefined && position <= last; entry = reader.next()) {
    const end = position + entry.length;
    if (end > first) slice.push(sliceEntry(entry, Math.max(0, first - position), Math.min(end, last + 1) - position));
    position = end;
  }
  return slice;
}

/** Bytes from `from` to before `until` of an entry. */
function sliceEntry(entry: ManifestEntry, from: number, until: number): ManifestEntry {
  if (from === 0 && until === entry.length) return entry;
  return { chunkId: entry.chunkId, length: until - from, start: (entry.start ?? 0) + from };
}

/** How often each chunk comes. */
export function countChunks(entries: Iterable<ManifestEntry>): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { chunkId } of entries) counts.set(chunkId, (counts.get(chunkId) ?? 0) + 1);
  return counts;
}

function writeVarint(bytes: Uint8Array, from: number, value: number): number {
  let at = from;
  let left = value;
  for (; left >= 128; left = Math.floor(left / 128)) bytes[at++] = (left % 128) + 128;
  bytes[at++] = left;
  return at;
}

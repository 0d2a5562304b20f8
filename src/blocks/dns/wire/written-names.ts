/**
 * Names of a message that is being written, compressed (RFC 1035, section 4.1.4): the longest suffix that stands in the
 * message before becomes a pointer to it.
 *
 *     suffix  ──hash──▶  offset of a label          www.example. at 12 gives two: www.example. at 12, example. at 16
 *
 * What stands at the offset is compared with the suffix, so a hash that two suffixes share costs a few octets, no more.
 */
import { lowered, type OctetWriter } from './octets.js';

/** A pointer has 14 bits. */
const FARTHEST_POINTER = 0x3fff;
const POINTER = 0xc0;
/** A name of 255 octets has no more labels. */
const MOST_LABELS = 127;
/** FNV-1a's, of 32 bits. */
const PRIME = 0x01000193;
const BASIS = 0x811c9dc5;

/** Of the name that is being written: offsets of its labels, and hashes of the suffixes that begin there. */
const labelStarts = new Uint32Array(MOST_LABELS);
const hashes = new Int32Array(MOST_LABELS);

/** Labels of the name at `start`. Small hashes are keys that a Map finds without memory of their own: 30 bits. */
function hashSuffixes(wire: Uint8Array, start: number): number {
  let count = 0;
  for (let at = start; (wire[at] ?? 0) > 0; count++) {
    const next = at + 1 + (wire[at] ?? 0);
    labelStarts[count] = at;
    let hash = BASIS;
    for (; at < next; at++) hash = Math.imul(hash ^ (lowered[wire[at] ?? 0] ?? 0), PRIME);
    hashes[count] = hash;
  }
  let suffix = BASIS;
  for (let index = count - 1; index >= 0; index--) {
    suffix = Math.imul(suffix ^ (hashes[index] ?? 0), PRIME);
    suffix ^= suffix >>> 15;
    hashes[index] = suffix & 0x3fff_ffff;
  }
  return count;
}

export class WrittenNames {
  readonly #out: OctetWriter;
  readonly #places = new Map<number, number>();

  constructor(out: OctetWriter) {
    this.#out = out;
  }

  /**
   * The name at `start` of `wire`, uncompressed there. An owner may take over another case of its letters, so that it follows
   * the question's; the data of a record is kept to the octet.
   */
  write(wire: Uint8Array, start: number, mayChangeCase: boolean): void {
    const out = this.#out;
    const count = hashSuffixes(wire, start);
    for (let index = 0; index < count; index++) {
      const hash = hashes[index] ?? 0;
      const labelAt = labelStarts[index] ?? 0;
      const place = this.#places.get(hash);
      if (place === undefined) {
        if (out.length <= FARTHEST_POINTER) this.#places.set(hash, out.length);
      } else if (this.#standsAt(place, wire, labelAt, mayChangeCase)) {
        out.uint16((POINTER << 8) | place);
        return;
      }
      out.octets(wire, labelAt, labelAt + 1 + (wire[labelAt] ?? 0));
    }
    out.uint8(0);
  }

  /** Whether the name that was written at `place` is the one at `at` of `wire`. */
  #standsAt(place: number, wire: Uint8Array, at: number, inAnyCase: boolean): boolean {
    const out = this.#out;
    let there = place;
    let here = at;
    for (;;) {
      const length = out.at(there);
      // Pointers of this message lead to what was written before, so this ends.
      if (length >= POINTER) {
        there = ((length & 0x3f) << 8) | out.at(there + 1);
        continue;
      }
      if (length !== wire[here]) return false;
      if (length === 0) return true;
      for (let i = 1; i <= length; i++) {
        const a = out.at(there + i);
        const b = wire[here + i] ?? 0;
        if (a !== b && (!inAnyCase || lowered[a] !== lowered[b])) return false;
      }
      there += length + 1;
      here += length + 1;
    }
  }
}

/** Names as they stand in messages, compressed or not, are put together here. */
import { LONGEST_LABEL, LONGEST_NAME, Name } from '../name.js';
import { malformed, type NameCompression } from '../rdata/field.js';
import { HEADER_OCTETS } from './message.js';
import { copyOctets } from './octets.js';

/** A length octet that begins with these bits is the first of a pointer (RFC 1035, section 4.1.4). */
export const POINTER = 0xc0;
/**
 * A name has 127 labels at most, so more pointers lead nowhere but to pointers. Without a bound a message of 64 KiB made of
 * them takes 33 million steps to read.
 */
const MOST_POINTERS = 127;

export class NameReader {
  /** The last name that was read, as wire form. */
  readonly octets = new Uint8Array(LONGEST_NAME);
  length = 0;

  /** Reads the name at `start` and returns where it ends. Error: `dns.malformed`. */
  read(bytes: Uint8Array, start: number, compression: NameCompression): number {
    let length = 0;
    let at = start;
    let end = -1;
    /** A pointer must lead before the part of the name that it ends, so there can be no loop. */
    let before = start;
    let pointers = 0;
    for (;;) {
      const octet = bytes[at];
      if (octet === undefined) throw malformed('a name is cut short');
      if (octet > LONGEST_LABEL) {
        const target = pointerAt(bytes, at);
        if (compression === 'never') throw malformed('a name is compressed where it must not be');
        if (target >= before || target < HEADER_OCTETS)
          throw malformed('a pointer does not lead to what stands before it');
        if (++pointers > MOST_POINTERS) throw malformed(`a name has more than ${MOST_POINTERS} pointers`);
        if (end === -1) end = at + 2;
        at = target;
        before = target;
        continue;
      }
      const next = at + 1 + octet;
      if (next > bytes.length) throw malformed('a label is cut short');
      if (length + 1 + octet > LONGEST_NAME) throw malformed('a name has more than 255 octets');
      for (; at < next; at++) this.octets[length++] = bytes[at] ?? 0;
      if (octet === 0) break;
    }
    this.length = length;
    return end === -1 ? at : end;
  }

  /** The last name that was read. */
  take(): Name {
    return Name.fromValidWire(copyOctets(this.octets, 0, this.length));
  }
}

/** Where the pointer at `at` leads. Error: `dns.malformed`. */
function pointerAt(bytes: Uint8Array, at: number): number {
  const high = bytes[at] ?? 0;
  const low = bytes[at + 1];
  if (high < POINTER) throw malformed(`a label begins with the reserved bits ${high >>> 6}`);
  if (low === undefined) throw malformed('a pointer is cut short');
  return ((high & 0x3f) << 8) | low;
}

/** Whole numbers in network byte order (RFC 1035, section 2.3.2), and a buffer that grows. */

export function readUint16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0);
}

export function readUint32(bytes: Uint8Array, offset: number): number {
  return readUint16(bytes, offset) * 0x1_0000 + readUint16(bytes, offset + 2);
}

/** Up to here an array lives within the engine's heap, and a loop fills it sooner than a call does. */
const FEW_OCTETS = 64;

/** The octets in memory of their own. Not `slice()`: that of a Buffer is a view, which keeps all of it in memory. */
export function copyOctets(source: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new Uint8Array(end - start);
  if (copy.length <= FEW_OCTETS) for (let i = 0; i < copy.length; i++) copy[i] = source[start + i] ?? 0;
  else copy.set(source.subarray(start, end));
  return copy;
}

/** By octet: A–Z as a–z, everything else as it is, À–Þ too (RFC 4343, section 3). */
export const lowered = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet,
);

/** Octets of a new {@link OctetWriter}: most messages and records fit. */
const INITIAL_OCTETS = 512;

/** Collects octets; grows by doubling. What it may hold is bounded by who writes. */
export class OctetWriter {
  #bytes: Uint8Array;
  #length = 0;

  constructor(initial = INITIAL_OCTETS) {
    this.#bytes = new Uint8Array(initial);
  }

  get length(): number {
    return this.#length;
  }

  /** The octet at `offset` of what was written. */
  at(offset: number): number {
    return this.#bytes[offset] ?? 0;
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
  }

  uint16(value: number): void {
    this.#reserve(2);
    this.#bytes[this.#length++] = value >>> 8;
    this.#bytes[this.#length++] = value;
  }

  uint32(value: number): void {
    this.uint16(value >>> 16);
    this.uint16(value & 0xffff);
  }

  octets(source: Uint8Array, start = 0, end = source.length): void {
    const count = end - start;
    this.#reserve(count);
    // Copying a few octets by hand is several times faster than subarray() and set().
    if (count <= 32) for (let i = start; i < end; i++) this.#bytes[this.#length++] = source[i] ?? 0;
    else {
      this.#bytes.set(source.subarray(start, end), this.#length);
      this.#length += count;
    }
  }

  /** Overwrites two octets that were written before. */
  patchUint16(offset: number, value: number): void {
    this.#bytes[offset] = value >>> 8;
    this.#bytes[offset + 1] = value;
  }

  /** Forgets everything from `length` on. */
  truncate(length: number): void {
    this.#length = length;
  }

  /** A copy of what was written. */
  take(): Uint8Array {
    return copyOctets(this.#bytes, 0, this.#length);
  }

  #reserve(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(wanted, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

/** Numbers and texts in a growing buffer, and out of one whose bytes may be damaged. Integers are varints (LEB128), up to 2^53. */

const FIRST_CAPACITY = 64 * 1024;

export class ByteWriter {
  buffer: Buffer;
  length = 0;

  /** Writes into `memory` where it has the capacity, else into memory of its own. */
  constructor(capacity = FIRST_CAPACITY, memory?: Buffer) {
    this.buffer = memory !== undefined && memory.length >= capacity ? memory : Buffer.allocUnsafe(capacity);
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.length++] = value;
  }

  /** A whole number from 0 to 2^53 - 1. */
  varint(value: number): void {
    this.reserve(8);
    const { buffer } = this;
    let left = value;
    // Shifts are of 32 bits.
    while (left > 0x7fff_ffff) {
      buffer[this.length++] = (left % 128) | 0x80;
      left = Math.floor(left / 128);
    }
    while (left > 0x7f) {
      buffer[this.length++] = (left & 0x7f) | 0x80;
      left >>>= 7;
    }
    buffer[this.length++] = left;
  }

  /** From -2^52 to 2^52 - 1: zigzag, so that small ones of either sign are short. */
  signed(value: number): void {
    this.varint(value >= 0 ? value * 2 : value * -2 - 1);
  }

  bigint(value: bigint): void {
    this.reserve(8);
    this.buffer.writeBigInt64LE(value, this.length);
    this.length += 8;
  }

  /** Without its length. Returns the bytes written. */
  text(value: string): number {
    this.reserve(value.length * 3);
    const written = this.buffer.write(value, this.length, 'utf8');
    this.length += written;
    return written;
  }

  copy(source: Buffer, start: number, end: number): void {
    this.reserve(end - start);
    source.copy(this.buffer, this.length, start, end);
    this.length += end - start;
  }

  written(): Buffer {
    return this.buffer.subarray(0, this.length);
  }

  /** Makes room for `bytes` more. */
  reserve(bytes: number): void {
    const needed = this.length + bytes;
    if (needed <= this.buffer.length) return;
    const grown = Buffer.allocUnsafe(Math.max(needed, this.buffer.length * 2));
    this.buffer.copy(grown, 0, 0, this.length);
    this.buffer = grown;
  }
}

/** What bytes say cannot be. The codec makes a `log.damaged_block` of it. */
export class DamagedBytes extends Error {
  override readonly name = 'DamagedBytes';
}

export class ByteReader {
  readonly buffer: Buffer;
  position = 0;

  constructor(buffer: Buffer) {
    this.buffer = buffer;
  }

  get left(): number {
    return this.buffer.length - this.position;
  }

  byte(): number {
    const value = this.buffer[this.position];
    if (value === undefined) throw new DamagedBytes('ends too early');
    this.position++;
    return value;
  }

  varint(): number {
    let byte = this.byte();
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    let scale = 128;
    for (;;) {
      byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
      scale *= 128;
      if (scale > 2 ** 49) throw new DamagedBytes('a number of more than 8 bytes');
    }
    if (value > Number.MAX_SAFE_INTEGER) throw new DamagedBytes('a number beyond 2^53');
    return value;
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  bigint(): bigint {
    this.need(8);
    const value = this.buffer.readBigInt64LE(this.position);
    this.position += 8;
    return value;
  }

  text(length: number): string {
    this.need(length);
    const text = this.buffer.toString('utf8', this.position, this.position + length);
    this.position += length;
    return text;
  }

  /** A count of things that take a byte at least each: an array for them is no larger than what is there allows. */
  count(): number {
    const value = this.varint();
    this.need(value);
    return value;
  }

  need(bytes: number): void {
    if (bytes > this.left) throw new DamagedBytes('ends too early');
  }
}

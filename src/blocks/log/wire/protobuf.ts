/**
 * Reads Protocol Buffers (protobuf.dev/programming-guides/encoding) field by field, where they lie: the caller knows the message.
 *
 *     key      varint: number << 3 | type
 *     type     0 varint   1 eight bytes   2 length and so many bytes   5 four bytes
 *
 * Every length is compared with what is left of the message that it is in. Groups (types 3 and 4) are of proto2, and are refused.
 */
import { badBody, tooLarge } from './bad-body.js';
import { MOST_MESSAGES } from './limits.js';

export const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const bad = (what: string) => badBody(`the body is not the protobuf that is asked for: ${what}`);

/** Where messages begin and end, which are read when the field that they belong to has been: that may come later. */
export type Places = number[];

export class ProtobufReader {
  readonly bytes: Buffer;
  #at: number;
  #end: number;
  /** Messages that may still be opened, of the whole body. */
  readonly #left: { messages: number };
  /** Of the field that {@link next} found. */
  field = 0;
  type = 0;
  /** Of a field of type BYTES, once {@link range} has read it: where it begins and ends. */
  start = 0;
  end = 0;

  constructor(bytes: Buffer, start = 0, end = bytes.length, left = { messages: MOST_MESSAGES }) {
    this.bytes = bytes;
    this.#at = start;
    this.#end = end;
    this.#left = left;
  }

  /** Another reader of a part of the same bytes. */
  within(start: number, end: number): ProtobufReader {
    return new ProtobufReader(this.bytes, start, end, this.#left);
  }

  /** Begins anew, on another part of the same bytes. */
  reset(start: number, end: number): void {
    this.#at = start;
    this.#end = end;
  }

  /** Goes to the next field; false at the end. What is in it has to be read, or skipped. */
  next(): boolean {
    if (this.#at >= this.#end) return false;
    const key = this.varint();
    this.type = key & 7;
    this.field = Math.floor(key / 8);
    if (this.field === 0 || this.field > 0x1fff_ffff) throw bad(`a field has the number ${this.field}`);
    return true;
  }

  /** Up to 2^53 exactly; beyond that as near as a number is. */
  varint(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count++) {
      if (this.#at >= this.#end) throw bad('it ends within a number');
      const byte = this.bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw bad('a number has more than ten bytes');
  }

  /** All 64 bits, as they are signed. */
  bigVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (this.#at >= this.#end) throw bad('it ends within a number');
      const byte = this.bytes[this.#at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw bad('a number has more than ten bytes');
  }

  /** Of a field of type BYTES: sets {@link start} and {@link end}. */
  range(): void {
    const length = this.varint();
    if (length > this.#end - this.#at) throw bad(`a field of ${length} bytes, where ${this.#end - this.#at} are left`);
    this.start = this.#at;
    this.end = this.#at + length;
    this.#at = this.end;
  }

  /** A message within this one. Error: `log.too_large` for too many of the body. */
  message(): ProtobufReader {
    this.#passMessage();
    return this.within(this.start, this.end);
  }

  /** The same, to be read later: its place is put behind the others. */
  collect(places: Places): void {
    this.#passMessage();
    places.push(this.start, this.end);
  }

  text(): string {
    this.expect(BYTES);
    this.range();
    return this.bytes.toString('utf8', this.start, this.end);
  }

  slice(): Buffer {
    this.expect(BYTES);
    this.range();
    return this.bytes.subarray(this.start, this.end);
  }

  fixed64(): bigint {
    this.expect(FIXED64);
    return this.bytes.readBigUInt64LE(this.#take(8));
  }

  fixed32(): number {
    this.expect(FIXED32);
    return this.bytes.readUInt32LE(this.#take(4));
  }

  double(): number {
    this.expect(FIXED64);
    return this.bytes.readDoubleLE(this.#take(8));
  }

  expect(type: number): void {
    if (this.type !== type) throw bad(`field ${this.field} has the type ${this.type}, not ${type}`);
  }

  /** Of a field that nobody here knows. */
  skip(): void {
    if (this.type === VARINT) this.bigVarint();
    else if (this.type === FIXED64) this.#take(8);
    else if (this.type === BYTES) this.range();
    else if (this.type === FIXED32) this.#take(4);
    else throw bad(`field ${this.field} has the type ${this.type}`);
  }

  #passMessage(): void {
    this.expect(BYTES);
    if (--this.#left.messages < 0) throw tooLarge(`the body has more than ${MOST_MESSAGES} messages`);
    this.range();
  }

  #take(count: number): number {
    const at = this.#at;
    if (count > this.#end - at) throw bad('it ends within a number');
    this.#at = at + count;
    return at;
  }
}

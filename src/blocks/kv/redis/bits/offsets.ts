/** Places of bits: the first one is the highest of the first byte. */
import { type ByteString, bytesOf } from '../../bytes.js';
import { refusal } from '../../errors.js';
import { parseInteger } from '../numbers.js';
import { MOST_STRING_BYTES } from '../strings/values.js';

/** Bits that may be read: those of a string of 512 MiB, Redis's longest. Behind the end of a string they are 0. */
const MOST_READABLE_BITS = 2 ** 32;
const MOST_WRITABLE_BITS = MOST_STRING_BYTES * 8;

const badOffset = () => refusal('ERR', 'bit offset is not an integer or out of range');

/** `width` bits from here on are used. Error: `ERR bit offset is not an integer or out of range`. */
export function readBitOffset(text: ByteString, mode: 'read' | 'write', width = 1): number {
  return checked(parseInteger(text), mode, width);
}

/** As {@link readBitOffset}; `#3` is the place of the fourth number of this width. */
export function readFieldOffset(text: ByteString, mode: 'read' | 'write', width: number): number {
  if (!text.startsWith('#')) return readBitOffset(text, mode, width);
  const index = parseInteger(text.slice(1));
  return checked(index === undefined ? undefined : index * BigInt(width), mode, width);
}

function checked(offset: bigint | undefined, mode: 'read' | 'write', width: number): number {
  if (offset === undefined || offset < 0n) throw badOffset();
  if (mode === 'read' ? offset >= MOST_READABLE_BITS : offset + BigInt(width) > MOST_WRITABLE_BITS) throw badOffset();
  return Number(offset);
}

/** The bytes of a string, with zeros behind it up to this length. */
export function grownBytes(value: ByteString, length: number): Buffer {
  if (length <= value.length) return bytesOf(value);
  const result = Buffer.alloc(length);
  result.write(value, 'latin1');
  return result;
}

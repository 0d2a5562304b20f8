/**
 * Decompresses Snappy's block format (github.com/google/snappy, format_description.txt), which Loki's clients send protobuf in.
 *
 *     varint of the length, then elements:
 *     xxxxxx00   literal: length-1 in the 6 bits, or in the 1 to 4 bytes that follow (60 to 63)
 *     ooolll01   copy of 4 to 11 bytes, 11 bits of offset
 *     llllll10   copy of 1 to 64 bytes, 16 bits of offset
 *     llllll11   copy of 1 to 64 bytes, 32 bits of offset
 *
 * The length is what the peer says: it is compared with the bound, and with the most that so many bytes can become, before any memory is taken.
 */
import { badBody, tooLarge } from './bad-body.js';

/** The best that the format can do: 64 bytes by a copy of 3. */
const MOST_EXPANSION = 22;

/** Errors: `log.bad_body`, `log.too_large`. */
export function unpackSnappy(packed: Buffer, mostBytes: number): Buffer {
  const head = readLength(packed);
  const { length } = head;
  if (length > mostBytes)
    throw tooLarge(`the body says that it is ${length} bytes once unpacked, more than ${mostBytes}`);
  if (length > packed.length * MOST_EXPANSION)
    throw bad(`${packed.length} bytes cannot become the ${length} that it promises`);
  const out = Buffer.allocUnsafe(length);
  const written = unpackElements(packed, head.end, out);
  if (written !== length) throw bad(`it promises ${length} bytes and has ${written}`);
  return out;
}

function bad(what: string) {
  return badBody(`the body is not Snappy's block format: ${what}`);
}

function readLength(packed: Buffer): { readonly length: number; readonly end: number } {
  let length = 0;
  for (let at = 0; at < 5; at++) {
    const byte = packed[at];
    if (byte === undefined) break;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { length, end: at + 1 };
  }
  throw bad('it begins with no length');
}

/** Returns how many bytes were written. */
function unpackElements(packed: Buffer, start: number, out: Buffer): number {
  let at = start;
  let to = 0;
  while (at < packed.length) {
    const tag = packed[at++] ?? 0;
    let length = (tag >>> 2) + 1;
    if ((tag & 3) === 0) {
      if (length > 60) {
        const bytes = length - 60;
        if (at + bytes > packed.length) throw bad('it ends within a length');
        length = packed.readUIntLE(at, bytes) + 1;
        at += bytes;
      }
      if (length > packed.length - at || length > out.length - to) throw bad('a literal is longer than what is left');
      packed.copy(out, to, at, at + length);
      at += length;
      to += length;
      continue;
    }
    const offsetBytes = (tag & 3) === 3 ? 4 : tag & 3;
    if (at + offsetBytes > packed.length) throw bad('it ends within an offset');
    let offset = packed.readUIntLE(at, offsetBytes);
    at += offsetBytes;
    if (offsetBytes === 1) {
      offset += (tag >>> 5) << 8;
      length = ((tag >>> 2) & 7) + 4;
    }
    if (offset === 0 || offset > to) throw bad('a copy begins before the start');
    if (length > out.length - to) throw bad('it becomes longer than it promises');
    copyWithin(out, to, offset, length);
    to += length;
  }
  return to;
}

/** Source and target may overlap: then what was just written is repeated. */
function copyWithin(out: Buffer, to: number, offset: number, length: number): void {
  let from = to - offset;
  for (const end = to + length; to < end; ) out[to++] = out[from++] ?? 0;
}

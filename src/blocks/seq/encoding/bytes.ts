/** Writes the IDs of the byte kinds (uuid7, ulid, ksuid, xid) as text. */

import type { ByteKind } from '../layout/layout.js';
import { alphabetOf, BASE32HEX_DIGITS, BASE62_DIGITS, CROCKFORD_DIGITS, digitsFor, HEX_DIGITS } from './alphabet.js';
import type { ByteBatch, Framing, IdFormat } from './types.js';

/** Writes the text of the ID at `from` into `out` at `at`; returns the position after it. */
type IdWriter = (bytes: Uint8Array, from: number, out: Buffer, at: number) => number;

export function writeBytes(batch: ByteBatch, format: IdFormat, framing: Framing): Buffer {
  const { byteLength, name, bits } = batch.layout;
  if (format === 'dec') return writeDecimal(batch, framing);
  const width = widthOf(name, bits, format);
  const head = Buffer.from(framing.head(width), 'latin1');
  const tail = Buffer.from(framing.tail, 'latin1');
  const write = writerOf(name, byteLength, width, format);
  const out = Buffer.allocUnsafe(batch.count * (head.length + width + tail.length));
  let at = 0;
  for (let index = 0; index < batch.count; index++) {
    for (let i = 0; i < head.length; i++) out[at++] = head[i] as number;
    at = write(batch.bytes, index * byteLength, out, at);
    for (let i = 0; i < tail.length; i++) out[at++] = tail[i] as number;
  }
  return out;
}

export function bytesToStrings(batch: ByteBatch, format: IdFormat): string[] {
  if (format === 'dec')
    return writeDecimal(batch, { head: () => '', tail: '\n' })
      .toString('latin1')
      .trimEnd()
      .split('\n');
  const text = writeBytes(batch, format, { head: () => '', tail: '' }).toString('latin1');
  const width = widthOf(batch.layout.name, batch.layout.bits, format);
  return Array.from({ length: batch.count }, (_, index) => text.slice(index * width, (index + 1) * width));
}

/** The big-endian bytes as a number. */
export function bytesToInteger(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}

export function integerToBytes(value: bigint, byteLength: number): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  let rest = value;
  for (let index = byteLength - 1; index >= 0; index--, rest >>= 8n) bytes[index] = Number(rest & 0xffn);
  return bytes;
}

function widthOf(kind: ByteKind, bits: number, format: Exclude<IdFormat, 'dec'>): number {
  switch (format) {
    case 'binary':
      return bits / 8;
    case 'hex':
      return bits / 4;
    case 'base32':
      return digitsFor(bits, 32);
    case 'base62':
      return digitsFor(bits, 62);
    case 'canonical':
      return { uuid7: 36, ulid: 26, ksuid: 27, xid: 20 }[kind];
  }
}

function writerOf(kind: ByteKind, length: number, width: number, format: Exclude<IdFormat, 'dec'>): IdWriter {
  switch (format) {
    case 'binary':
      return (bytes, from, out, at) => {
        for (let i = 0; i < length; i++) out[at + i] = bytes[from + i] as number;
        return at + length;
      };
    case 'hex':
      return (bytes, from, out, at) => writeHex(bytes, from, from + length, out, at);
    case 'base32':
      return base32Writer(length, width, CROCKFORD_DIGITS, width * 5 - length * 8);
    case 'base62':
      return base62Writer(length, width);
    case 'canonical':
      return canonicalWriter(kind, length, width);
  }
}

function canonicalWriter(kind: ByteKind, length: number, width: number): IdWriter {
  switch (kind) {
    case 'uuid7':
      return writeUuid;
    case 'ulid':
      return base32Writer(length, width, CROCKFORD_DIGITS, width * 5 - length * 8);
    case 'ksuid':
      return base62Writer(length, width);
    case 'xid':
      // Left-aligned: the four spare bits stand at the end (rs/xid, id.go).
      return base32Writer(length, width, BASE32HEX_DIGITS, 0);
  }
}

const hexPairs = alphabetOf(HEX_DIGITS).pairs;

function writeHex(bytes: Uint8Array, from: number, to: number, out: Buffer, start: number): number {
  const pairs = hexPairs;
  let at = start;
  for (let i = from; i < to; i++) {
    const pair = (bytes[i] as number) * 2;
    out[at++] = pairs[pair] as number;
    out[at++] = pairs[pair + 1] as number;
  }
  return at;
}

const DASH = 0x2d;

function writeUuid(bytes: Uint8Array, from: number, out: Buffer, start: number): number {
  let at = writeHex(bytes, from, from + 4, out, start);
  out[at++] = DASH;
  at = writeHex(bytes, from + 4, from + 6, out, at);
  out[at++] = DASH;
  at = writeHex(bytes, from + 6, from + 8, out, at);
  out[at++] = DASH;
  at = writeHex(bytes, from + 8, from + 10, out, at);
  out[at++] = DASH;
  return writeHex(bytes, from + 10, from + 16, out, at);
}

/** Five bits a digit, after `padding` zero bits at the front; spare bits at the end are zero. */
function base32Writer(length: number, width: number, digits: string, padding: number): IdWriter {
  const { codes } = alphabetOf(digits);
  return (bytes, from, out, at) => {
    let held = 0;
    let bits = padding;
    let next = from;
    const end = from + length;
    for (let digit = 0; digit < width; digit++) {
      if (bits < 5) {
        held = (held << 8) | (next < end ? (bytes[next] as number) : 0);
        next++;
        bits += 8;
      }
      bits -= 5;
      out[at + digit] = codes[(held >> bits) & 31] as number;
      held &= (1 << bits) - 1;
    }
    return at + width;
  };
}

/** 62 ** 5 fits 30 bits, and 30 + 16 bits are an exact number: five digits a division of 16-bit limbs. */
const CHUNK_DIGITS = 5;
const CHUNK = 62 ** CHUNK_DIGITS;

function base62Writer(length: number, width: number): IdWriter {
  const { codes } = alphabetOf(BASE62_DIGITS);
  const limbs = new Float64Array(length / 2);
  return (bytes, from, out, at) => {
    for (let i = 0; i < limbs.length; i++) {
      limbs[i] = (bytes[from + 2 * i] as number) * 256 + (bytes[from + 2 * i + 1] as number);
    }
    let leading = 0;
    let digit = width - 1;
    while (digit >= 0) {
      let remainder = 0;
      for (let i = leading; i < limbs.length; i++) {
        const value = remainder * 65_536 + (limbs[i] as number);
        const quotient = Math.floor(value / CHUNK);
        limbs[i] = quotient;
        remainder = value - quotient * CHUNK;
      }
      while (leading < limbs.length && limbs[leading] === 0) leading++;
      for (let i = 0; i < CHUNK_DIGITS && digit >= 0; i++, digit--) {
        const above = Math.floor(remainder / 62);
        out[at + digit] = codes[remainder - above * 62] as number;
        remainder = above;
      }
    }
    return at + width;
  };
}

/** Nobody's format for these kinds, so simple rather than fast. */
function writeDecimal(batch: ByteBatch, framing: Framing): Buffer {
  const { byteLength } = batch.layout;
  const texts: string[] = [];
  for (let index = 0; index < batch.count; index++) {
    const bytes = batch.bytes.subarray(index * byteLength, (index + 1) * byteLength);
    const text = bytesToInteger(bytes).toString();
    texts.push(framing.head(text.length), text, framing.tail);
  }
  return Buffer.from(texts.join(''), 'latin1');
}

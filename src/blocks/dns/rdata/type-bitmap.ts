/**
 * The types that exist at a name, as NSEC, NSEC3 and CSYNC tell them (RFC 4034, section 4.1.2):
 *
 *     window 0–255 │ length 1–32 │ one bit a type, the first bit is type window × 256        windows rise
 */
import { typeName } from '../wire/mnemonics.js';
import type { OctetWriter } from '../wire/octets.js';
import { type Field, malformed, need } from './field.js';
import { wordAsType } from './numbers.js';

export const typeBitmap: Field = {
  takesRest: true,
  end(bytes, offset, end) {
    let last = -1;
    let at = offset;
    while (at < end) {
      const window = bytes[need(at, 2, end, 'type bitmap') - 2] ?? 0;
      const length = bytes[at + 1] ?? 0;
      if (window <= last) throw malformed('the windows of a type bitmap do not rise');
      if (length === 0 || length > 32) throw malformed(`a window of a type bitmap has ${length} octets`);
      at = need(at + 2, length, end, 'type bitmap');
      if (bytes[at - 1] === 0) throw malformed('a window of a type bitmap ends in a zero octet');
      last = window;
    }
    return at;
  },
  print: (bytes, offset, end) => typesOf(bytes, offset, end).map(typeName).join(' '),
  parse(words, out) {
    writeBitmap(words.rest().map(wordAsType), out);
  },
};

function typesOf(bytes: Uint8Array, offset: number, end: number): number[] {
  const types: number[] = [];
  for (let at = offset; at < end; at += 2 + (bytes[at + 1] ?? 0)) {
    const window = bytes[at] ?? 0;
    for (let i = 0; i < (bytes[at + 1] ?? 0) * 8; i++) {
      if (((bytes[at + 2 + (i >>> 3)] ?? 0) << (i & 7)) & 0x80) types.push(window * 256 + i);
    }
  }
  return types;
}

function writeBitmap(types: readonly number[], out: OctetWriter): void {
  const windows = new Map<number, Uint8Array>();
  for (const type of types) {
    const bits = windows.get(type >>> 8) ?? new Uint8Array(32);
    windows.set(type >>> 8, bits);
    const at = (type & 0xff) >>> 3;
    bits[at] = (bits[at] ?? 0) | (0x80 >>> (type & 7));
  }
  for (const [window, bits] of [...windows].sort(([a], [b]) => a - b)) {
    const length = bits.findLastIndex((octet) => octet !== 0) + 1;
    out.uint8(window);
    out.uint8(length);
    out.octets(bits, 0, length);
  }
}

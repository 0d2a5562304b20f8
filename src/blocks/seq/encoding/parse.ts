/** The ways in which a text can be read as an ID of a layout. */
import { seqErrors } from '../errors.js';
import type { ByteKind, ByteLayout, IntegerLayout, Layout } from '../layout/layout.js';
import { digitsFor } from './alphabet.js';
import {
  base32hexReader,
  base62Reader,
  crockfordReader,
  type DigitReader,
  decimalReader,
  hexReader,
  readDigits,
  uuidReader,
} from './digits.js';
import type { IdFormat } from './types.js';

export type TextFormat = Exclude<IdFormat, 'binary'>;

/** A format that a text may be in, and how to read it. */
export interface Reading {
  readonly format: TextFormat;
  /** Characters of the text, where the format fixes them; `from` are skipped first (`0x`). */
  readonly from: number;
  readonly length: number | undefined;
  readonly reader: DigitReader;
  /** Zero bits at the end of the text that belong to no byte: xid has four. */
  readonly spareBits: number;
}

/** Longest text that is looked at: 160 bits in decimal digits, with room for a prefix. */
const LONGEST_TEXT = 64;

/** Readings of a text, the likeliest first; empty when it is no ID of this layout by its characters and length. */
export function readingsOf(text: string, layout: Layout): Reading[] {
  if (text.length === 0 || text.length > LONGEST_TEXT) return [];
  const prefixed = /^0x[0-9a-f]+$/i.test(text);
  if (prefixed) return [reading('hex', hexReader, undefined, 2)];
  const found: Reading[] = [];
  if (layout.family === 'bytes' && canonicalPattern[layout.name].test(text)) found.push(canonical[layout.name]);
  const { bits } = layout.family === 'integer' ? { bits: 64 } : layout;
  const { length } = text;
  if (length === bits / 4 && /^[0-9a-f]+$/i.test(text)) found.push(reading('hex', hexReader, length));
  if (length === digitsFor(bits, 32) && /^[0-9a-z]+$/i.test(text) && !/u/i.test(text)) {
    found.push(reading('base32', crockfordReader, length));
  }
  if (length === digitsFor(bits, 62) && /^[0-9a-z]+$/i.test(text)) found.push(reading('base62', base62Reader, length));
  if (/^\d+$/.test(text)) {
    // A leading zero tells a text of fixed width from a plain number.
    const plain = reading('dec', decimalReader, undefined);
    if (text.startsWith('0') && text.length > 1) found.push(plain);
    else found.unshift(plain);
  }
  return found;
}

/** Reads a text one way into words (64, 96, 128 or 160 bits wide). False when it is none or does not fit. */
export function readId(bytes: Uint8Array, from: number, to: number, how: Reading, words: Uint32Array): boolean {
  if (how.length !== undefined && to - from !== how.length + how.from) return false;
  if (how.spareBits === 0) return readDigits(bytes, from + how.from, to, how.reader, words);
  const wide = new Uint32Array(words.length + 1);
  if (!readDigits(bytes, from + how.from, to, how.reader, wide)) return false;
  return shiftRight(wide, how.spareBits, words);
}

/** Whether the value is an ID of the layout: fits its bits, has its constant bits. Says why not. */
export function refusalOf(layout: Layout, value: bigint): string | undefined {
  if (layout.family === 'integer') return integerRefusal(layout, value);
  if (layout.name !== 'uuid7') return undefined;
  const version = Number((value >> 76n) & 0xfn);
  if (version !== 7) return `is a UUID of version ${version}, not 7`;
  return ((value >> 62n) & 3n) === 2n ? undefined : 'is no UUID of the RFC 9562 variant';
}

function integerRefusal(layout: IntegerLayout, value: bigint): string | undefined {
  return value >> BigInt(layout.bits) === 0n ? undefined : `does not fit the ${layout.bits} bits of an ID`;
}

/** `seq.bad_id` with the likeliest reason. */
export function badId(text: string, layout: Layout | undefined, why?: string) {
  const shown = text.slice(0, 80);
  const of = layout === undefined ? '' : ` of layout ${layout.name}`;
  return seqErrors.error('seq.bad_id', `"${shown}" is no ID${of}: it ${why ?? guessRefusal(text)}`, {
    hint: 'give a decimal number below 2^64, its hex, base32 or base62 form, a UUIDv7, ULID, KSUID or xid',
    details: { id: shown },
  });
}

function guessRefusal(text: string): string {
  if (text.trim() === '') return 'is empty';
  if (/^-\d+$/.test(text)) return 'is negative';
  if (/^(\d{20,}|0x[0-9a-f]{17,})$/i.test(text)) return 'lies beyond 64 bits';
  if (/^[89a-z][0-9a-z]{25}$/i.test(text)) return 'lies above 7ZZZZZZZZZZZZZZZZZZZZZZZZZ, the largest ULID';
  if (/^[0-9a-zA-Z]{27}$/.test(text)) return 'lies above aWgEPTl1tmebfsQzFP4bxwgy80V, the largest KSUID';
  return 'is in no known form';
}

const canonicalPattern: Readonly<Record<ByteKind, RegExp>> = {
  uuid7: /^(urn:uuid:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  ulid: /^[0-9a-hjkmnp-tv-zilo]{26}$/i,
  ksuid: /^[0-9a-zA-Z]{27}$/,
  xid: /^[0-9a-v]{20}$/,
};

const canonical: Readonly<Record<ByteLayout['name'], Reading>> = {
  uuid7: reading('canonical', uuidReader, 36),
  ulid: reading('canonical', crockfordReader, 26),
  ksuid: reading('canonical', base62Reader, 27),
  xid: reading('canonical', base32hexReader, 20, 0, 4),
};

function reading(
  format: TextFormat,
  digits: DigitReader,
  length: number | undefined,
  from = 0,
  spareBits = 0,
): Reading {
  return { format, reader: digits, length, from, spareBits };
}

/** False when a bit that is shifted out, or one that does not fit, is set. */
function shiftRight(wide: Uint32Array, bits: number, words: Uint32Array): boolean {
  for (let i = 0; i < words.length; i++) {
    words[i] = ((wide[i] as number) << (32 - bits)) | ((wide[i + 1] as number) >>> bits);
  }
  const lost = (wide[words.length] as number) & (2 ** bits - 1);
  return lost === 0 && (wide[0] as number) >>> bits === 0;
}

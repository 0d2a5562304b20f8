/** Octets as text and back: hexadecimal, base64, and what may stand in double quotes. */
import { readEscape } from '../name.js';
import { copyOctets } from '../wire/octets.js';
import { badRecord, type Word } from './field.js';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Where octets are put to be encoded: a Buffer over the memory of a short array takes ten times the copy. Longer data has one
 * made for it.
 */
const page = Buffer.allocUnsafeSlow(4096);

/** Octets as text. */
export function encoded(bytes: Uint8Array, start: number, end: number, encoding: 'hex' | 'base64' | 'latin1'): string {
  const length = end - start;
  if (length > page.length) return Buffer.from(bytes.subarray(start, end)).toString(encoding);
  for (let i = 0; i < length; i++) page[i] = bytes[start + i] ?? 0;
  return page.toString(encoding, 0, length);
}

export const hexText = (bytes: Uint8Array, start: number, end: number) => {
  return encoded(bytes, start, end, 'hex').toUpperCase();
};

/** Error: `dns.bad_record`. */
export function parseHex(text: string, what: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(text))
    throw badRecord(`${what} is no hexadecimal: "${shorten(text)}"`);
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

/** Error: `dns.bad_record`. */
export function parseBase64(text: string, what: string): Uint8Array {
  if (text.length % 4 !== 0 || !/^[0-9a-z+/]*={0,2}$/i.test(text))
    throw badRecord(`${what} is no base64: "${shorten(text)}"`);
  return Uint8Array.from(Buffer.from(text, 'base64'));
}

/** For messages. */
export const shorten = (text: string) => (text.length > 40 ? `${text.slice(0, 37)}…` : text);

/** A word's octets, escapes resolved. Error: `dns.bad_record`. */
export function wordOctets({ text }: Word, what: string): Uint8Array {
  const octets = new Uint8Array(text.length);
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    let octet = text.charCodeAt(i);
    if (octet === BACKSLASH) {
      const escaped = readEscape(text, i);
      if (escaped === undefined) throw badRecord(`${what} has a broken escape: "${shorten(text)}"`);
      octet = escaped.octet;
      i = escaped.last;
    }
    if (octet > 0xff) throw badRecord(`${what} has a character beyond one octet: "${shorten(text)}"`);
    octets[length++] = octet;
  }
  return length === octets.length ? octets : copyOctets(octets, 0, length);
}

/** In double quotes, what is not printable ASCII as \\DDD: safe for a terminal. */
export function quote(bytes: Uint8Array, start: number, end: number): string {
  if (isPlain(bytes, start, end)) return `"${encoded(bytes, start, end, 'latin1')}"`;
  let text = '"';
  for (let i = start; i < end; i++) {
    const octet = bytes[i] ?? 0;
    if (octet < 0x20 || octet >= 0x7f) text += `\\${String(octet).padStart(3, '0')}`;
    else if (octet === QUOTE || octet === BACKSLASH) text += `\\${String.fromCharCode(octet)}`;
    else text += String.fromCharCode(octet);
  }
  return `${text}"`;
}

/** Nothing in it has to be escaped. */
function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) {
    const octet = bytes[i] ?? 0;
    if (octet < 0x20 || octet >= 0x7f || octet === QUOTE || octet === BACKSLASH) return false;
  }
  return true;
}

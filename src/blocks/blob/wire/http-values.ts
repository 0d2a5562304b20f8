/** Values of HTTP header fields that S3 uses: dates, entity tags, ranges, text beyond ASCII. */
import type { RangeRequest } from '../object-types.js';

/** Header fields by lower-case name; several of a name are one, with commas. */
export type Headers = ReadonlyMap<string, string>;

/** As RFC 9110, section 5.6.7 wants it: `Sat, 31 Jan 2026 12:00:00 GMT`. */
export function httpDate(ms: number): string {
  return new Date(ms).toUTCString();
}

const MONTHS = 'Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec';
const HTTP_DATES = [
  new RegExp(`^[A-Z][a-z]{2}, \\d{2} (?:${MONTHS}) \\d{4} \\d{2}:\\d{2}:\\d{2} (?:GMT|UTC|[+-]0000)$`),
  new RegExp(`^[A-Z][a-z]+, \\d{2}-(?:${MONTHS})-\\d{2} \\d{2}:\\d{2}:\\d{2} GMT$`),
  new RegExp(`^[A-Z][a-z]{2} (?:${MONTHS}) [ \\d]\\d \\d{2}:\\d{2}:\\d{2} \\d{4}$`),
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?Z$/,
];

/** Milliseconds; the three forms of RFC 9110 and the one of S3's documents. Undefined for what is no date, which the RFC has ignored. */
export function parseHttpDate(text: string): number | undefined {
  if (!HTTP_DATES.some((form) => form.test(text))) return undefined;
  // The asctime form has no zone, and means UTC.
  const ms = Date.parse(/(?:GMT|UTC|0000|Z)$/.test(text) ? text : `${text} GMT`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** `"a", W/"b"` → a and b; `*` stays. Without quotes, too: so some clients send them, and S3 takes them. */
export function parseEtags(text: string): readonly string[] {
  return text
    .split(',')
    .map((part) =>
      part
        .trim()
        .replace(/^W\//, '')
        .replace(/^"(.*)"$/, '$1'),
    )
    .filter((etag) => etag !== '');
}

/** One range of bytes. Undefined for several and for what is none: then the whole is asked for, as S3 and RFC 9110 have it. */
export function parseRange(text: string): RangeRequest | undefined {
  const [, first, last] = /^bytes=\s*(?:(\d{1,30})\s*)?-\s*(?:(\d{1,30})\s*)?$/i.exec(text) ?? [];
  if (first === undefined) return last === undefined ? undefined : { suffix: toCount(last) };
  if (last === undefined) return { first: toCount(first) };
  return toCount(last) < toCount(first) ? undefined : { first: toCount(first), last: toCount(last) };
}

function toCount(digits: string): number {
  return Math.min(Number(digits), Number.MAX_SAFE_INTEGER);
}

/** Node hands the bytes of a header on as Latin-1; what is UTF-8 is read as such. */
export function decodeHeader(value: string): string {
  if (!/[\u0080-\u00ff]/.test(value)) return value;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(value, 'latin1'));
  } catch {
    return value;
  }
}

/** The reverse, for Node to send. Line ends and other controls, which no header can hold, become blanks. */
export function encodeHeader(value: string): string {
  // A header cannot hold control characters of ASCII, but for the tab.
  const clean = value.replace(/(?=\p{ASCII})(?!\t)\p{Cc}/gu, ' ');
  return /\P{ASCII}/u.test(clean) ? Buffer.from(clean, 'utf8').toString('latin1') : clean;
}

/** Characters of an encoded word that hold text, RFC 2047, section 2: 75 less the frame, in whole bytes of Base64. */
const BYTES_OF_A_WORD = 45;

/** Metadata beyond ASCII goes out as encoded words (RFC 2047), as S3 has it. */
export function encodeMetadata(value: string): string {
  if (!/\P{ASCII}/u.test(value)) return encodeHeader(value);
  const words: string[] = [];
  let word = '';
  for (const character of value) {
    if (Buffer.byteLength(word + character) > BYTES_OF_A_WORD) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  words.push(word);
  return words.map((text) => `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`).join(' ');
}

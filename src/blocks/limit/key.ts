/**
 * Keys: what a limiter counts by. Any bytes can be a key; in the program it is a string, on disk and on the wire bytes.
 *
 *     bytes                       string                              by
 *     valid UTF-8                 the text itself                     keyFromBytes, bytesOfKey
 *     a byte that is none (0xFF)  a lone surrogate, U+DC00 + byte     as Python's surrogateescape (PEP 383)
 *     more than 512               a digest form of 520, see below     storedKey: what engines look up and keep
 *
 *     digest form:   ED B0 80 │ the first 453 bytes of the key │ SHA-256 of the key in 64 hex digits
 *                    (U+DC00)
 *
 * No ordinary key equals a digest form: as bytes those are longer than 512, and as text only they begin with U+DC00,
 * which no byte is escaped to. So a key of a megabyte costs memory and disk as one of 520 bytes does.
 */
import { isUtf8 } from 'node:buffer';
import { limitErrors } from './errors.js';

/** Bytes. Longer keys are refused; there is no need for them, and a peer must not fill the memory with one. */
export const LONGEST_KEY = 1024 * 1024;
/** Bytes. Longer keys are kept as digests. */
export const LONGEST_STORED_KEY = 512;
/** Characters of so many take at most LONGEST_STORED_KEY bytes. */
const SURELY_SHORT = Math.floor(LONGEST_STORED_KEY / 3);

const DIGEST_MARK = '\udc00';
const KEPT_OF_LONG = 453;
const DIGEST_DIGITS = 64;

/** U+DC80 … U+DCFF stand for the bytes 0x80 … 0xFF. */
const ESCAPE_BASE = 0xdc00;

/** Bytes as a peer sent them → the key. Never fails; different bytes give different keys. */
export function keyFromBytes(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return isUtf8(buffer) ? buffer.toString('utf8') : escapeBroken(buffer);
}

/** The inverse of {@link keyFromBytes}. Other lone surrogates become the three bytes that UTF-8 would have for them. */
export function bytesOfKey(key: string): Buffer {
  if (isWellFormed(key)) return Buffer.from(key, 'utf8');
  const parts: Buffer[] = [];
  let from = 0;
  for (const match of key.matchAll(LONE_SURROGATE)) {
    parts.push(Buffer.from(key.slice(from, match.index), 'utf8'), bytesOfSurrogate(match[0].charCodeAt(0)));
    from = match.index + 1;
  }
  parts.push(Buffer.from(key.slice(from), 'utf8'));
  return Buffer.concat(parts);
}

/** Error: `limit.bad_key`. */
export function checkKey(key: string): void {
  if (key.length > 0 && key.length <= SURELY_SHORT) return;
  if (key.length === 0) {
    throw limitErrors.error('limit.bad_key', 'an empty key counts nobody', { hint: 'name whom to count: user:42' });
  }
  const bytes = key.length > LONGEST_KEY ? key.length : Buffer.byteLength(key);
  if (bytes <= LONGEST_KEY) return;
  throw limitErrors.error('limit.bad_key', `a key of ${bytes} bytes is longer than ${LONGEST_KEY}`, {
    hint: 'use a digest of it: printf %s "$KEY" | sha256sum',
    details: { bytes, most: LONGEST_KEY },
  });
}

/**
 * What stands for the key in a store: the key itself, or the digest form of a long one. Texts that are the same bytes
 * come out as one; a digest form stays what it is, so that a key which `top` told can be asked about.
 */
export function storedKey(key: string): string {
  if (key.length <= SURELY_SHORT && isWellFormed(key)) return key;
  if (isDigestForm(key)) return key;
  const bytes = bytesOfKey(key);
  if (bytes.length <= LONGEST_STORED_KEY) return keyFromBytes(bytes);
  return `${DIGEST_MARK}${keyFromBytes(bytes.subarray(0, KEPT_OF_LONG))}${digestOf(bytes)}`;
}

/** A stored key's bytes, as {@link bytesOfKey} made them of what {@link storedKey} gave → the stored key. */
export function storedKeyFromBytes(bytes: Uint8Array): string {
  if (bytes.length <= LONGEST_STORED_KEY) return keyFromBytes(bytes);
  const kept = bytes.subarray(3, bytes.length - DIGEST_DIGITS);
  const digits = bytes.subarray(bytes.length - DIGEST_DIGITS);
  return `${DIGEST_MARK}${keyFromBytes(kept)}${Buffer.from(digits).toString('latin1')}`;
}

/** Whether a text survives the way to bytes and back. Others are of no bytes at all, or of the same as another text. */
export function isCanonical(text: string): boolean {
  return isWellFormed(text) || keyFromBytes(bytesOfKey(text)) === text;
}

/** For people: broken bytes as `\xff`, a long key by its beginning and its digest. Control characters stay. */
export function showKey(key: string): string {
  const stored = storedKey(key);
  const text = isDigestForm(stored)
    ? `${stored.slice(1, 41)}…(sha256 ${stored.slice(-DIGEST_DIGITS).slice(0, 12)}…)`
    : stored;
  return text.replace(LONE_SURROGATE, (surrogate) => {
    const code = surrogate.charCodeAt(0);
    return code >= 0xdc80 && code <= 0xdcff
      ? `\\x${(code - ESCAPE_BASE).toString(16)}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

const isDigestForm = (key: string) => key.charCodeAt(0) === ESCAPE_BASE && key.length > DIGEST_DIGITS;

const LONE_SURROGATE = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** Most keys have no surrogates at all: a plain loop finds that sooner than the pattern does. */
function isWellFormed(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code >= 0xd800 && code <= 0xdfff) return text.search(LONE_SURROGATE) < 0;
  }
  return true;
}

/** U+DC80 … U+DCFF → the byte; others as UTF-8 would have them, were they allowed there. */
function bytesOfSurrogate(code: number): Buffer {
  if (code >= 0xdc80 && code <= 0xdcff) return Buffer.from([code - ESCAPE_BASE]);
  return Buffer.from([0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f)]);
}

/** Text in pieces of valid UTF-8, each as long as possible; the bytes between them escaped. */
function escapeBroken(bytes: Buffer): string {
  let text = '';
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    text += bytes.toString('utf8', from, at) + String.fromCharCode(ESCAPE_BASE + (bytes[at] ?? 0));
    at += 1;
    from = at;
  }
  return text + bytes.toString('utf8', from);
}

/** Bytes of the valid UTF-8 character at `at`; 0 when there is none. */
function sequenceLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  return at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

/** node:crypto is loaded when a long key comes: it takes 4 ms. */
function digestOf(bytes: Buffer): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(bytes).digest('hex');
}

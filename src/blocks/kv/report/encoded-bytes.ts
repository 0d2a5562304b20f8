/** Bytes in JSON: a text where they are UTF-8, `{"base64": "…"}` where they are not. */
import { isUtf8 } from 'node:buffer';
import { type ByteString, byteStringOf, byteStringOfText, bytesOf } from '../bytes.js';

export type EncodedBytes = string | { readonly base64: string };

export function encodeBytes(bytes: ByteString): EncodedBytes {
  const buffer = bytesOf(bytes);
  return isUtf8(buffer) ? buffer.toString('utf8') : { base64: buffer.toString('base64') };
}

/** Half of a character: no text of UTF-8 has one. */
const LONE_SURROGATE = /\p{Surrogate}/u;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** undefined where it is neither. */
export function decodeBytes(value: unknown): ByteString | undefined {
  if (typeof value === 'string') return LONE_SURROGATE.test(value) ? undefined : byteStringOfText(value);
  if (typeof value !== 'object' || value === null || !('base64' in value)) return undefined;
  const { base64 } = value;
  return typeof base64 === 'string' && BASE64.test(base64) ? byteStringOf(Buffer.from(base64, 'base64')) : undefined;
}

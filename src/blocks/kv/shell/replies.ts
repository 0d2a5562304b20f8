/** A reply for people, as lines; for a pipe, a line for each value; and as JSON. */
import { isUtf8 } from 'node:buffer';
import type { WireReply } from '../../../platform/protocol/resp-client/values.js';
import { type ByteString, bytesOf } from '../bytes.js';
import { type EncodedBytes, encodeBytes } from '../report/encoded-bytes.js';

/** Bytes that are no UTF-8 as `\xHH`. */
function textOfBytes(bytes: ByteString): string {
  const buffer = bytesOf(bytes);
  if (isUtf8(buffer)) return buffer.toString('utf8');
  return bytes.replace(/[^\x20-\x7e]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

/** Numbered and indented, as redis-cli does it. */
export function replyLines(reply: WireReply): string[] {
  if (reply === null) return ['(nil)'];
  if (typeof reply === 'number') return [String(reply)];
  if (typeof reply === 'string') return [textOfBytes(reply)];
  if (reply.length === 0) return ['(empty)'];
  const width = String(reply.length).length;
  return reply.flatMap((item, index) => {
    const number = `${String(index + 1).padStart(width)}) `;
    return replyLines(item).map((line, at) => (at === 0 ? number : ' '.repeat(number.length)) + line);
  });
}

/** Exact bytes; of no value an empty line. */
export function rawLines(reply: WireReply): ByteString[] {
  if (reply === null) return [''];
  return typeof reply === 'object' ? reply.flatMap(rawLines) : [String(reply)];
}

export type ReplyJson = EncodedBytes | number | null | readonly ReplyJson[];

/** Integers are strings: of 64 bits. */
export function replyJson(reply: WireReply): ReplyJson {
  if (reply === null || typeof reply === 'number') return reply;
  return typeof reply === 'string' ? encodeBytes(reply) : reply.map(replyJson);
}

/** A command's reply as a client of RESP2 would have it. */
import type { Reply, TaggedReply } from '../../../platform/protocol/resp/reply.js';
import { ErrorReply } from '../../../platform/protocol/resp-client/connection.js';
import type { WireReply } from '../../../platform/protocol/resp-client/values.js';
import { byteStringOf, byteStringOfText } from '../bytes.js';

/** Error: {@link ErrorReply} for an error reply, also within an array. */
export function wireOfReply(reply: Reply): WireReply {
  if (reply === null) return null;
  switch (typeof reply) {
    case 'string':
      return byteStringOfText(reply);
    case 'number':
    case 'bigint':
      return String(reply);
    case 'boolean':
      return reply ? '1' : '0';
    default:
      if (Buffer.isBuffer(reply)) return byteStringOf(reply);
      return 'type' in reply ? wireOfTagged(reply) : reply.map(wireOfReply);
  }
}

function wireOfTagged(reply: TaggedReply): WireReply {
  switch (reply.type) {
    case 'simple':
    case 'bytes':
      return reply.text;
    case 'verbatim':
      return byteStringOfText(reply.text);
    case 'error':
      throw new ErrorReply(`${reply.code} ${reply.message}`);
    case 'map':
      return reply.entries.flatMap(([name, value]) => [wireOfReply(name), wireOfReply(value)]);
    case 'set':
    case 'push':
      return reply.items.map(wireOfReply);
    case 'double':
      return formatDouble(reply.value);
    case 'bigNumber':
      return String(reply.value);
    case 'nullArray':
      return null;
    case 'raw':
      throw new TypeError('a command of the store answers values, not bytes of the wire');
  }
}

function formatDouble(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
}

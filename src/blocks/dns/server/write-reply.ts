/**
 * A response's octets, as the client can take them. Whatever a client asks and an upstream tells, there is one that fits:
 *
 *     header, question, OPT with NSID     at most 12 + 259 + 11 + 132 of 512 octets: several questions are not repeated
 *     extended errors                     give way to records, texts first, and TC says so (RFC 8914, section 3)
 *     records                             whole RRsets, as many as fit
 *     padding                             what is left, where it is wanted
 */
import type { ExtendedError } from '../edns-options.js';
import { readUint16 } from '../wire/octets.js';
import { Flag, type Message, responseTo, writeMessage } from '../wire.js';
import type { Client } from './client.js';
import { padding, responseEdns, responseLimit, wantsPadding } from './edns.js';

export interface ReplyOptions {
  readonly nsid: Buffer | undefined;
  readonly errors: readonly ExtendedError[];
}

/** `parts` are those of the response, without EDNS. Error: `dns.unwritable`, of records that are none. */
export function writeReply(
  query: Message,
  client: Client,
  parts: Partial<Message>,
  { nsid, errors }: ReplyOptions,
): Uint8Array {
  const limit = responseLimit(query, client);
  // Several questions may be longer than the response may be, and no answer is to one of them (RFC 9619).
  const plain = responseTo(query, { ...parts, ...(query.questions.length > 1 && { questions: [] }) });
  const withErrors = (given: readonly ExtendedError[]) => {
    const edns = responseEdns(query, nsid, given);
    return edns === undefined ? plain : { ...plain, edns };
  };
  const bare = withErrors([]);
  const wire = writeMessage(bare, { limit });
  if (bare.edns === undefined) return wire;
  if (errors.length === 0 || isCut(wire)) return padded(bare, wire, query, client);
  const withoutTexts = errors.map(({ code }) => ({ code, text: '' }));
  for (const given of [errors, withoutTexts]) {
    const told = withErrors(given);
    if (wire.length + optionOctets(told) - optionOctets(bare) > limit) continue;
    const message = given === errors ? told : { ...told, truncated: true };
    return padded(message, writeMessage(message, { limit }), query, client);
  }
  return padded(bare, writeMessage({ ...bare, truncated: true }, { limit }), query, client);
}

function padded(message: Message, wire: Uint8Array, query: Message, client: Client): Uint8Array {
  const { edns } = message;
  const limit = responseLimit(query, client);
  if (edns === undefined || !wantsPadding(query, client) || wire.length + 4 > limit) return wire;
  const { code, data } = padding(wire.length);
  const option = { code, data: data.subarray(0, limit - wire.length - 4) };
  return writeMessage({ ...message, edns: { ...edns, options: [...edns.options, option] } }, { limit });
}

function optionOctets({ edns }: Message): number {
  return edns?.options.reduce((sum, { data }) => sum + 4 + data.length, 0) ?? 0;
}

const isCut = (wire: Uint8Array): boolean => (readUint16(wire, 2) & Flag.TC) !== 0;

/**
 * Records into the messages of a transfer (RFC 5936, section 2.2): as many as fit well into each, names compressed. The first
 * message has the question and the OPT record, later ones only records.
 */
import { dnsErrors } from '../../errors.js';
import type { Name } from '../../name.js';
import type { ResourceRecord } from '../../record.js';
import { readUint16 } from '../../wire/octets.js';
import { type Edns, Flag, type Message, responseTo, writeMessage } from '../../wire.js';

/**
 * Octets of a message, as estimated: owners count without the origin, data uncompressed. Longer ones compress less well, for
 * pointers lead back 16 KiB at most; shorter ones are more of them.
 */
const MESSAGE_OCTETS = 24 * 1024;
/** Type, class, TTL and length. */
const FIXED_OCTETS = 10;
const POINTER_OCTETS = 2;

/** `origin`: of the zone. Error: `dns.message_too_long`, for a record that no message can hold. */
export function* packMessages(
  query: Message,
  origin: Name,
  records: Iterable<ResourceRecord>,
  edns: Edns | undefined,
): Generator<Uint8Array, void, undefined> {
  let shared: Partial<Message> = edns === undefined ? {} : { edns };
  let batch: ResourceRecord[] = [];
  let octets = 0;
  let last: Name | undefined;
  for (const record of records) {
    const owner = record.name === last ? 0 : record.name.wire.length - origin.wire.length;
    const size = POINTER_OCTETS + owner + FIXED_OCTETS + record.rdata.length;
    if (batch.length > 0 && octets + size > MESSAGE_OCTETS) {
      yield message(query, batch, shared);
      shared = { questions: [] };
      batch = [];
      octets = 0;
    }
    batch.push(record);
    octets += size;
    last = record.name;
  }
  if (batch.length > 0) yield message(query, batch, shared);
}

function message(query: Message, answers: readonly ResourceRecord[], shared: Partial<Message>): Uint8Array {
  const wire = writeMessage(responseTo(query, { authoritative: true, answers, ...shared }));
  if ((readUint16(wire, 2) & Flag.TC) === 0) return wire;
  throw dnsErrors.error('dns.message_too_long', `a record of ${answers[0]?.name} does not fit into a message`);
}

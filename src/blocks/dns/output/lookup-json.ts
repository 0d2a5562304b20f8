/** One lookup as a document: the message by RFC 8427, and around it what was measured. */
import type { Answered } from './dig-lookup.js';
import { type JsonObject, messageJson } from './json.js';
import { outcomeOf, sayOutcome } from './outcome.js';
import type { TransferPart } from './transfer.js';

export function lookupJson({ exchange, at }: Pick<Answered, 'exchange' | 'at'>): JsonObject {
  const { response, server, address, transport, elapsedMs, octets, truncatedUdp } = exchange;
  const outcome = outcomeOf(response);
  const text = sayOutcome(outcome);
  return {
    ...dated(at),
    ...messageJson(response),
    outcome: outcome.kind,
    ...(text === undefined ? {} : { message: text }),
    server: server.shown,
    address,
    transport,
    ...(truncatedUdp ? { truncated_udp: true } : {}),
    query_time_ms: Number(elapsedMs.toFixed(3)),
    size: octets,
  };
}

/** One message of a zone transfer. */
export function transferJson({ message, server, octets }: TransferPart, at: number): JsonObject {
  return { ...dated(at), ...messageJson(message), server: server.shown, size: octets };
}

/** RFC 8427, section 2.5. */
function dated(at: number): JsonObject {
  return { dateString: new Date(at).toISOString(), dateSeconds: Math.floor(at / 1000) };
}

/** A zone transfer as the records that it brings, whatever its messages. */
import type { DsError } from '../../../platform/errors.js';
import { extendedErrorsOf } from '../cache/extended-error.js';
import { dnsErrors } from '../errors.js';
import { Name } from '../name.js';
import { soaData } from '../soa.js';
import { type Message, makeMessage, Rcode, RRClass, RRType, rcodeName } from '../wire.js';
import { badAnswer } from './attempt.js';
import type { NameServer } from './server-address.js';
import { type TransferOptions, transferMessages } from './transfer.js';
import { NoTransfer, type TransferPart, TransferReader } from './transfer-reader.js';

export interface ZoneTransferOptions extends TransferOptions {
  /** What one has: then what changed since is asked for (IXFR), and the whole zone may come all the same. */
  readonly serial?: number;
}

/**
 * The form of the transfer first, then its records. Over TCP or TLS; a udp server is asked over TCP. Stopping early hangs up.
 * Errors, all of kind `peer`: `dns.transfer_refused`; `dns.bad_answer` and `dns.malformed` for what is no transfer of this
 * zone; `dns.timeout`, `dns.unreachable`, `dns.untrusted`.
 */
export async function* transferZone(
  server: NameServer,
  origin: Name,
  { serial, ...options }: ZoneTransferOptions,
): AsyncGenerator<TransferPart, void, undefined> {
  const reader = new TransferReader(origin, serial);
  for await (const { message } of transferMessages(server, transferQuery(origin, serial), options)) {
    if (message.rcode !== Rcode.NOERROR) throw transferRefused(server, origin, message);
    yield* readParts(server, reader, message);
  }
  if (!reader.isDone) throw badAnswer(server, 'it is no zone transfer: its end is missing');
}

function readParts(server: NameServer, reader: TransferReader, message: Message): TransferPart[] {
  try {
    return reader.take(message.answers);
  } catch (error) {
    if (error instanceof NoTransfer) throw badAnswer(server, `it is no zone transfer: ${error.message}`);
    throw error;
  }
}

/** Of the SOA in an IXFR query only the serial counts (RFC 1995, section 3). */
export function transferQuery(origin: Name, serial?: number): Message {
  const type = serial === undefined ? RRType.AXFR : RRType.IXFR;
  const questions = [{ name: origin, type, class: RRClass.IN }];
  if (serial === undefined) return makeMessage({ questions });
  const rdata = soaData({
    primaryServer: Name.root,
    mailbox: Name.root,
    serial,
    refresh: 0,
    retry: 0,
    expire: 0,
    minimum: 0,
  });
  const soa = { name: origin, type: RRType.SOA, class: RRClass.IN, ttl: 0, rdata };
  return makeMessage({ questions, authorities: [soa] });
}

/** What a message means whose rcode is not NOERROR. */
export function transferRefused(server: NameServer, origin: Name, message: Message): DsError {
  const rcode = rcodeName(message.rcode);
  const [told] = extendedErrorsOf(message);
  const why = told === undefined || told.text === '' ? '' : `: ${told.text}`;
  return dnsErrors.error('dns.transfer_refused', `${server.shown} does not transfer ${origin}: ${rcode}${why}`, {
    hint: HINTS[message.rcode] ?? `see what it has: ds dns query ${origin} SOA @${server.shown}`,
    details: { server: server.shown, zone: origin.toString(), rcode },
  });
}

const HINTS: Readonly<Record<number, string>> = {
  [Rcode.REFUSED]:
    'allow it there: --allow-transfer ADDRESS (ds), allow-transfer (BIND), acl (Knot), provide-xfr (NSD)',
  [Rcode.NOTAUTH]: 'the server is not authoritative for it: name the one that is',
};

/**
 * Whether what came is the reply to a query (RFC 5452, section 9.1; RFC 7873, section 5.3): its id, that it is a response, its
 * opcode, its question, and the client's part of its cookie. Whence it came the socket has checked.
 */
import { DsError } from '../../../platform/errors.js';
import { readUint16 } from '../wire/octets.js';
import {
  EdnsOptionCode,
  Flag,
  HEADER_OCTETS,
  type Message,
  makeMessage,
  Rcode,
  readMessage,
  readName,
} from '../wire.js';

export type Reading =
  | { readonly kind: 'reply'; readonly message: Message }
  /** Not ours: somebody else's, spoofed, late, or our own query come back. */
  | { readonly kind: 'foreign'; readonly why: string }
  /** Seems to be ours, but cannot be read. */
  | { readonly kind: 'malformed'; readonly error: DsError };

const CLIENT_COOKIE_OCTETS = 8;
/** What servers that cannot make sense of a query answer, some of them with the header alone. */
const WITHOUT_QUESTION: ReadonlySet<number> = new Set([Rcode.FORMERR, Rcode.NOTIMP, Rcode.SERVFAIL, Rcode.REFUSED]);

/** `id` is the one that was sent, whatever the query says. */
export function readReply(bytes: Uint8Array, query: Message, id: number): Reading {
  if (bytes.length < HEADER_OCTETS) return foreign(`${bytes.length} octets are no message`);
  if (readUint16(bytes, 0) !== id) return foreign('its id is another one');
  const flags = readUint16(bytes, 2);
  if ((flags & Flag.QR) === 0) return foreign('it is a query');
  if (((flags >>> 11) & 15) !== query.opcode) return foreign('its opcode is another one');
  const read = readWhole(bytes, flags);
  if (read instanceof DsError) return { kind: 'malformed', error: read };
  if (!asksTheSame(query, read)) return foreign('its question is another one');
  return cookieFits(query, read) ? { kind: 'reply', message: read } : foreign('its cookie is not ours');
}

const foreign = (why: string): Reading => ({ kind: 'foreign', why });

function readWhole(bytes: Uint8Array, flags: number): Message | DsError {
  try {
    return readMessage(bytes);
  } catch (error) {
    if (!(error instanceof DsError)) throw error;
    return (flags & Flag.TC) === 0 ? error : (readTruncated(bytes) ?? error);
  }
}

/** Some servers cut a message anywhere when they set TC: header and question are enough to ask again over TCP. */
function readTruncated(bytes: Uint8Array): Message | undefined {
  if (readUint16(bytes, 4) !== 1) return undefined;
  try {
    const end = readName(bytes, HEADER_OCTETS).end + 4;
    const head = bytes.slice(0, end);
    head.fill(0, 6, HEADER_OCTETS);
    return readMessage(head);
  } catch (error) {
    if (error instanceof DsError) return undefined;
    throw error;
  }
}

function asksTheSame(query: Message, reply: Message): boolean {
  if (reply.questions.length === 0 && query.questions.length > 0) {
    return WITHOUT_QUESTION.has(reply.rcode) && reply.answers.length === 0;
  }
  return (
    reply.questions.length === query.questions.length &&
    query.questions.every((asked, index) => {
      const told = reply.questions[index];
      return told?.type === asked.type && told.class === asked.class && told.name.equals(asked.name);
    })
  );
}

function cookieFits(query: Message, reply: Message): boolean {
  const sent = cookieOf(query);
  const got = cookieOf(reply);
  if (sent === undefined || got === undefined) return true;
  return Buffer.compare(got.subarray(0, CLIENT_COOKIE_OCTETS), sent.subarray(0, CLIENT_COOKIE_OCTETS)) === 0;
}

export function cookieOf({ edns }: Message): Uint8Array | undefined {
  return edns?.options.find(({ code }) => code === EdnsOptionCode.COOKIE)?.data;
}

/** The query as it is sent again, with the server's cookie in it (RFC 7873, section 5.3). */
export function withCookie(query: Message, cookie: Uint8Array): Message {
  const { edns } = query;
  if (edns === undefined) return query;
  const others = edns.options.filter(({ code }) => code !== EdnsOptionCode.COOKIE);
  return makeMessage({
    ...query,
    edns: { ...edns, options: [...others, { code: EdnsOptionCode.COOKIE, data: cookie }] },
  });
}

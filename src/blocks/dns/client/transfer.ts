/** Zone transfers over TCP or TLS: one query, and as many messages as it takes (RFC 5936, RFC 1995, RFC 9103). */
import type { Socket } from 'node:net';
import type { Clock, Random } from '../../../platform/clock.js';
import type { DsError } from '../../../platform/errors.js';
import { formatSize } from '../../../platform/units.js';
import { soaSerial } from '../soa.js';
import { readUint16 } from '../wire/octets.js';
import { Flag, HEADER_OCTETS, type Message, RRType, readMessage, writeMessage } from '../wire.js';
import { badAnswer, endOfPatience, Ignored, octetsOf, unreachable } from './attempt.js';
import { connectStream } from './connect.js';
import { FrameReader, frame } from './frames.js';
import { addressesOf, type Family } from './resolve.js';
import { type NameServer, overTransport } from './server-address.js';
import { TransferEnd } from './transfer-end.js';
import type { TrustOptions } from './trust.js';

export interface TransferOptions {
  /** Milliseconds to connect, and between two messages. */
  readonly idleTimeoutMs: number;
  /** Milliseconds for all of it; default {@link LONGEST_TRANSFER_MS}. */
  readonly totalTimeoutMs?: number;
  /** Octets of all messages; default {@link LARGEST_TRANSFER}. */
  readonly mostOctets?: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
  readonly trust?: TrustOptions;
  readonly family?: Family;
}

export interface TransferMessage {
  readonly message: Message;
  readonly octets: number;
  readonly address: string;
}

/** An hour, and 4 GiB: a zone of some ten million records. */
const LONGEST_TRANSFER_MS = 3_600_000;
const LARGEST_TRANSFER = 4 * 1024 ** 3;
/** Octets that were received and not yet taken by whoever reads; beyond, the socket is not read. */
const MOST_WAITING = 1 << 20;

/**
 * The messages of a transfer as they come; ends with the last one, or with one whose rcode is not NOERROR. The query is AXFR or
 * IXFR (its SOA record in the authority section); a udp server is asked over TCP. Stopping early hangs up. Errors: those of
 * exchange(); `dns.bad_answer` when what comes is no transfer, or too much.
 */
export async function* transferMessages(
  server: NameServer,
  query: Message,
  options: TransferOptions,
): AsyncGenerator<TransferMessage> {
  const asked = server.transport === 'udp' ? overTransport(server, 'tcp') : server;
  if (asked.transport === 'https') throw badAnswer(asked, 'zones are transferred over TCP or TLS, not over HTTPS');
  const { clock, idleTimeoutMs, signal, family, trust = {} } = options;
  const patience = { clock, timeoutMs: idleTimeoutMs, ...(signal === undefined ? {} : { signal }) };
  const [address = ''] = await addressesOf(asked, patience, family);
  const socket = await connectStream(asked, address, trust, patience);
  const incoming = new Incoming(asked, socket);
  try {
    const id = readUint16(options.random.bytes(2), 0);
    socket.write(frame(writeMessage({ ...query, id })));
    yield* messagesUntilEnd(asked, query, id, incoming, address, options);
  } finally {
    incoming.close();
  }
}

async function* messagesUntilEnd(
  server: NameServer,
  query: Message,
  id: number,
  incoming: Incoming,
  address: string,
  options: TransferOptions,
): AsyncGenerator<TransferMessage> {
  const { clock, idleTimeoutMs, totalTimeoutMs = LONGEST_TRANSFER_MS, mostOctets = LARGEST_TRANSFER, signal } = options;
  const end = new TransferEnd(query.questions[0]?.type ?? 0, serialOf(query));
  const begun = clock.monotonic();
  let octets = 0;
  for (;;) {
    const left = totalTimeoutMs - (clock.monotonic() - begun);
    const timeoutMs = Math.max(0, Math.min(idleTimeoutMs, left));
    const bytes = await incoming.next({ clock, timeoutMs, ...(signal === undefined ? {} : { signal }) });
    octets += bytes.length;
    if (octets > mostOctets) throw badAnswer(server, `it is longer than ${formatSize(mostOctets)}`);
    const message = readPart(server, query, id, bytes);
    const state = end.take(message);
    if (typeof state === 'object') throw badAnswer(server, `it is no zone transfer: ${state.wrong}`);
    yield { message, octets: bytes.length, address };
    if (state === 'done') return;
  }
}

/** Later messages need not repeat the question (RFC 5936, section 2.2.1). */
function readPart(server: NameServer, query: Message, id: number, bytes: Uint8Array): Message {
  if (bytes.length < HEADER_OCTETS || readUint16(bytes, 0) !== id || (readUint16(bytes, 2) & Flag.QR) === 0) {
    throw badAnswer(server, 'it does not belong to the query');
  }
  const message = readMessage(bytes);
  const [told] = message.questions;
  const [asked] = query.questions;
  if (told !== undefined && asked !== undefined && !(told.type === asked.type && told.name.equals(asked.name))) {
    throw badAnswer(server, 'its question is another one');
  }
  return message;
}

/** The serial that an IXFR query says one has. */
function serialOf({ authorities }: Message): number | undefined {
  const soa = authorities.find(({ type }) => type === RRType.SOA);
  return soa === undefined ? undefined : soaSerial(soa.rdata);
}

/** What a socket receives, message by message; reading stops while too much waits. */
class Incoming {
  readonly #server: NameServer;
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  #messages: Uint8Array[] = [];
  #waiting = 0;
  #error: DsError | undefined;
  #wake: (() => void) | undefined;

  constructor(server: NameServer, socket: Socket) {
    this.#server = server;
    this.#socket = socket;
    socket.on('data', (buffer) => {
      const messages = this.#frames.push(octetsOf(buffer));
      this.#messages.push(...messages);
      this.#waiting += messages.reduce((sum, { length }) => sum + length, 0);
      if (this.#waiting > MOST_WAITING) socket.pause();
      this.#wake?.();
    });
    socket.on('error', (error) => this.#fail(error));
    socket.on('close', () => this.#fail(new Error('it hung up before the transfer was whole')));
  }

  async next(patience: Parameters<typeof endOfPatience>[0]): Promise<Uint8Array> {
    if (this.#messages.length === 0 && this.#error === undefined) {
      await new Promise<void>((resolve, reject) => {
        if (patience.signal?.aborted) return reject(patience.signal.reason);
        const stopWaiting = endOfPatience(patience, (reason) => {
          this.#wake = undefined;
          stopWaiting();
          reject(reason ?? new Ignored().timeout(this.#server, patience.timeoutMs));
        });
        this.#wake = () => {
          if (this.#messages.length === 0 && this.#error === undefined) return;
          this.#wake = undefined;
          stopWaiting();
          resolve();
        };
      });
    }
    const bytes = this.#messages.shift();
    if (bytes === undefined) throw this.#error ?? unreachable(this.#server, new Error('it hung up'));
    this.#waiting -= bytes.length;
    if (this.#waiting <= MOST_WAITING) this.#socket.resume();
    return bytes;
  }

  close(): void {
    this.#socket.destroy();
  }

  #fail(error: Error): void {
    this.#error ??= unreachable(this.#server, error);
    this.#wake?.();
  }
}

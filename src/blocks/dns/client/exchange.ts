/**
 * One query and its reply, whatever it takes:
 *
 *     send ──▶ no reply in time                 again, `retries` times
 *          ──▶ TC over UDP                      once more over TCP (RFC 7766, section 5)
 *          ──▶ FORMERR, NOTIMP without OPT      once more without EDNS (RFC 6891, section 7)
 *          ──▶ BADVERS                          once more in the version that the server has (RFC 6891, section 6.1.3)
 *          ──▶ BADCOOKIE                        once more with the server's cookie, then over TCP (RFC 7873, section 5.3)
 *          ──▶ any other reply                  done
 */
import type { Clock, Random } from '../../../platform/clock.js';
import { DsError } from '../../../platform/errors.js';
import { readUint16 } from '../wire/octets.js';
import { type Edns, type Message, Rcode, writeMessage } from '../wire.js';
import { badAnswer, type Patience, type Reply } from './attempt.js';
import { Connections } from './connections.js';
import { cookieOf, readReply, withCookie } from './match.js';
import { addressesOf, type Family } from './resolve.js';
import { type NameServer, overTransport, type Transport } from './server-address.js';
import type { TrustOptions } from './trust.js';
import { askOverUdp } from './udp.js';

export interface ExchangeOptions {
  /** Milliseconds for one attempt, connecting included. */
  readonly timeoutMs: number;
  /** Attempts after the first, when no reply came in time. */
  readonly retries: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal?: AbortSignal;
  /** Takes what came over UDP, cut short as it is. */
  readonly ignoreTruncation?: boolean;
  /** Keeps connections for the next exchange. Without, each exchange has its own. */
  readonly connections?: Connections;
  /** How a server proves who it is, where there are no `connections`, which have their own. */
  readonly trust?: TrustOptions;
  readonly httpMethod?: 'GET' | 'POST';
  /** What the server's host resolves to, where that is known. */
  readonly address?: string;
  /** Only addresses of this family. */
  readonly family?: Family;
  /** The id to be sent, over UDP; default a new random one for each attempt. */
  readonly id?: number;
  /** Default true; else BADVERS and failures with EDNS are the answer. */
  readonly negotiateEdns?: boolean;
  /** Default true; else BADCOOKIE is the answer. */
  readonly retryBadCookie?: boolean;
  /** Told why the query is sent once more. */
  readonly onAgain?: (why: Again, reply: Message) => void;
}

export type Again = 'truncated' | 'without_edns' | 'edns_version' | 'cookie';

export interface Exchange {
  /** Its id is the one that was sent, not that of the query. */
  readonly response: Message;
  /** As it came. */
  readonly bytes: Uint8Array;
  /** Of the response, in the form of messages. */
  readonly octets: number;
  /** As it was sent last. */
  readonly query: Message;
  readonly server: NameServer;
  /** What the server's host resolved to. */
  readonly address: string;
  /** Over which the response came. */
  readonly transport: Transport;
  /** From the last sending of the query to the response, milliseconds. */
  readonly elapsedMs: number;
  /** A reply over UDP was cut short and asked for again over TCP. */
  readonly truncatedUdp: boolean;
  /** How often it was sent, at least 1. */
  readonly attempts: number;
}

/** Replies that only lead to sending the query once more, in one exchange. */
const MOST_AGAIN = 4;

/**
 * The id of the query does not matter: each attempt gets a new random one. The query must not be changed meanwhile.
 * Errors, all of kind `peer`: `dns.timeout`, `dns.unreachable`, `dns.untrusted`, `dns.malformed`, `dns.bad_answer`; when the
 * signal is aborted, its reason.
 */
export async function exchange(server: NameServer, query: Message, options: ExchangeOptions): Promise<Exchange> {
  options.signal?.throwIfAborted();
  if (options.connections !== undefined) return new Asking(server, query, options, options.connections).run();
  const own = new Connections({ clock: options.clock, random: options.random, ...options.trust });
  try {
    return await new Asking(server, query, options, own).run();
  } finally {
    await own.close();
  }
}

class Asking {
  readonly #options: ExchangeOptions;
  readonly #connections: Connections;
  #server: NameServer;
  #query: Message;
  #address = '';
  #attempts = 0;
  #truncatedUdp = false;
  #hasTriedCookie = false;

  constructor(server: NameServer, query: Message, options: ExchangeOptions, connections: Connections) {
    this.#server = server;
    this.#query = query;
    this.#options = options;
    this.#connections = connections;
  }

  async run(): Promise<Exchange> {
    const { onAgain } = this.#options;
    const asked = this.#server;
    const { address, family } = this.#options;
    this.#address = address ?? (await addressesOf(asked, this.#options, family))[0] ?? '';
    let reply = await this.#persist();
    for (let rounds = 0; rounds < MOST_AGAIN; rounds++) {
      const again = this.#again(reply.message);
      if (again === undefined) break;
      onAgain?.(again, reply.message);
      reply = await this.#persist();
    }
    return {
      response: reply.message,
      bytes: reply.bytes,
      octets: reply.bytes.length,
      query: this.#query,
      server: asked,
      address: this.#address,
      transport: this.#server.transport,
      elapsedMs: reply.elapsedMs,
      truncatedUdp: this.#truncatedUdp,
      attempts: this.#attempts,
    };
  }

  /** Why the query is to be sent once more, after having changed it so. */
  #again(reply: Message): Again | undefined {
    const { edns } = this.#query;
    const isUdp = this.#server.transport === 'udp';
    if (isUdp && reply.truncated && this.#options.ignoreTruncation !== true) {
      this.#truncatedUdp = true;
      return this.#goOverTcp('truncated');
    }
    if (edns === undefined) return undefined;
    return this.#againWithoutEdns(reply, edns) ?? this.#againWithCookie(reply);
  }

  #againWithoutEdns(reply: Message, edns: Edns): Again | undefined {
    const { FORMERR, NOTIMP, BADVERS } = Rcode;
    if (this.#options.negotiateEdns === false) return undefined;
    if ((reply.rcode === FORMERR || reply.rcode === NOTIMP) && reply.edns === undefined) {
      const { edns: _, ...plain } = this.#query;
      this.#query = plain;
      return 'without_edns';
    }
    if (reply.rcode !== BADVERS || reply.edns === undefined || reply.edns.version >= edns.version) return undefined;
    this.#query = { ...this.#query, edns: { ...edns, version: reply.edns.version } };
    return 'edns_version';
  }

  #againWithCookie(reply: Message): Again | undefined {
    const cookie = cookieOf(reply);
    if (this.#options.retryBadCookie === false || reply.rcode !== Rcode.BADCOOKIE || cookie === undefined) {
      return undefined;
    }
    this.#query = withCookie(this.#query, cookie);
    if (!this.#hasTriedCookie) {
      this.#hasTriedCookie = true;
      return 'cookie';
    }
    return this.#server.transport === 'udp' ? this.#goOverTcp('cookie') : undefined;
  }

  #goOverTcp(why: Again): Again {
    this.#server = overTransport(this.#server, 'tcp');
    return why;
  }

  /** Sends until a reply comes or there are no attempts left. */
  async #persist(): Promise<Reply> {
    for (let left = this.#options.retries; ; left--) {
      try {
        this.#attempts++;
        return await this.#send();
      } catch (error) {
        if (left <= 0 || !(error instanceof DsError) || error.code !== 'dns.timeout') throw error;
      }
    }
  }

  #send(): Promise<Reply> {
    const { random, id = readUint16(random.bytes(2), 0), httpMethod: method = 'POST' } = this.#options;
    const server = this.#server;
    const query = this.#query;
    const patience: Patience = this.#options;
    if (server.transport === 'udp') {
      const bytes = writeMessage({ ...query, id });
      return askOverUdp(server, this.#address, bytes, (reply) => readReply(reply, query, id), patience);
    }
    if (server.transport === 'https') return this.#sendOverHttps(method);
    const stream = {
      write: (own: number) => writeMessage({ ...query, id: own }),
      read: (reply: Uint8Array, own: number) => readReply(reply, query, own),
    };
    return this.#connections.askOverStream(server, this.#address, stream, patience);
  }

  /** With id 0, so that caches see equal queries as equal (RFC 8484, section 4.1). */
  async #sendOverHttps(method: 'GET' | 'POST'): Promise<Reply> {
    const server = this.#server;
    const query = { bytes: writeMessage({ ...this.#query, id: 0 }), method };
    const { bytes, elapsedMs } = await this.#connections.askOverHttps(server, this.#address, query, this.#options);
    const reading = readReply(bytes, this.#query, 0);
    if (reading.kind === 'reply') return { message: reading.message, bytes, elapsedMs };
    if (reading.kind === 'malformed') throw reading.error;
    throw badAnswer(server, `it is no reply to the query: ${reading.why}`);
  }
}

/**
 * DNS over HTTPS (RFC 8484): HTTP/2 where the server takes it, else HTTP/1.1. http:// is HTTP/2 with prior knowledge (RFC 9113,
 * section 3.3), as BIND and dig speak it, else HTTP/1.1, too. Which of the two a server takes is found out at its first use:
 *
 *     connect ──▶ ALPN h2 ───────────────▶ a session, kept
 *             ──▶ ALPN http/1.1 or none ─▶ a pool of connections, kept
 *
 * Whether an answer may be kept is the business of TTLs; the cache headers of HTTP are not looked at.
 */
import { type Patience, type Reply, unreachable } from './attempt.js';
import { connectStream, connectTls, expectedName } from './connect.js';
import { type HttpLink, type HttpMethod, makeRequest, messageIn } from './http-link.js';
import { Http1Link } from './https-http1.js';
import { Http2Link } from './https-http2.js';
import type { NameServer } from './server-address.js';
import type { ConnectionsOptions } from './trust.js';

export class HttpsClient {
  readonly #options: ConnectionsOptions;
  readonly #links = new Map<string, Promise<HttpLink>>();
  #closed = false;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** The message that was answered. Errors: `dns.timeout`, `dns.unreachable`, `dns.untrusted`, `dns.bad_answer`. */
  async ask(
    server: NameServer,
    address: string,
    query: { readonly bytes: Uint8Array; readonly method: HttpMethod },
    patience: Patience,
  ): Promise<Omit<Reply, 'message'>> {
    const link = await this.#link(server, address, patience);
    const sentAt = patience.clock.monotonic();
    const answer = await link.ask(makeRequest(server, query.bytes, query.method), patience);
    return { bytes: messageIn(server, answer), elapsedMs: patience.clock.monotonic() - sentAt };
  }

  async close(): Promise<void> {
    this.#closed = true;
    const links = [...this.#links.values()];
    this.#links.clear();
    for (const opening of links) {
      const link = await opening.catch(() => undefined);
      await link?.close();
    }
  }

  /** Whoever asks while one is being opened waits for the same. */
  async #link(server: NameServer, address: string, patience: Patience): Promise<HttpLink> {
    const key = `${server.plain ?? false} ${expectedName(server, this.#options)} ${address} ${server.port}`;
    for (;;) {
      const begun = this.#links.get(key);
      if (begun === undefined) break;
      const link = await begun.catch(() => undefined);
      patience.signal?.throwIfAborted();
      if (link !== undefined && !link.ended) return link;
      if (this.#links.get(key) === begun) this.#links.delete(key);
    }
    if (this.#closed) throw unreachable(server, new Error('the connections are closed'));
    const opening = this.#open(server, address, patience);
    this.#links.set(key, opening);
    return opening;
  }

  async #open(server: NameServer, address: string, patience: Patience): Promise<HttpLink> {
    const http1 = () => new Http1Link(server, address, this.#options);
    if (server.plain === true) return (await this.#priorKnowledge(server, address, patience)) ?? http1();
    const socket = await connectTls(server, address, ['h2', 'http/1.1'], this.#options, patience);
    if (socket.alpnProtocol === 'h2') return new Http2Link(server, socket);
    socket.destroy();
    return http1();
  }

  /** Undefined for a server that answers something else. */
  async #priorKnowledge(server: NameServer, address: string, patience: Patience): Promise<Http2Link | undefined> {
    const socket = await connectStream({ ...server, transport: 'tcp' }, address, this.#options, patience);
    const link = new Http2Link(server, socket);
    if (await link.greets(patience)) return link;
    await link.close();
    return undefined;
  }
}

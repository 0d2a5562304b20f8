/**
 * Connections over TCP, TLS and HTTPS that are kept for the next query: one object for a batch or a forwarder, to be closed
 * when it is done. What a transport needs is loaded at its first use.
 */
import { DsError } from '../../../platform/errors.js';
import { type Patience, type Reply, unreachable } from './attempt.js';
import type { HttpsClient } from './https.js';
import type { NameServer } from './server-address.js';
import type { Stream, StreamQuery } from './stream.js';
import type { ConnectionsOptions } from './trust.js';

export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #streams = new Map<string, Set<Stream>>();
  /** Those being opened, for whoever asks meanwhile. */
  readonly #opening = new Map<string, Promise<Stream>>();
  #https: Promise<HttpsClient> | undefined;
  #closed = false;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /**
   * Asks over TCP or TLS. A kept connection may have been closed by the server just when it was used: the query is then sent
   * once more, on a new one. Errors: `dns.timeout`, `dns.unreachable`, `dns.untrusted`, `dns.malformed`.
   */
  async askOverStream(server: NameServer, address: string, query: StreamQuery, patience: Patience): Promise<Reply> {
    this.#mustBeOpen(server);
    const key = `${server.transport} ${server.serverName ?? server.host} ${address} ${server.port}`;
    const kept = this.#withRoom(key);
    const left = countdown(patience);
    if (kept !== undefined) {
      try {
        return await kept.ask(query, patience);
      } catch (error) {
        if (!(error instanceof DsError && error.code === 'dns.unreachable')) throw error;
      }
    }
    const stream = await this.#open(key, server, address, left);
    return stream.ask(query, left());
  }

  /** Asks over HTTPS. Errors: those above, and `dns.bad_answer`. */
  async askOverHttps(
    server: NameServer,
    address: string,
    query: { readonly bytes: Uint8Array; readonly method: 'GET' | 'POST' },
    patience: Patience,
  ): Promise<Omit<Reply, 'message'>> {
    this.#mustBeOpen(server);
    this.#https ??= import('./https.js').then(({ HttpsClient }) => new HttpsClient(this.#options));
    const client = await this.#https;
    return client.ask(server, address, query, patience);
  }

  /** Ends all connections; what still waits on one of them fails. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#opening.values());
    for (const streams of this.#streams.values()) for (const stream of streams) stream.close();
    const https = await this.#https?.catch(() => undefined);
    await https?.close();
  }

  #withRoom(key: string): Stream | undefined {
    for (const stream of this.#streams.get(key) ?? []) if (stream.hasRoom) return stream;
    return undefined;
  }

  /** Whoever asks while one is being opened waits for the same. */
  async #open(key: string, server: NameServer, address: string, left: () => Patience): Promise<Stream> {
    for (;;) {
      const begun = this.#opening.get(key);
      if (begun === undefined) break;
      const stream = (await begun.catch(() => undefined)) ?? this.#withRoom(key);
      left().signal?.throwIfAborted();
      if (stream?.hasRoom) return stream;
    }
    this.#mustBeOpen(server);
    const opening = this.#connect(key, server, address, left());
    this.#opening.set(key, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(key);
    }
  }

  async #connect(key: string, server: NameServer, address: string, patience: Patience): Promise<Stream> {
    const [{ Stream }, { connectStream }] = await Promise.all([import('./stream.js'), import('./connect.js')]);
    const socket = await connectStream(server, address, this.#options, patience);
    const streams = this.#streams.get(key) ?? new Set();
    const stream: Stream = new Stream(server, socket, {
      clock: this.#options.clock,
      random: this.#options.random,
      onEnd: () => {
        streams.delete(stream);
        if (streams.size === 0) this.#streams.delete(key);
      },
    });
    streams.add(stream);
    this.#streams.set(key, streams);
    return stream;
  }

  #mustBeOpen(server: NameServer): void {
    if (this.#closed) throw unreachable(server, new Error('the connections are closed'));
  }
}

/** The patience that is left. */
function countdown(patience: Patience): () => Patience {
  const { clock, timeoutMs } = patience;
  const begun = clock.monotonic();
  return () => ({ ...patience, timeoutMs: Math.max(timeoutMs - (clock.monotonic() - begun), 0) });
}

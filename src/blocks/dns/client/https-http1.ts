/** The HTTP/1.1 side of DNS over HTTPS: undici, whose pool keeps connections. */
import type { Socket } from 'node:net';
import type { Pool } from 'undici';
import { DsError } from '../../../platform/errors.js';
import { endOfPatience, Ignored, type Patience, unreachable } from './attempt.js';
import { connectStream, connectTls } from './connect.js';
import { BoundedBody, type HttpAnswer, type HttpLink, type HttpRequest, tooLong } from './http-link.js';
import type { NameServer } from './server-address.js';
import type { ConnectionsOptions } from './trust.js';

/** Connections to one server; further queries wait for one of them. */
const MOST_CONNECTIONS = 16;
/** For a connection that the pool opens, milliseconds: it serves whoever waits, not one query alone. */
const CONNECT_WITHIN_MS = 10_000;

export class Http1Link implements HttpLink {
  readonly ended = false;
  readonly #server: NameServer;
  readonly #address: string;
  readonly #options: ConnectionsOptions;
  #pool: Promise<Pool> | undefined;

  constructor(server: NameServer, address: string, options: ConnectionsOptions) {
    this.#server = server;
    this.#address = address;
    this.#options = options;
  }

  async ask({ method, target, authority, headers, body }: HttpRequest, patience: Patience): Promise<HttpAnswer> {
    const given = new AbortController();
    const stopWaiting = endOfPatience(patience, (reason) => {
      given.abort(reason ?? new Ignored().timeout(this.#server, patience.timeoutMs));
    });
    try {
      const pool = await this.#open();
      const answer = await pool.request({
        method,
        path: target,
        headers: { ...headers, host: authority },
        signal: given.signal,
        ...(body === undefined ? {} : { body: Buffer.from(body) }),
      });
      const collected = new BoundedBody();
      for await (const chunk of answer.body) if (!collected.add(chunk)) throw tooLong(this.#server);
      const type = answer.headers['content-type'];
      return {
        status: answer.statusCode,
        contentType: (Array.isArray(type) ? type[0] : type) ?? '',
        location: [answer.headers['location'] ?? []].flat()[0],
        body: collected.take(),
      };
    } catch (error) {
      if (given.signal.aborted) throw given.signal.reason;
      throw error instanceof DsError ? error : unreachable(this.#server, error);
    } finally {
      stopWaiting();
    }
  }

  async close(): Promise<void> {
    const pool = await this.#pool?.catch(() => undefined);
    await pool?.destroy();
  }

  #open(): Promise<Pool> {
    this.#pool ??= import('../../../platform/http-client.js').then(({ Pool }) => {
      const scheme = this.#server.plain === true ? 'http' : 'https';
      const host = this.#address.includes(':') ? `[${this.#address}]` : this.#address;
      return new Pool(`${scheme}://${host}:${this.#server.port}`, {
        connections: MOST_CONNECTIONS,
        connect: (_options, callback) => {
          this.#connect().then(
            (socket) => callback(null, socket),
            (error: Error) => callback(error, null),
          );
        },
      });
    });
    return this.#pool;
  }

  #connect(): Promise<Socket> {
    const patience = { clock: this.#options.clock, timeoutMs: CONNECT_WITHIN_MS };
    const server = this.#server;
    return server.plain === true
      ? connectStream({ ...server, transport: 'tcp' }, this.#address, this.#options, patience)
      : connectTls(server, this.#address, ['http/1.1'], this.#options, patience);
  }
}

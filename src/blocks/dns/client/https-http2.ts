/** The HTTP/2 side of DNS over HTTPS: one session, in which queries are streams beside each other. */
import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import type { Socket } from 'node:net';
import { endOfPatience, Ignored, type Patience, unreachable } from './attempt.js';
import { BoundedBody, type HttpAnswer, type HttpLink, type HttpRequest, tooLong } from './http-link.js';
import type { NameServer } from './server-address.js';

/** Octets of an answer's header. */
const MOST_HEADER = 16_384;

export class Http2Link implements HttpLink {
  readonly #server: NameServer;
  readonly #session: ClientHttp2Session;
  #error: Error | undefined;

  /** The socket is connected, its handshake done. */
  constructor(server: NameServer, socket: Socket) {
    const scheme = server.plain === true ? 'http' : 'https';
    const host = server.host.includes(':') ? `[${server.host}]` : server.host;
    this.#server = server;
    this.#session = connect(`${scheme}://${host}:${server.port}`, {
      createConnection: () => socket,
      settings: { enablePush: false, maxHeaderListSize: MOST_HEADER },
    });
    this.#session.on('error', (error) => {
      this.#error = error;
    });
    this.#session.on('goaway', () => this.#session.close());
  }

  get ended(): boolean {
    return this.#session.closed || this.#session.destroyed;
  }

  /** Whether the other end speaks HTTP/2: its first frame has to be SETTINGS (RFC 9113, section 3.4). Error: `dns.timeout`. */
  greets(patience: Patience): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: () => void) => {
        stopWaiting();
        this.#session.off('remoteSettings', onSettings).off('close', onClose);
        outcome();
      };
      const onSettings = () => settle(() => resolve(true));
      const onClose = () => settle(() => resolve(false));
      const stopWaiting = endOfPatience(patience, (reason) => {
        settle(() => reject(reason ?? new Ignored().timeout(this.#server, patience.timeoutMs)));
      });
      this.#session.on('remoteSettings', onSettings).on('close', onClose);
    });
  }

  ask({ method, target, authority, headers, body }: HttpRequest, patience: Patience): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.#hungUp());
      const stream = this.#session.request(
        { ':method': method, ':path': target, ':authority': authority, ...headers },
        { endStream: body === undefined },
      );
      const settle = (outcome: () => void) => {
        stopWaiting();
        // Errors of a stream that is given up are of no interest, but would end the process.
        stream.removeAllListeners().on('error', () => {});
        stream.close(constants.NGHTTP2_CANCEL);
        outcome();
      };
      const fail = (error: unknown) => settle(() => reject(error));
      const stopWaiting = endOfPatience(patience, (reason) => {
        fail(reason ?? new Ignored().timeout(this.#server, patience.timeoutMs));
      });
      const collected = new BoundedBody();
      let received: IncomingHttpHeaders & { readonly ':status'?: number | undefined } = {};
      stream.on('response', (answer) => {
        received = answer;
      });
      stream.on('data', (chunk: Uint8Array) => {
        if (!collected.add(chunk)) fail(tooLong(this.#server));
      });
      stream.on('end', () => {
        const { ':status': status = 0, 'content-type': contentType = '', location } = received;
        settle(() => resolve({ status, contentType, location, body: collected.take() }));
      });
      stream.on('error', (error) => fail(unreachable(this.#server, this.#error ?? error)));
      stream.on('close', () => fail(this.#hungUp()));
      if (body !== undefined) stream.end(body);
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#session.destroyed) return resolve();
      this.#session.once('close', resolve);
      this.#session.destroy();
    });
  }

  #hungUp() {
    return unreachable(this.#server, this.#error ?? new Error('it hung up'));
  }
}

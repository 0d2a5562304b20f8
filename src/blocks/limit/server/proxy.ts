/**
 * The reverse proxy of `ds limit serve --proxy URL`: every request is judged by the policies, then handed on (RFC 9110,
 * section 7.6). Raw node:http, since bytes are the point. Requests that could be read in two ways (Content-Length beside
 * Transfer-Encoding, bare line feeds …) are refused by Node's parser, which is left at its strictest.
 *
 *     proxy/exchange.ts   one request and its answer        proxy/upstream.ts   the server behind
 *     proxy/headers.ts    which fields pass                 proxy/upgrade.ts    WebSocket
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { isLoopbackHostHeader, type ListenAddress } from '../../../platform/daemon/address.js';
import { httpErrors } from '../../../platform/protocol/errors.js';
import { limitErrors } from '../errors.js';
import { askPolicies, type Verdict } from './gate.js';
import { type Answer, errorAnswer, sendAnswer, sendRaw, statusOf } from './problem.js';
import { forward } from './proxy/exchange.js';
import { isLoop } from './proxy/headers.js';
import { hostOf, type ProxyParts, policyRequest } from './proxy/parts.js';
import { forwardUpgrade } from './proxy/upgrade.js';

const MOST_CONNECTIONS = 1_024;
const LARGEST_HEADERS_BYTES = 32 * 1024;
/** Milliseconds to send the head of a request, to send all of it, to sit idle between two, and to be silent within one. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 300_000;
const KEEP_ALIVE_MS = 30_000;
const SILENCE_MS = 120_000;

export class ReverseProxy {
  readonly #parts: ProxyParts;
  readonly #server: Server;
  /** Connections that Node has given away after an upgrade. */
  readonly #upgraded = new Set<Duplex>();
  #connections = 0;

  constructor(parts: ProxyParts) {
    this.#parts = parts;
    this.#server = createServer({
      maxHeaderSize: LARGEST_HEADERS_BYTES,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
    this.#server.timeout = SILENCE_MS;
    // As many as fit: beyond a count Node would pass over fields without a word, and policies with it.
    this.#server.maxHeadersCount = 0;
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on('connection', (socket) => {
      this.#connections++;
      socket.once('close', () => this.#connections--);
    });
    const serve = (request: IncomingMessage, response: ServerResponse) => void this.#serve(request, response);
    this.#server.on('request', serve);
    // The expectation is handed on, and so is the answer to it (exchange.ts).
    this.#server.on('checkContinue', serve);
    this.#server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head));
    this.#server.on('connect', (_request, socket) => {
      socket.on('error', () => socket.destroy());
      sendRaw(socket, errorAnswer(501, limitErrors.error('limit.bad_request', 'this proxy makes no tunnels')));
    });
  }

  get connections(): number {
    return this.#connections;
  }

  /** Rejects with the system's error. Resolves to the port that was bound. */
  listen({ host, port }: ListenAddress): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port }, () => {
        this.#server.off('error', reject);
        this.#server.on('error', (error) => this.#parts.logger.error({ err: error }, 'cannot accept'));
        const bound = this.#server.address();
        resolve(typeof bound === 'object' && bound !== null ? bound.port : port);
      });
    });
  }

  /** Stops accepting and resolves when all that is in flight has ended. */
  async close(): Promise<void> {
    if (!this.#server.listening) return this.#parts.upstream.close();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeIdleConnections();
      // Nobody knows when a WebSocket ends.
      for (const socket of this.#upgraded) socket.destroy();
    });
    this.#parts.upstream.close();
  }

  /** Breaks off what is still in flight. */
  destroy(): void {
    this.#server.closeAllConnections();
    for (const socket of this.#upgraded) socket.destroy();
    this.#parts.upstream.close();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort(new Error('the client has gone')));
    response.on('error', () => response.destroy());
    const verdict = await this.#judge(request, gone.signal);
    if (!isVerdict(verdict)) return sendAnswer(request, response, verdict);
    try {
      await forward(this.#parts, request, response, verdict.fields);
    } catch (error) {
      this.#parts.logger.error({ err: error, method: request.method }, 'a request could not be handed on');
      sendAnswer(request, response, errorAnswer(500, error));
    }
    await this.#release(verdict);
    // While stopping, a connection that has become idle is kept open for nobody.
    if (!this.#server.listening) this.#server.closeIdleConnections();
  }

  async #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    this.#upgraded.add(socket);
    const gone = new AbortController();
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      this.#upgraded.delete(socket);
      gone.abort(new Error('the client has gone'));
    });
    const verdict = await this.#judge(request, gone.signal);
    if (!isVerdict(verdict)) return sendRaw(socket, verdict);
    try {
      await forwardUpgrade(this.#parts, request, socket, head, verdict.fields);
    } catch (error) {
      this.#parts.logger.error({ err: error, method: request.method }, 'an upgrade could not be handed on');
      sendRaw(socket, errorAnswer(500, error));
    }
    await this.#release(verdict);
  }

  /** The verdict of a request that may pass, else what to answer. */
  async #judge(request: IncomingMessage, signal: AbortSignal): Promise<Verdict | Answer> {
    const { engine, open, logger } = this.#parts;
    const startedAt = engine.clock.monotonic();
    try {
      if (!open && !isLoopbackHostHeader(hostOf(request))) {
        return errorAnswer(421, httpErrors.error('http.wrong_host', 'this port answers to loopback names only'));
      }
      if (isLoop(request)) {
        return errorAnswer(508, limitErrors.error('limit.bad_upstream', 'the server behind leads back to this proxy'));
      }
      const verdict = await askPolicies(engine, policyRequest(this.#parts, request), signal);
      return verdict.allowed ? verdict : { status: 429, fields: verdict.fields, body: verdict.problem ?? '' };
    } catch (error) {
      const status = signal.aborted || engine.stopping.aborted ? 503 : statusOf(error);
      if (status === 500) logger.error({ err: error, method: request.method }, 'a request failed');
      return errorAnswer(status, error);
    } finally {
      engine.metrics.latency('proxy').observe(engine.clock.monotonic() - startedAt);
    }
  }

  async #release(verdict: Verdict): Promise<void> {
    try {
      await verdict.release();
    } catch (error) {
      // It is free again by itself when its time has run out.
      this.#parts.logger.warn({ err: error }, 'a place under a concurrency limit could not be given back');
    }
  }
}

function isVerdict(verdict: Verdict | Answer): verdict is Verdict {
  return 'allowed' in verdict;
}

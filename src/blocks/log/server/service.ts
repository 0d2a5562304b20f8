/**
 * The way of a request:
 *
 *     request ──▶ route ──▶ gate: who is it, may it ──▶ handler ──▶ answer
 *                   └─ none ─┴── refused ──────────────────┴──▶ error, in the words of the route's protocol
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import { DsError } from '../../../platform/errors.js';
import { httpErrors } from '../../../platform/protocol/errors.js';
import { logErrors } from '../errors.js';
import { type Bodies, drained } from './bodies.js';
import { Call } from './call.js';
import { ELASTIC_HEADERS } from './elasticsearch.js';
import type { Gate } from './gate.js';
import type { QueryKind, TenantLogs } from './logs.js';
import { readTailOrder, type Tails } from './loki-tail.js';
import type { LogMetrics } from './metrics.js';
import { badParameter, Params } from './params.js';
import { errorBody, type Protocol, retryAfter, statusOf } from './protocols.js';
import { protocolOf, type Route } from './routes.js';
import type { Grant } from './tenants.js';

const TAIL_PATH = '/loki/api/v1/tail';
const THERE_IS =
  'there are /loki/api/v1/push, query_range, query, labels, series and tail, /v1/logs, /_bulk, /ingest and /ready';
/** Characters of a path and its query: a long query of LogQL, escaped. */
const LONGEST_TARGET = 12 * 1024;

export interface ServiceParts {
  readonly gate: Gate;
  readonly bodies: Bodies;
  readonly routes: readonly Route[];
  readonly tails: Tails;
  readonly metrics: LogMetrics;
  readonly logger: Logger;
  readonly clock: Clock;
  logsOf(grant: Grant): TenantLogs;
  /** Error: `log.bad_query`. */
  read(query: string): QueryKind;
}

export class LogService {
  readonly #parts: ServiceParts;
  #active = 0;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  /** Requests that are not answered yet. */
  get active(): number {
    return this.#active;
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, metrics } = this.#parts;
    const startedAt = clock.monotonic();
    this.#active++;
    let route: Route | undefined;
    let call: Call | undefined;
    let protocol: Protocol = 'ds';
    try {
      const url = urlOf(request);
      protocol = protocolOf(url.pathname);
      const found = this.#route(url.pathname, request.method ?? '');
      route = found.route;
      protocol = route.protocol;
      const { gate, bodies } = this.#parts;
      const grant = route.needs === 'nothing' ? NOBODY : gate.admit(request);
      checkRight(route, grant);
      call = new Call({ request, response, url, grant, parts: found.parts, bodies });
      await route.handle(call);
    } catch (error) {
      await this.#refuse(error, protocol, request, response);
    } finally {
      call?.letGo();
      this.#active--;
      if (route !== undefined) metrics.answered(route.name, clock.monotonic() - startedAt);
    }
  }

  /** A request to speak another protocol on this connection: tail's WebSocket. */
  async upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { gate, tails, clock, logsOf, read } = this.#parts;
    try {
      const url = urlOf(request);
      if (url.pathname !== TAIL_PATH) throw httpErrors.error('http.not_found', `only ${TAIL_PATH} is a WebSocket`);
      const grant = gate.admit(request);
      if (!grant.mayRead) throw logErrors.error('log.forbidden', 'the token may not read');
      const asked = readTailOrder(new Params(url.searchParams), clock);
      if (read(asked.query).kind === 'metric') throw badParameter('only log queries can be followed');
      await tails.accept([request, socket, head], asked, logsOf(grant));
    } catch (error) {
      const known = this.#known(error, request);
      const body = Buffer.from(`${known.message}\n`);
      const status = statusOf(known);
      socket.end(
        `HTTP/1.1 ${status} Refused\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
      );
    }
  }

  #route(path: string, method: string): { readonly route: Route; readonly parts: readonly string[] } {
    let isOtherMethod = false;
    for (const route of this.#parts.routes) {
      const match = route.path.exec(path);
      if (match === null) continue;
      if (route.methods.includes(method)) return { route, parts: match.slice(1).filter((part) => part !== undefined) };
      isOtherMethod = true;
    }
    if (path === TAIL_PATH) throw httpErrors.error('http.bad_request', `${TAIL_PATH} is a WebSocket`);
    if (isOtherMethod) throw httpErrors.error('http.not_found', `${path.slice(0, 200)} does not take ${method}`);
    throw httpErrors.error('http.not_found', `there is no ${path.slice(0, 200)}; ${THERE_IS}`);
  }

  async #refuse(
    thrown: unknown,
    protocol: Protocol,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const error = this.#known(thrown, request);
    const status = statusOf(error);
    const { type, body } = errorBody(protocol, status, error, request.headers['content-type']);
    const wait = retryAfter(status, error);
    if (wait !== undefined) response.setHeader('retry-after', String(wait));
    if (status === 401) response.setHeader('www-authenticate', 'Bearer, Basic realm="ds log"');
    if (protocol === 'elasticsearch') {
      for (const [name, value] of Object.entries(ELASTIC_HEADERS)) response.setHeader(name, value);
    }
    await drained(request);
    if (!request.complete) response.setHeader('connection', 'close');
    if (response.destroyed) return;
    response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
  }

  /** What is not an error of ours is in the log, and not for the peer. */
  #known(error: unknown, { method }: IncomingMessage): DsError {
    if (error instanceof DsError) return error;
    this.#parts.logger.error({ err: error, method }, 'a request failed');
    return httpErrors.error('http.internal', 'unexpected error; the log has it');
  }
}

const NOBODY: Grant = { tenant: '', mayRead: false, mayWrite: false, mostStreams: 0, rate: undefined };

function checkRight({ needs }: Route, { mayRead, mayWrite }: Grant): void {
  if ((needs === 'read' && !mayRead) || (needs === 'write' && !mayWrite)) {
    throw logErrors.error('log.forbidden', `the token may not ${needs}`);
  }
}

function urlOf({ url = '/' }: IncomingMessage): URL {
  if (url.length > LONGEST_TARGET)
    throw httpErrors.error('http.bad_request', `the path has more than ${LONGEST_TARGET} characters`);
  const target = `http://localhost${url.startsWith('/') ? url : '/'}`;
  if (!URL.canParse(target)) throw httpErrors.error('http.bad_request', 'the path cannot be read');
  return new URL(target);
}

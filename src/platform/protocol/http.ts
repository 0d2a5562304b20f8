/**
 * The HTTP port of a daemon: fastify with everything bounded that a peer controls, asking for the secret, answering to
 * loopback names only unless opened, and telling errors as application/problem+json (RFC 9457). The routes are the
 * block's.
 */
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { formatAddress, isLoopbackHostHeader } from '../daemon/address.js';
import { explained, type ListenRequest } from '../daemon/listen.js';
import { bearerMatches, whyRefused } from '../daemon/secret.js';
import { DsError, type ErrorKind } from '../errors.js';
import { httpErrors } from './errors.js';

export interface HttpServerOptions {
  readonly logger: Logger;
  /** Asked for as a bearer token. */
  readonly secret?: string;
  /** Answers to any Host header: the user opened the port to other machines. */
  readonly open: boolean;
  /**
   * Whether a route (its pattern, `/ping/:uuid`) is for everybody: what it asks for is secret itself. Default: none is.
   */
  readonly isPublic?: (route: string) => boolean;
  /** Characters of a path parameter; longer ones are refused. */
  readonly longestParameter: number;
  /** Statuses of the block's errors, by code, where that of the kind says too little: 404 for what does not exist. */
  readonly statuses?: Readonly<Record<string, number>>;
  /** What there is, for who asks for something else: `there is GET /next`. */
  readonly routes: string;
  /** Of a request. Bytes; default 1 KiB. A connection may hold as much. */
  readonly largestBodyBytes?: number;
  /** Of a request, all together. Bytes; default 8 KiB. */
  readonly largestHeadersBytes?: number;
  /** How long a connection may be silent, an answer being made included. Milliseconds; default 30 s. */
  readonly connectionTimeoutMs?: number;
}

const MOST_CONNECTIONS = 1_024;
const LARGEST_HEADERS_BYTES = 8 * 1024;
const LARGEST_BODY_BYTES = 1024;
/** Milliseconds to send a request, and to sit idle between two. */
const REQUEST_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_MS = 30_000;

const STATUS_OF_KIND: Readonly<Record<ErrorKind, number>> = {
  no: 409,
  usage: 400,
  peer: 502,
  storage: 503,
  internal: 500,
  interrupted: 503,
};

export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const tell = (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
    void sendError(error, request, reply, options);
  const app = fastify({
    logger: false,
    bodyLimit: options.largestBodyBytes ?? LARGEST_BODY_BYTES,
    routerOptions: { maxParamLength: options.longestParameter },
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: options.connectionTimeoutMs ?? KEEP_ALIVE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: options.largestHeadersBytes ?? LARGEST_HEADERS_BYTES },
    frameworkErrors: tell,
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  guard(app, options);
  app.setErrorHandler<FastifyError>(tell);
  app.setNotFoundHandler((_request, reply) => {
    void sendProblem(reply, 404, httpErrors.error('http.not_found', options.routes));
  });
  return app;
}

/** An application of {@link createHttpServer} that listens. */
export interface HttpPort {
  /** `http://127.0.0.1:8390`, with the port really bound. */
  readonly url: string;
  /** How many are open now. */
  readonly connections: number;
  /** Stops accepting, and resolves when what is in flight has been answered. */
  close(): Promise<void>;
  /** Breaks off what is still in flight. */
  destroy(): void;
}

interface HttpListenRequest extends ListenRequest {
  readonly logger: Logger;
}

/** Closes the application where it cannot listen. Errors: `listen.address_in_use`, `listen.failed`. */
export async function openHttpPort(app: FastifyInstance, request: HttpListenRequest): Promise<HttpPort> {
  const { address, logger } = request;
  const { server } = app;
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    socket.once('close', () => connections--);
  });
  // While stopping, a connection that has become idle is kept open for nobody.
  server.on('request', (_, response) => {
    response.once('close', () => {
      if (!server.listening) server.closeIdleConnections();
    });
  });
  try {
    await explained(app.listen({ host: address.host, port: address.port }), request);
  } catch (error) {
    await app.close();
    throw error;
  }
  // Running out of file descriptors must not end the daemon.
  server.on('error', (error) => logger.error({ err: error }, 'cannot accept'));
  const bound = server.address();
  const port = bound !== null && typeof bound === 'object' ? bound.port : address.port;
  return {
    url: `http://${formatAddress({ host: address.host, port })}`,
    get connections() {
      return connections;
    },
    close: () => app.close(),
    destroy: () => server.closeAllConnections(),
  };
}

/** Who may ask: a bearer of the secret; without one, whoever speaks to a loopback name (against DNS rebinding). */
function guard(app: FastifyInstance, { secret, open, isPublic }: HttpServerOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    const { authorization, host } = request.headers;
    const route = request.routeOptions.url;
    if (route !== undefined && isPublic?.(route) === true) return;
    if (secret !== undefined) {
      if (bearerMatches(authorization, secret)) return;
      reply.header('www-authenticate', 'Bearer');
      return sendProblem(reply, 401, httpErrors.error('http.unauthorized', whyRefused(authorization)));
    }
    if (open || isLoopbackHostHeader(host)) return;
    return sendProblem(reply, 421, httpErrors.error('http.wrong_host', 'this port answers to loopback names only'));
  });
}

function sendError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  { logger, statuses = {} }: HttpServerOptions,
): FastifyReply {
  if (error instanceof DsError) return sendProblem(reply, statuses[error.code] ?? STATUS_OF_KIND[error.kind], error);
  const status = error.statusCode ?? 500;
  if (status === 415) {
    const sent = request.headers['content-type'] ?? 'none';
    const wrong = httpErrors.error('http.bad_request', `the content type is ${sent}, not application/json`, {
      hint: 'with curl: -H "Content-Type: application/json"',
    });
    return sendProblem(reply, status, wrong);
  }
  if (status < 500) return sendProblem(reply, status, httpErrors.error('http.bad_request', error.message));
  logger.error({ err: error, method: request.method, route: request.routeOptions.url }, 'a request failed');
  return sendProblem(reply, status, httpErrors.error('http.internal', 'unexpected error; the log has it'));
}

function sendProblem(reply: FastifyReply, status: number, error: DsError): FastifyReply {
  const { code, message, hint, details } = error;
  const problem = { ...details, type: 'about:blank', status, code, detail: message, hint };
  return reply.code(status).type('application/problem+json').send(JSON.stringify(problem));
}

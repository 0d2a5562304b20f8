/**
 * The HTTP port:
 *
 *     GET /next?n=3&layout=twitter&format=dec     {"layout":"twitter","ids":["…","…","…"]}; text/plain: one a line
 *     GET /decode/ID?layout=twitter               {"id":"…","candidates":[{"layout":"twitter","time":"…","fields":{…}}]}
 *
 * IDs are strings: 64 bits do not fit a JSON number (RFC 8259, section 6). Errors are application/problem+json
 * (RFC 9457). Everything that a peer controls is bounded below.
 */
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { isLoopbackHostHeader } from '../../../platform/daemon/address.js';
import { secretMatches } from '../../../platform/daemon/secret.js';
import { DsError, type ErrorKind } from '../../../platform/errors.js';
import { idsToStrings, renderLines } from '../batch.js';
import { decodeId } from '../decode.js';
import { seqErrors } from '../errors.js';
import { DEFAULT_LAYOUT } from '../layout/index.js';
import { checkCount, makeIds, readFormat, type SeqEngine } from './engine.js';

export interface HttpOptions {
  readonly engine: SeqEngine;
  readonly logger: Logger;
  /** Asked for as a bearer token. */
  readonly secret?: string;
  /** Answers to any Host header: the user opened the port to other machines. */
  readonly open: boolean;
}

/** IDs of one GET /next: some 220 kB of JSON, which a peer that does not read keeps in memory. SEQ.NEXT gives more. */
const MOST_IDS = 10_000;
const MOST_CONNECTIONS = 1_024;
const LARGEST_HEADERS_BYTES = 8 * 1024;
const LARGEST_BODY_BYTES = 1024;
/** No ID has more characters than a UUID with its `urn:uuid:`; longer paths are refused by the router. */
const LONGEST_ID = 64;
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

export function createHttpServer(options: HttpOptions): FastifyInstance {
  const app = fastify({
    logger: false,
    bodyLimit: LARGEST_BODY_BYTES,
    routerOptions: { maxParamLength: LONGEST_ID },
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: KEEP_ALIVE_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: 'idle',
    http: { maxHeaderSize: LARGEST_HEADERS_BYTES },
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply, options.logger),
  });
  app.server.maxConnections = MOST_CONNECTIONS;
  guard(app, options);
  app.setErrorHandler<FastifyError>((error, request, reply) => void sendError(error, request, reply, options.logger));
  app.setNotFoundHandler((_request, reply) => {
    void sendProblem(reply, 404, 'http.not_found', 'there are GET /next and GET /decode/ID');
  });
  measure(app, options.engine);
  routeNext(app, options.engine);
  routeDecode(app, options.engine);
  return app;
}

/** Who may ask: a bearer of the secret; without one, whoever speaks to a loopback name (against DNS rebinding). */
function guard(app: FastifyInstance, { secret, open }: HttpOptions): void {
  app.addHook('onRequest', async (request, reply) => {
    if (secret !== undefined) {
      const token = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1];
      if (token !== undefined && secretMatches(token, secret)) return;
      reply.header('www-authenticate', 'Bearer');
      return sendProblem(reply, 401, 'http.unauthorized', 'send the password as a bearer token');
    }
    if (open || isLoopbackHostHeader(request.headers.host)) return;
    return sendProblem(reply, 421, 'http.wrong_host', 'this port answers to loopback names only');
  });
}

function measure(app: FastifyInstance, { clock, metrics }: SeqEngine): void {
  const starts = new WeakMap<FastifyRequest, number>();
  app.addHook('onRequest', async (request) => void starts.set(request, clock.monotonic()));
  app.addHook('onResponse', async (request) => {
    const startedAt = starts.get(request);
    const route = request.routeOptions.url;
    if (startedAt !== undefined && route !== undefined) {
      metrics.latency(`http ${route}`).observe(clock.monotonic() - startedAt);
    }
  });
}

interface NextQuery {
  readonly n?: string | string[];
  readonly layout?: string | string[];
  readonly format?: string | string[];
}

function routeNext(app: FastifyInstance, engine: SeqEngine): void {
  app.get<{ Querystring: NextQuery }>('/next', async (request, reply) => {
    const { n, layout, format } = known(request.query, ['n', 'layout', 'format']);
    const idFormat = readFormat(format);
    if (idFormat === 'binary') throw badParameter('format', 'binary', 'a text format; SEQ.NEXT gives bytes');
    const count = n === undefined ? 1 : /^\d{1,9}$/.test(n) ? Number(n) : undefined;
    if (count === undefined) throw badParameter('n', n ?? '', `a whole number from 1 to ${MOST_IDS}`);
    checkCount(count, MOST_IDS);
    const batch = await makeIds(engine, layout ?? DEFAULT_LAYOUT, count);
    reply.header('cache-control', 'no-store');
    if (prefersText(request)) return reply.type('text/plain; charset=utf-8').send(renderLines(batch, idFormat));
    return { layout: batch.layout.name, ids: idsToStrings(batch, idFormat) };
  });
}

interface DecodeQuery {
  readonly layout?: string | string[];
}

function routeDecode(app: FastifyInstance, engine: SeqEngine): void {
  app.get<{ Params: { id: string }; Querystring: DecodeQuery }>('/decode/:id', async (request) => {
    const { layout } = known(request.query, ['layout']);
    const { id } = request.params;
    const candidates = decodeId(
      id,
      layout === undefined ? undefined : engine.sources.layout(layout),
      engine.clock.now(),
    );
    return {
      id,
      candidates: candidates.map(({ time, ...rest }) => ({ ...rest, time: new Date(time).toISOString() })),
    };
  });
}

/** Each parameter at most once, and no others: a misspelt one must not be ignored. */
function known(query: object, names: readonly string[]): Record<string, string | undefined> {
  const found: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(query)) {
    if (!names.includes(name)) throw badParameter(name, String(value), `known: the parameters are ${names.join(', ')}`);
    if (typeof value !== 'string') throw badParameter(name, String(value), 'given once');
    found[name] = value;
  }
  return found;
}

function badParameter(name: string, value: string, wanted: string): DsError {
  const shown = JSON.stringify(value.slice(0, 64));
  return seqErrors.error('seq.bad_argument', `parameter ${name.slice(0, 64)} is ${shown}, not ${wanted}`);
}

function prefersText(request: FastifyRequest): boolean {
  return /^text\/plain\b/.test(request.headers.accept ?? '');
}

function sendError(error: FastifyError, request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  if (error instanceof DsError) {
    return sendProblem(reply, STATUS_OF_KIND[error.kind], error.code, error.message, error.hint, error.details);
  }
  const status = error.statusCode ?? 500;
  if (status < 500) return sendProblem(reply, status, 'http.bad_request', error.message);
  logger.error({ err: error, method: request.method, route: request.routeOptions.url }, 'a request failed');
  return sendProblem(reply, status, 'http.internal', 'unexpected error; the log has it');
}

function sendProblem(
  reply: FastifyReply,
  status: number,
  code: string,
  detail: string,
  hint?: string,
  details: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  const problem = { ...details, type: 'about:blank', status, code, detail, ...(hint !== undefined && { hint }) };
  return reply.code(status).type('application/problem+json').send(JSON.stringify(problem));
}

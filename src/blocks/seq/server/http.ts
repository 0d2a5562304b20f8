/**
 * The HTTP port:
 *
 *     GET /next?n=3&layout=twitter&format=dec     {"layout":"twitter","ids":["…","…","…"]}; text/plain: one a line
 *     GET /decode/ID?layout=twitter               {"id":"…","candidates":[{"layout":"twitter","time":"…","fields":{…}}]}
 *
 * IDs are strings: 64 bits do not fit a JSON number (RFC 8259, section 6).
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { timeRequests } from '../../../platform/daemon/timing.js';
import type { DsError } from '../../../platform/errors.js';
import { createHttpServer, type HttpServerOptions } from '../../../platform/protocol/http.js';
import { isoTime } from '../../../platform/relative-time.js';
import { idsToStrings, renderLines } from '../batch.js';
import { decodeId } from '../decode.js';
import { seqErrors } from '../errors.js';
import { DEFAULT_LAYOUT } from '../layout/index.js';
import { checkCount, makeIds, readFormat, type SeqEngine } from './engine.js';

type HttpOptions = Omit<HttpServerOptions, 'longestParameter' | 'routes'> & { readonly engine: SeqEngine };

/** IDs of one GET /next: some 220 kB of JSON, which a peer that does not read keeps in memory. SEQ.NEXT gives more. */
const MOST_IDS = 10_000;
/** No ID has more characters than a UUID with its `urn:uuid:`; longer paths are refused by the router. */
const LONGEST_ID = 64;

export function createSeqHttpServer({ engine, ...options }: HttpOptions): FastifyInstance {
  const routes = 'there are GET /next and GET /decode/ID';
  const app = createHttpServer({ ...options, longestParameter: LONGEST_ID, routes });
  timeRequests(app, engine.clock, (route) => engine.metrics.latency(`http ${route}`));
  routeNext(app, engine);
  routeDecode(app, engine);
  return app;
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
      candidates: candidates.map(({ time, ...rest }) => ({ ...rest, time: isoTime(time) })),
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

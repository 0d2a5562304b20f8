/**
 * The HTTP port:
 *
 *     POST /v1/check    http-check.ts: may this key take so much?       200, or 429 with problem+json
 *     POST /v1/refund   http-check.ts: gives back
 *     GET  /auth        http-auth.ts: may this request pass?            204, or 429 (nginx: ?status=403)
 *
 * Every answer is about now: no-store.
 */
import type { FastifyInstance } from 'fastify';
import { timeRequests } from '../../../platform/daemon/timing.js';
import { createHttpServer, type HttpServerOptions } from '../../../platform/protocol/http.js';
import type { TrustedProxies } from '../client-address.js';
import type { LimitEngine } from './engine.js';
import { LONGEST_DELAY_MS } from './gate.js';
import { routeAuth } from './http-auth.js';
import { routeCheck, routeRefund } from './http-check.js';

type HttpOptions = Pick<HttpServerOptions, 'logger' | 'secret' | 'open'> & {
  readonly engine: LimitEngine;
  readonly trusted: TrustedProxies;
};

/** A body with the longest key that is worth sending as JSON; the Redis port takes a megabyte. Bytes. */
const LARGEST_BODY = 64 * 1024;
/** A proxy hands on all that its client sent, cookies included. Bytes. */
const LARGEST_HEADERS = 32 * 1024;
const ROUTES = 'there are POST /v1/check, POST /v1/refund and GET /auth';

export function createLimitHttpServer({ engine, trusted, ...options }: HttpOptions): FastifyInstance {
  const app = createHttpServer({
    ...options,
    longestParameter: 64,
    routes: ROUTES,
    largestBodyBytes: LARGEST_BODY,
    largestHeadersBytes: LARGEST_HEADERS,
    // Silent while a leaky bucket holds it.
    connectionTimeoutMs: LONGEST_DELAY_MS + 30_000,
  });
  // As many as fit: beyond a count Node would pass over fields without a word, those of the proxy before it too.
  app.server.maxHeadersCount = 0;
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  timeRequests(app, engine.clock, (route) => engine.metrics.latency(`http ${route}`));
  routeCheck(app, engine);
  routeRefund(app, engine);
  routeAuth(app, engine, trusted);
  return app;
}

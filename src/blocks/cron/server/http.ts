/**
 * The HTTP port:
 *
 *     /v1/jobs …, /v1/runs …, /v1/apply, /v1/status    http-jobs.ts, http-runs.ts: the book as JSON, with the token
 *     /ping/:uuid …                                    http-pings.ts: as healthchecks.io, where the UUID is the secret
 *
 * A job is a command that is run here: without the token nobody on this machine may make one, loopback or not.
 */
import type { FastifyInstance } from 'fastify';
import { createHttpServer, type HttpServerOptions } from '../../../platform/protocol/http.js';
import type { cronErrors } from '../errors.js';
import type { Ledger } from '../ledger.js';
import { boundWork } from './http-bound.js';
import { routeJobs } from './http-jobs.js';
import { type PingOptions, routePings } from './http-pings.js';
import { routeRuns } from './http-runs.js';

/** A set of jobs to apply, as JSON. Bytes. */
const LARGEST_BODY = 4 * 1024 * 1024;
/** Of a job's name, each of whose 128 characters may be written as %2F. */
const LONGEST_PARAMETER = 384;
/**
 * Carried out at a time; what comes on top is refused with 503 (http-bound.ts). Who pings has no token, and is bounded alone: a flood of
 * pings keeps nobody from the API.
 */
export const MOST_CALLS = 256;
export const MOST_PINGS = 512;
const STATUSES = {
  'cron.no_such_job': 404,
  'cron.no_such_run': 404,
  'cron.job_exists': 409,
} as const satisfies Partial<Record<keyof typeof cronErrors.definitions, number>>;
const ROUTES = 'there are /v1/jobs, /v1/runs, /v1/apply, /v1/status and /ping/UUID';

export interface CronHttpOptions extends Pick<HttpServerOptions, 'logger' | 'open'>, PingOptions {
  readonly ledger: Ledger;
  readonly secret: string;
}

export function createCronHttpServer({ ledger, logger, open, secret, ...pings }: CronHttpOptions): FastifyInstance {
  const app = createHttpServer({
    logger,
    open,
    secret,
    isPublic: (route) => route.startsWith('/ping/'),
    longestParameter: LONGEST_PARAMETER,
    statuses: STATUSES,
    routes: ROUTES,
    largestBodyBytes: LARGEST_BODY,
  });
  app.addHook('onSend', async (_request, reply) => void reply.header('cache-control', 'no-store'));
  void app.register(async (api) => {
    boundWork(api, MOST_CALLS);
    routeJobs(api, ledger);
    routeRuns(api, ledger);
  });
  void app.register(async (unguarded) => {
    boundWork(unguarded, MOST_PINGS);
    routePings(unguarded, ledger, pings);
  });
  return app;
}

/**
 * GET or HEAD /auth: whether the request that a proxy has before it may pass, by the policies.
 *
 *     nginx auth_request      X-Original-URI, X-Original-Method, X-Original-Host    /auth?status=403: it knows no 429
 *     ingress-nginx           X-Original-URL, X-Original-Method
 *     Caddy forward_auth,     X-Forwarded-Uri, X-Forwarded-Method, X-Forwarded-Host
 *     Traefik forwardAuth                                                            Caddy: /auth?(the client's query)
 *
 * They are believed from trusted proxies only; for anybody else it is the request to /auth itself that is judged. All of
 * them hand on what their client sent. So only one family is read, the one whose URI is there, and both together are
 * refused: one of them is the client's own invention.
 *
 * Nobody tells when the request that was let through ends. A place under a concurrency limit is therefore kept until its
 * time runs out; the reverse proxy gives it back at once.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { formatIp } from '../../../platform/ip-address.js';
import type { TrustedProxies } from '../client-address.js';
import { limitErrors } from '../errors.js';
import type { PolicyRequest } from '../policy/index.js';
import type { LimitEngine } from './engine.js';
import { askPolicies, type Verdict } from './gate.js';
import { errorAnswer, PROBLEM_TYPE } from './problem.js';

const ALLOWED = 204;
const TOO_MANY = 429;
const STATUSES = ['403', '429'];

export function routeAuth(app: FastifyInstance, engine: LimitEngine, trusted: TrustedProxies): void {
  app.get<{ Querystring: Record<string, unknown> }>('/auth', async (request, reply) => {
    const refused = isClientsQuery(request, trusted) ? TOO_MANY : refusalStatus(request.query);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort(new Error('the client has gone')));
    let verdict: Verdict;
    try {
      verdict = await askPolicies(engine, originalRequest(request, trusted), gone.signal);
    } catch (error) {
      // It was waiting for its turn; nobody is left to hear the answer, or the daemon has no more time.
      if (!gone.signal.aborted && !engine.stopping.aborted) throw error;
      const { status, body } = errorAnswer(503, error);
      return sendRefusal(reply, status, body);
    }
    reply.headers(verdict.fields);
    if (verdict.allowed) return reply.code(ALLOWED).send();
    return sendRefusal(reply, refused, verdict.problem ?? '');
  });
}

function sendRefusal(reply: FastifyReply, status: number, problem: string): FastifyReply {
  return reply.code(status).type(PROBLEM_TYPE).send(problem);
}

function refusalStatus(query: Record<string, unknown>): number {
  for (const [name, value] of Object.entries(query)) {
    if (name === 'status' && typeof value === 'string' && STATUSES.includes(value)) continue;
    const shown = `${name}=${String(value)}`.slice(0, 64);
    throw limitErrors.error('limit.bad_request', `the parameter ${JSON.stringify(shown)} is not known`, {
      hint: 'there is status=429 or status=403',
    });
  }
  return Number(query['status'] ?? TOO_MANY);
}

/** Caddy's forward_auth changes the path only: behind it stays the query of the request that is asked about. */
function isClientsQuery(request: FastifyRequest, trusted: TrustedProxies): boolean {
  const query = queryOf(request.url);
  if (query === '' || !trusted.trusts(request.raw.socket.remoteAddress)) return false;
  return query === queryOf(oneHeader(request, 'x-forwarded-uri') ?? '');
}

function queryOf(url: string): string {
  const mark = url.indexOf('?');
  return mark < 0 ? '' : url.slice(mark + 1);
}

/** Error: `limit.bad_request`. */
function originalRequest(request: FastifyRequest, trusted: TrustedProxies): PolicyRequest {
  const header = (name: string) => oneHeader(request, name);
  const peer = request.raw.socket.remoteAddress;
  const client = trusted.clientOf(peer, header);
  const facts = trusted.trusts(peer) ? forwardedFacts(header) : {};
  return {
    method: facts.method ?? request.method,
    path: facts.uri ?? request.url,
    host: facts.host ?? request.headers.host ?? '',
    header,
    client: client === undefined ? '' : formatIp(client),
  };
}

interface ForwardedFacts {
  readonly uri?: string | undefined;
  readonly method?: string | undefined;
  readonly host?: string | undefined;
}

function forwardedFacts(header: (name: string) => string | undefined): ForwardedFacts {
  const url = header('x-original-url');
  const original = header('x-original-uri') ?? url;
  const forwarded = header('x-forwarded-uri');
  if (original !== undefined && forwarded !== undefined) {
    throw limitErrors.error(
      'limit.bad_request',
      'the request has an original and a forwarded URI: one is not the proxy’s',
      {
        hint: 'have the proxy remove X-Original-URI, X-Original-URL or X-Forwarded-Uri, whichever it does not set',
      },
    );
  }
  if (original === undefined) {
    return { uri: forwarded, method: header('x-forwarded-method'), host: header('x-forwarded-host') };
  }
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(original)?.[1];
  return { uri: original, method: header('x-original-method'), host: authority ?? header('x-original-host') };
}

export function oneHeader({ headers }: { readonly headers: IncomingHttpHeaders }, name: string): string | undefined {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return typeof value === 'string' ? value : value?.join(', ');
}

/**
 * The admin endpoint, for orchestrators and Prometheus:
 * - `/healthz`: 200 while the process lives
 * - `/readyz`: 200 while it can serve, 503 with the reason otherwise
 * - `/metrics`: Prometheus text exposition; asks for the daemon's secret as a bearer token where one is set
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Gauge, type Registry } from 'prom-client';
import { messageOf } from '../errors.js';
import { isLoopbackHostHeader, type ListenAddress } from './address.js';
import { listen } from './listen.js';
import { bearerMatches, whyRefused } from './secret.js';

export interface AdminRequest {
  readonly address: ListenAddress;
  readonly metrics: Registry;
  /** Rejects when the daemon cannot serve. */
  readonly checkReady: () => Promise<void>;
  readonly secret?: string;
  /** Other machines may ask: the Host header is not checked. */
  readonly open: boolean;
}

export interface AdminEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** A scraper and a few probes; more is a mistake or an attack. */
const MOST_CONNECTIONS = 64;
const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const LARGEST_HEADERS_BYTES = 8 * 1024;

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly type?: string;
}

export async function startAdmin(request: AdminRequest): Promise<AdminEndpoint> {
  const server = createServer({ maxHeaderSize: LARGEST_HEADERS_BYTES }, (incoming, response) => {
    void reply(request, incoming, response);
  });
  server.maxConnections = MOST_CONNECTIONS;
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  const bound = await listen(server, { address: request.address, flag: '--admin' });
  const host = bound.host.includes(':') ? `[${bound.host}]` : bound.host;
  return { url: `http://${host}:${bound.port}`, close: () => closeServer(server) };
}

/** `ds_build_info{version,node} 1`, as Prometheus exporters name their build. */
export function registerBuildInfo(metrics: Registry, block: string, version: string): void {
  const info = new Gauge({
    name: 'ds_build_info',
    help: 'Always 1; the labels tell what runs.',
    labelNames: ['block', 'version', 'node_version'],
    registers: [metrics],
  });
  info.set({ block, version, node_version: process.version }, 1);
}

async function reply(request: AdminRequest, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, body, type } = await answer(request, incoming).catch((error: unknown) => ({
    status: 500,
    body: `${messageOf(error)}\n`,
    type: undefined,
  }));
  response.writeHead(status, {
    'content-type': type ?? 'text/plain; charset=utf-8',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  });
  response.end(incoming.method === 'HEAD' ? undefined : body);
}

async function answer(request: AdminRequest, incoming: IncomingMessage): Promise<Answer> {
  if (!request.open && !isLoopbackHostHeader(incoming.headers.host)) {
    return { status: 421, body: 'this endpoint answers to loopback names only\n' };
  }
  if (incoming.method !== 'GET' && incoming.method !== 'HEAD') return { status: 405, body: 'GET only\n' };
  switch (incoming.url?.split('?', 1)[0]) {
    case '/healthz':
      return { status: 200, body: 'ok\n' };
    case '/readyz':
      return request.checkReady().then(
        () => ({ status: 200, body: 'ready\n' }),
        (error: unknown) => ({ status: 503, body: `not ready: ${messageOf(error)}\n` }),
      );
    case '/metrics':
      if (request.secret !== undefined && !bearerMatches(incoming.headers.authorization, request.secret))
        return { status: 401, body: `${whyRefused(incoming.headers.authorization)}\n` };
      return { status: 200, body: await request.metrics.metrics(), type: request.metrics.contentType };
    default:
      return { status: 404, body: 'there are /healthz, /readyz and /metrics\n' };
  }
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

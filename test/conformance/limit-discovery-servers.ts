/** Starts the servers of the discovery matrix, each setting at a URL of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';
import type { Case, Setting } from './limit-discovery-cases.js';

const MIDDLEWARE = fileURLToPath(new URL('limit-discovery-middleware.js', import.meta.url));
/** Milliseconds a request is worked on where requests in flight are counted. */
const WORK_MS = 100;

type Of<Server extends Setting['server']> = Extract<Setting, { server: Server }>;

/** In the order of the cases. */
export async function startServers(cases: readonly Case[]): Promise<string[]> {
  const of = <Server extends Setting['server']>(server: Server) =>
    cases.map(({ setting }) => setting).filter((setting): setting is Of<Server> => setting.server === server);
  const [nginx, haproxy, middleware, ds] = await Promise.all([
    startNginx(of('nginx')),
    startHaproxy(of('haproxy')),
    startMiddleware(of('middleware').map(({ kind, options }) => ({ kind, ...options }))),
    startOurs(of('ds')),
  ]);
  const urls = { nginx, haproxy, middleware, ds };
  return cases.map(({ setting }) => {
    const url = urls[setting.server].shift();
    if (url === undefined) throw new Error('a case without a server');
    return url;
  });
}

async function startNginx(settings: readonly Of<'nginx'>[]): Promise<string[]> {
  if (settings.length === 0) return [];
  const folder = temporaryFolder();
  const ports = await freePorts(settings.length);
  const zones = settings.map(({ rate }, i) => `limit_req_zone $binary_remote_addr zone=z${i}:1m rate=${rate};`);
  // An answer from the configuration itself would come before limit_req is asked: a file is served.
  const servers = settings.map(
    ({ limit }, i) => `server { listen 127.0.0.1:${ports[i]}; root ${folder}; limit_req zone=z${i} ${limit}; }`,
  );
  writeFileSync(join(folder, 'index.html'), 'ok');
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr crit;
events {}
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n  ')}
  ${[...zones, ...servers].join('\n  ')}
}`,
  );
  launch('nginx', ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', 'stderr']);
  return reachable(ports);
}

async function startHaproxy(settings: readonly Of<'haproxy'>[]): Promise<string[]> {
  if (settings.length === 0) return [];
  const folder = temporaryFolder();
  const ports = await freePorts(settings.length);
  const frontends = settings.map(
    ({ period, count }, i) => `frontend f${i}
  bind 127.0.0.1:${ports[i]}
  stick-table type ip size 1k expire 60s store http_req_rate(${period})
  http-request track-sc0 src
  http-request deny deny_status 429 if { sc_http_req_rate(0) gt ${count} }
  http-request return status 200 content-type text/plain string ok`,
  );
  writeFileSync(
    join(folder, 'haproxy.cfg'),
    `defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 5s
${frontends.join('\n')}
`,
  );
  launch('haproxy', ['-db', '-q', '-f', join(folder, 'haproxy.cfg')]);
  return reachable(ports);
}

export async function startMiddleware(settings: readonly object[]): Promise<string[]> {
  const child = spawn(process.execPath, [MIDDLEWARE, JSON.stringify(settings)], { stdio: ['pipe', 'pipe', 'inherit'] });
  endWithTest(child);
  const [line] = await once(child.stdout.setEncoding('utf8'), 'data');
  const ports: number[] = JSON.parse(String(line));
  return ports.map((port) => `http://127.0.0.1:${port}/`);
}

/** One daemon as a reverse proxy; a policy and a path for each setting. */
async function startOurs(settings: readonly Of<'ds'>[]): Promise<string[]> {
  if (settings.length === 0) return [];
  const [slow] = await startMiddleware([{ kind: 'plain', ms: WORK_MS }]);
  const [quick] = await startMiddleware([{ kind: 'plain' }]);
  const path = (i: number) => `/${i}`;
  const policies = settings.map(({ algorithm, rate, burst }, i) => ({
    name: `p${i}`,
    match: { path: path(i) },
    limits: [{ rate, algorithm, ...(burst === undefined ? {} : { burst }) }],
  }));
  const start = async (upstream: string | undefined) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'policies.yaml'), JSON.stringify({ policies }));
    const { ready } = await startDs([
      ...['limit', 'serve', '--listen', '127.0.0.1:0', '--http', 'off', '--admin', 'off'],
      ...['--policy', join(folder, 'policies.yaml'), '--proxy', upstream ?? '', '--proxy-listen', '127.0.0.1:0'],
    ]);
    const { proxy } = ready.endpoints;
    if (proxy === undefined) throw new Error(`no proxy in ${JSON.stringify(ready)}`);
    return proxy.replace(/\/$/, '');
  };
  const [rates, inFlight] = await Promise.all([start(quick), start(slow)]);
  return settings.map(({ algorithm }, i) => `${algorithm === 'concurrency' ? inFlight : rates}${path(i)}`);
}

function launch(program: string, args: readonly string[]): void {
  endWithTest(spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'] }));
}

function endWithTest(child: ChildProcess): void {
  const end = once(child, 'exit');
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    await end;
  });
}

/** A connection that asks nothing is no request: nothing is counted. */
async function reachable(ports: readonly number[]): Promise<string[]> {
  for (const port of ports) {
    await waitFor(
      () =>
        new Promise<boolean>((resolve) => {
          const socket = createConnection(port, '127.0.0.1', () => {
            socket.destroy();
            resolve(true);
          });
          socket.on('error', () => resolve(false));
        }),
      { what: `port ${port}`, timeoutMs: 10_000 },
    );
  }
  return ports.map((port) => `http://127.0.0.1:${port}/`);
}

/** Free a moment ago: nginx and haproxy do not say which one they took. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  return Promise.all(
    servers.map(async (server) => {
      const address = server.address();
      server.close();
      await once(server, 'close');
      if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
      return address.port;
    }),
  );
}

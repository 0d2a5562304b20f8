import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request as requestHttp,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect, type Socket } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { readTrustedProxies } from '../../../../src/blocks/limit/client-address.js';
import { openMemoryLimiter } from '../../../../src/blocks/limit/memory.js';
import { parsePolicies } from '../../../../src/blocks/limit/policy/index.js';
import { createEngine } from '../../../../src/blocks/limit/server/engine.js';
import { LimitMetrics } from '../../../../src/blocks/limit/server/metrics.js';
import { openUpstream } from '../../../../src/blocks/limit/server/proxy/upstream.js';
import { ReverseProxy } from '../../../../src/blocks/limit/server/proxy.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { ask, serve } from './serve.js';

const MANY = 'policies: [{name: all, limits: [{rate: 1000/min}]}]';

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

async function behind(handle: RequestListener, policies = MANY, more = {}) {
  const server = createServer(handle);
  const upstream = await listen(server);
  return { server, upstream, ...(await serve({ policies, proxy: upstream, ...more })) };
}

/** What came, as JSON: the request line, all fields, the body. */
const echo: RequestListener = async (request, response) => {
  const { method, url, headers, rawHeaders } = request;
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ method, url, headers, rawHeaders, body: await textOf(request) }));
};

/** Sends bytes as they are; all that comes back until the other side closes, or `enough` is there. */
async function raw(url: string, bytes: string, enough = /(?!)/): Promise<string> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  let closed = false;
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  socket.write(bytes);
  await waitFor(() => closed || enough.test(received), { what: 'an answer' });
  return received;
}

const HOST = 'host: localhost\r\n';

test('a request passes with its body, and says through whom', async () => {
  const { proxy, upstream } = await behind(echo);
  const { status, headers, json } = await ask(`${proxy}/a//b?q=%41&r=1`, {
    method: 'POST',
    headers: { 'x-mine': ['1', '2'], cookie: 'a=b', 'content-type': 'text/plain' },
    body: 'hello',
  });
  expect(status).toBe(200);
  expect(json).toMatchObject({
    method: 'POST',
    url: '/a//b?q=%41&r=1',
    body: 'hello',
    headers: {
      host: new URL(upstream).host,
      'x-mine': '1, 2',
      cookie: 'a=b',
      'x-forwarded-for': '127.0.0.1',
      'x-forwarded-proto': 'http',
      'x-forwarded-host': new URL(proxy).host,
      via: '1.1 ds-limit',
      'content-length': '5',
    },
  });
  expect(headers).toMatchObject({
    via: '1.1 ds-limit',
    ratelimit: '"all/1";r=999;t=1',
    'content-type': 'application/json',
  });
});

test('fields of one connection stay there, both ways', async () => {
  const { proxy } = await behind((request, response) => {
    if (request.url === '/answer') {
      response.writeHead(200, {
        connection: 'x-secret, keep-alive',
        'x-secret': '1',
        'proxy-authenticate': 'Basic',
        'x-kept': '1',
      });
      response.end('x');
    } else void echo(request, response);
  });
  const sent = `GET / HTTP/1.1\r\n${HOST}Connection: close, X-Hop\r\nX-Hop: 1\r\nKeep-Alive: 5\r\nTE: trailers\r\nProxy-Authorization: secret\r\nX-End: 1\r\n\r\n`;
  const { headers } = JSON.parse(
    (await raw(proxy, sent)).split('\r\n\r\n')[1]?.replace(/^[0-9a-f]+\r\n|\r\n0$/g, '') ?? '',
  );
  expect(headers).toMatchObject({ 'x-end': '1' });
  for (const name of ['x-hop', 'keep-alive', 'te', 'proxy-authorization', 'upgrade'])
    expect(headers).not.toHaveProperty(name);
  const answer = await ask(`${proxy}/answer`);
  expect(answer.headers).toMatchObject({ 'x-kept': '1' });
  expect(answer.headers).not.toHaveProperty('x-secret');
  expect(answer.headers).not.toHaveProperty('proxy-authenticate');
});

test('nobody who is not trusted says who the client is', async () => {
  const spoofed = {
    'x-forwarded-for': '9.9.9.9',
    forwarded: 'for=9.9.9.9',
    'x-real-ip': '9.9.9.9',
    'x-forwarded-proto': 'https',
  };
  const policies = 'policies: [{name: all, key: [client], limits: [{rate: 2/min}]}]';
  const strict = await behind(echo, policies);
  const first = await ask(strict.proxy, { headers: spoofed });
  expect(first.json['headers']).toMatchObject({ 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' });
  expect(JSON.stringify(first.json)).not.toContain('9.9.9.9');
  await ask(strict.proxy, { headers: { 'x-forwarded-for': '9.9.9.8' } });
  expect((await ask(strict.proxy, { headers: { 'x-forwarded-for': '9.9.9.7' } })).status).toBe(429);

  const trusting = await behind(echo, policies, { trustedProxies: '127.0.0.1' });
  const second = await ask(trusting.proxy, { headers: spoofed });
  expect(second.json['headers']).toMatchObject({
    'x-forwarded-for': '9.9.9.9, 127.0.0.1',
    'x-forwarded-proto': 'https',
  });
  for (const status of [200, 429]) {
    expect((await ask(trusting.proxy, { headers: { 'x-forwarded-for': '1.1.1.1, 9.9.9.9' } })).status).toBe(status);
  }
});

test('what is refused never reaches the server behind', async () => {
  let asked = 0;
  const { proxy } = await behind((_request, response) => {
    asked++;
    response.end();
  }, 'policies: [{name: all, limits: [{rate: 2/min}]}]');
  const answers = [await ask(proxy), await ask(proxy), await ask(proxy, { method: 'POST', body: 'x'.repeat(100_000) })];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(answers[2]).toMatchObject({
    headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store', ratelimit: '"all/1";r=0;t=30' },
    json: { status: 429, 'violated-policies': ['all/1'] },
  });
  expect(Number(answers[2]?.headers['retry-after'])).toBeGreaterThan(28);
  expect(asked).toBe(2);
});

test('limits of the server behind are told beside ours', async () => {
  const { proxy } = await behind((_request, response) => {
    response.writeHead(200, { ratelimit: '"theirs";r=1', 'cache-control': 'max-age=60' }).end();
  });
  const { headers } = await ask(proxy);
  expect(headers['ratelimit']).toEqual(['"theirs";r=1', '"all/1";r=999;t=1']);
  expect(headers['cache-control']).toBe('max-age=60');
});

test('HEAD, 204 and 304 have no body, and the connection lives on', async () => {
  const { proxy } = await behind((request, response) => {
    const status = Number(request.url?.slice(1));
    response.writeHead(status, status === 200 ? { 'content-length': '5' } : {});
    response.end(status === 200 ? 'hello' : '');
  });
  const sent = ['HEAD /200', 'GET /204', 'GET /304', 'GET /200']
    .map((line) => `${line} HTTP/1.1\r\n${HOST}\r\n`)
    .join('');
  const answers = await raw(proxy, sent, /hello$/);
  expect(answers.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 204', 'HTTP/1.1 304', 'HTTP/1.1 200']);
  expect(answers.match(/hello/g)).toHaveLength(1);
});

test('a body is framed for the server behind, whatever the method', async () => {
  const { proxy } = await behind(echo);
  for (const method of ['GET', 'DELETE', 'OPTIONS']) {
    const sent = `${method} / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n`;
    const answer = await raw(proxy, sent);
    expect(answer).toContain('"body":"hello"');
    expect(answer).toContain('"transfer-encoding":"chunked"');
  }
  const { json } = await ask(proxy, { method: 'PUT' });
  expect(json).toMatchObject({ method: 'PUT', body: '' });
});

test.each([
  ['Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /smuggled HTTP/1.1\r\nhost: localhost\r\n\r\n'],
  ['Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
  ['Content-Length: +5\r\n\r\nhello'],
  ['Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
  ['Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['X-A: 1\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n'],
  ['X-A : 1\r\n\r\n'],
  [`X-A: ${'x'.repeat(40_000)}\r\n\r\n`],
])('what could be read in two ways, or without end, is refused: %j', async (rest) => {
  const urls: (string | undefined)[] = [];
  const { proxy } = await behind((request, response) => {
    urls.push(request.url);
    response.end();
  });
  const answer = await raw(proxy, `POST /first HTTP/1.1\r\n${HOST}${rest}`);
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1);
  expect(urls).toEqual([]);
});

test('Expect: 100-continue is asked of the server behind', async () => {
  const server = createServer();
  server.on('checkContinue', (request: IncomingMessage, response) => {
    if (request.headers['x-refuse'] !== undefined) return void response.writeHead(417, { connection: 'close' }).end();
    response.writeContinue();
    void echo(request, response);
  });
  const { proxy } = await serve({ policies: MANY, proxy: await listen(server) });
  const send = (headers: Record<string, string>) =>
    new Promise<{ readonly continued: boolean; readonly status: number | undefined }>((resolve, reject) => {
      let continued = false;
      const request = requestHttp(proxy, {
        method: 'POST',
        headers: { expect: '100-continue', 'content-length': '5', ...headers },
      });
      request.on('continue', () => {
        continued = true;
        request.end('hello');
      });
      request.on('response', (response) => {
        response.resume();
        response.once('end', () => resolve({ continued, status: response.statusCode }));
      });
      request.on('error', reject);
      request.flushHeaders();
    });
  expect(await send({})).toEqual({ continued: true, status: 200 });
  expect(await send({ 'x-refuse': '1' })).toEqual({ continued: false, status: 417 });
});

test('a server behind that does not read makes the client wait, not the memory grow', async () => {
  let upload: IncomingMessage | undefined;
  const { proxy } = await behind((request, response) => {
    upload = request;
    request.pause();
    request.once('end', () => response.end('done'));
  });
  const total = 64 * 1024 * 1024;
  const chunk = Buffer.alloc(64 * 1024);
  const request = requestHttp(proxy, { method: 'POST', headers: { 'content-length': total } });
  const answered = new Promise((resolve) => request.once('response', resolve));
  let sent = 0;
  const write = (): void => {
    while (sent < total) {
      sent += chunk.length;
      if (!request.write(chunk)) return void request.once('drain', write);
    }
    request.end();
  };
  write();
  await waitFor(() => upload);
  let before = -1;
  await waitFor(
    () => {
      const still = sent === before;
      before = sent;
      return still && sent > 0;
    },
    { intervalMs: 100 },
  );
  // What the buffers of four sockets hold.
  expect(sent).toBeLessThan(total / 2);
  upload?.resume();
  await answered;
  expect(sent).toBe(total);
});

test('an answer that comes before all of the request is handed on, and the rest is dropped', async () => {
  const { proxy } = await behind((request, response) => {
    request.pause();
    response.writeHead(413).end('too much');
  });
  const size = 16 * 1024 * 1024;
  const socket = connect(Number(new URL(proxy).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  socket.write(`POST / HTTP/1.1\r\n${HOST}content-length: ${size}\r\n\r\n`);
  // All of it is sent before anything is read.
  await new Promise((resolve) => socket.write(Buffer.alloc(size), resolve));
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  await waitFor(() => received.includes('too much'));
  expect(received).toMatch(/^HTTP\/1\.1 413 /);
});

test('a client that goes away ends the request behind, and gives its place back', async () => {
  let gone = 0;
  const places = 'policies: [{name: p, limits: [{rate: 1/h, algorithm: concurrency}]}]';
  const { proxy } = await behind((request, response) => {
    if (request.url === '/quick') return void response.end();
    response.writeHead(200).write('first');
    response.once('close', () => gone++);
  }, places);
  const request = requestHttp(`${proxy}/slow`).end();
  const response = await new Promise<IncomingMessage>((resolve) => request.once('response', resolve));
  await new Promise((resolve) => response.once('data', resolve));
  expect((await ask(`${proxy}/quick`)).status).toBe(429);
  request.on('error', () => {});
  response.on('error', () => {});
  request.destroy();
  await waitFor(() => gone === 1);
  await waitFor(async () => (await ask(`${proxy}/quick`)).status === 200);
  // And that one has given it back by ending.
  await waitFor(async () => (await ask(`${proxy}/quick`)).status === 200);
});

test('an answer that breaks off is broken off for the client', async () => {
  const { proxy } = await behind((request, response) => {
    response.writeHead(200, request.url === '/length' ? { 'content-length': '10' } : {});
    response.write('half', () => response.destroy());
  });
  for (const path of ['/length', '/chunked']) await expect(ask(proxy + path)).rejects.toThrow();
});

test('a connection that the server behind closed just now is not the client’s trouble', async () => {
  const uses = new WeakMap<Socket, number>();
  let posts = 0;
  const { proxy } = await behind((request, response) => {
    const use = (uses.get(request.socket) ?? 0) + 1;
    uses.set(request.socket, use);
    if (request.method === 'POST') posts++;
    if (use > 1) return void request.socket.destroy();
    response.end('ok');
  });
  for (let index = 0; index < 4; index++) expect((await ask(proxy)).text).toBe('ok');
  expect((await ask(proxy, { method: 'POST', body: 'once' })).status).toBe(502);
  expect(posts).toBe(1);
});

test('a server behind that is not there, or says nothing sensible, is a 502', async () => {
  const nobody = await serve({ policies: MANY, proxy: 'http://127.0.0.1:1' });
  expect(await ask(nobody.proxy)).toMatchObject({
    status: 502,
    headers: { 'content-type': 'application/problem+json' },
    json: { code: 'limit.upstream_unreachable' },
  });
  const server = createServer();
  server.on('connection', (socket) => socket.end('SSH-2.0-what\r\n'));
  const strange = await serve({ policies: MANY, proxy: await listen(server) });
  expect((await ask(strange.proxy)).status).toBe(502);
});

/** Gives up on a server behind after 200 ms of silence. */
async function impatient(server: Server): Promise<string> {
  const limiter = openMemoryLimiter({ clock: systemClock, random: systemRandom });
  const metrics = new LimitMetrics(new Registry(), [], {
    clock: systemClock,
    counts: () => limiter.counts(),
    connections: () => ({}),
  });
  const proxy = new ReverseProxy({
    engine: createEngine({
      clock: systemClock,
      limiter,
      policies: parsePolicies(MANY, 'p.yaml'),
      metrics,
      legacyHeaders: false,
      stopping: new AbortController().signal,
    }),
    upstream: openUpstream(await listen(server), 200),
    trusted: readTrustedProxies(undefined, 'none', 'x-forwarded-for'),
    logger: pino({ level: 'silent' }),
    open: false,
  });
  const port = await proxy.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => {
    const closed = proxy.close();
    proxy.destroy();
    return closed;
  });
  return `http://127.0.0.1:${port}`;
}

test('a server behind that is silent is a 504', async () => {
  const proxy = await impatient(createServer(() => {}));
  expect(await ask(proxy)).toMatchObject({ status: 504, json: { code: 'limit.upstream_timeout' } });
});

test('a WebSocket may be silent for longer', async () => {
  const server = createServer();
  server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    // The server's silence is what is tested: longer than the impatient proxy waits for an answer.
    setTimeout(() => socket.end('late'), 500);
  });
  expect(await raw(await impatient(server), UPGRADE)).toMatch(/^HTTP\/1\.1 101 [\s\S]*\r\n\r\nlate$/);
});

test('a proxy of itself is found out', async () => {
  const relay = createServer((request, response) => {
    const again = requestHttp(target, { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 500);
      answer.pipe(response);
    });
    request.pipe(again);
  });
  const { proxy: target } = await serve({ policies: MANY, proxy: await listen(relay), insecure: true });
  expect((await ask(target)).status).toBe(508);
});

test('only loopback names are answered, and no tunnels made', async () => {
  const { proxy } = await behind(echo);
  expect((await ask(proxy, { headers: { host: 'evil.example' } })).status).toBe(421);
  expect(await raw(proxy, `CONNECT example.com:443 HTTP/1.1\r\n${HOST}\r\n`)).toMatch(/^HTTP\/1\.1 501 /);
  expect(await raw(proxy, `GET / HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
});

test('an absolute target is judged and handed on by its parts', async () => {
  const policies = 'policies: [{name: p, match: {path: /a, host: localhost}, limits: [{rate: 1/h}]}]';
  const { proxy, upstream } = await behind(echo, policies);
  const send = (target: string) => raw(proxy, `GET ${target} HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n`);
  const first = await send('http://localhost/a?b=c');
  expect(first).toContain('"url":"/a?b=c"');
  expect(first).toContain(`"host":"${new URL(upstream).host}"`);
  expect(first).toContain('"x-forwarded-host":"localhost"');
  expect(await send('http://localhost/a')).toMatch(/^HTTP\/1\.1 429 /);
  expect(await send('http://evil.example/a')).toMatch(/^HTTP\/1\.1 421 /);
  expect(await send('http://localhost')).toContain('"url":"/"');
});

test('a path before the path of the server behind', async () => {
  const server = createServer(echo);
  const { proxy } = await serve({ policies: MANY, proxy: `${await listen(server)}/base/` });
  expect((await ask(`${proxy}/x?y=1`)).json).toMatchObject({ url: '/base/x?y=1' });
});

const UPGRADE = `GET /chat HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n\r\n`;

test('a WebSocket passes after the check; other upgrades do not', async () => {
  const { proxy, server } = await behind(echo, 'policies: [{name: ws, limits: [{rate: 1/h, algorithm: concurrency}]}]');
  server.on('upgrade', (request, socket) => {
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-Via: ${request.headers.via}\r\n\r\n`,
    );
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  const socket = connect(Number(new URL(proxy).port), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (chunk) => {
    received += chunk.toString('latin1');
  });
  socket.write(UPGRADE);
  await waitFor(() => received.includes('\r\n\r\n'));
  expect(received).toMatch(/^HTTP\/1\.1 101 /);
  expect(received.toLowerCase()).toContain('upgrade: websocket');
  expect(received).toContain('1.1 ds-limit');
  socket.write('ping');
  await waitFor(() => received.endsWith('ping'));
  expect(await raw(proxy, UPGRADE)).toMatch(/^HTTP\/1\.1 429 [\s\S]*violated-policies/);
  socket.destroy();
  // Its place is free again.
  await waitFor(async () => /^HTTP\/1\.1 501 /.test(await raw(proxy, UPGRADE.replace('websocket', 'h2c'))));
});

test('a server behind that refuses the upgrade is heard', async () => {
  const { proxy, server } = await behind(echo);
  server.on('upgrade', (_request, socket) => {
    socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\nconnection: close\r\n\r\nno');
  });
  expect(await raw(proxy, UPGRADE)).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[\s\S]*\r\n\r\nno$/);
});

test('a stop finishes what is in flight, and waits for nobody who is idle', async () => {
  let pending: ServerResponse | undefined;
  const { proxy, daemon } = await behind((_request, response) => {
    response.writeHead(200).write('begin ');
    pending = response;
  });
  const answer = ask(proxy);
  await waitFor(() => pending);
  const startedAt = performance.now();
  const stopped = daemon.stop(10_000);
  pending?.end('end');
  expect((await answer).text).toBe('begin end');
  await stopped;
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});

test('the framing of a body stays with it, whatever Connection names', async () => {
  const { proxy } = await behind(echo);
  const received = await raw(
    proxy,
    `POST / HTTP/1.1\r\n${HOST}connection: close, content-length, host\r\ncontent-length: 24\r\n\r\nGET /inner HTTP/1.1\r\n\r\n\r\n`,
  );
  expect(received).toContain('"body":"GET /inner HTTP/1.1');
  expect(received).toContain('"content-length":"24"');
});

test('a request to upgrade with a body is refused: behind, the next request would be its body', async () => {
  const { proxy } = await behind(echo);
  const received = await raw(
    proxy,
    `GET / HTTP/1.1\r\n${HOST}connection: upgrade\r\nupgrade: websocket\r\ncontent-length: 50\r\n\r\n`,
  );
  expect(received).toMatch(/^HTTP\/1.1 400 /);
});

test('policies see the last of thousands of fields', async () => {
  const policies = 'policies: [{name: paid, match: {header: {x-plan: free}}, limits: [{rate: 1/h}]}]';
  const { proxy } = await behind(echo, policies);
  const bytes = `GET / HTTP/1.1\r\n${HOST}connection: close\r\n${'a: b\r\n'.repeat(2500)}x-plan: free\r\n\r\n`;
  const statusLines = [await raw(proxy, bytes), await raw(proxy, bytes)].map((answer) => answer.slice(0, 12));
  expect(statusLines).toEqual(['HTTP/1.1 200', 'HTTP/1.1 429']);
});

test.each([
  ['changes the protocol unasked', 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'],
  ['sends interim answers without an end', 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(200)],
])('a server behind that %s is given up', async (_what, bytes) => {
  const server = createServer();
  server.on('connection', (socket: Socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.write(bytes));
  });
  const { proxy } = await serve({ policies: MANY, proxy: await listen(server) });
  expect(await ask(`${proxy}/`)).toMatchObject({ status: 502 });
});

/** The tester against real sockets: servers that misbehave are met with clear errors, and in bounds. */
import { createServer, type RequestListener } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Prober } from '../../../../src/blocks/limit/tester/prober.js';
import { readRefusalRule } from '../../../../src/blocks/limit/tester/refusal.js';
import { systemClock } from '../../../../src/platform/clock.js';

async function listen(server: Server): Promise<URL> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return new URL(`http://127.0.0.1:${address.port}/`);
}

const serve = (listener: RequestListener) => listen(createServer(listener));
const speak = (talk: (socket: Socket, connection: number) => void) => {
  let connections = 0;
  return listen(createTcpServer((socket) => talk(socket, connections++)));
};

function prober(url: URL, refusedWhen: readonly string[] = [], timeoutMs = 5000): Prober {
  const made = new Prober(url, {
    clock: systemClock,
    version: '1.2.3',
    method: 'GET',
    headers: { 'x-api-key': 'abc' },
    refusedWhen: refusedWhen.map(readRefusalRule),
    timeoutMs,
  });
  onTestFinished(() => made.close());
  return made;
}

test('says honestly who it is, and sends what it is told', async () => {
  const seen: unknown[] = [];
  const url = await serve(({ method, headers }, response) => {
    seen.push(method, headers['user-agent'], headers['x-api-key']);
    response.end('ok');
  });
  const [one] = await prober(url).send(1, 1);
  expect(one).toMatchObject({ accepted: true, status: 200 });
  expect(seen).toEqual(['GET', 'ds/1.2.3 (rate-limit tester)', 'abc']);
});

test.each([
  ['429 with seconds', 429, { 'retry-after': '7' }, [], { refusal: '429', retryAfterMs: 7000 }],
  ['503 after service, as nginx refuses', 503, {}, [], { refusal: '503' }],
  ['403 after service', 403, {}, [], { refusal: '403' }],
  ['a status that is named', 418, {}, ['status=418'], { refusal: '418' }],
  ['a header that is named', 200, { 'x-cache': 'DENY' }, ['header:x-cache=DENY'], { refusal: 'header x-cache' }],
  ['a body that is named', 200, {}, ['body~over quota'], { refusal: 'body' }],
])('refused: %s', async (_name, status, headers, rules, expected) => {
  let asked = 0;
  const url = await serve((_request, response) => {
    if (asked++ === 0) response.end('served');
    else response.writeHead(status, headers).end('over quota');
  });
  const [first, second] = await prober(url, rules).send(2, 1);
  expect(first).toMatchObject({ accepted: true });
  expect(second).toMatchObject({ accepted: false, ...expected });
});

test('a connection that is dropped after service is a refusal; a kept one that was closed meanwhile is not', async () => {
  let asked = 0;
  const url = await serve((request, response) => {
    asked++;
    if (asked === 2 || asked > 3) request.socket.destroy();
    else response.end('ok');
  });
  const seen = await prober(url).send(3, 1);
  expect(seen.map(({ accepted }) => accepted)).toEqual([true, true, false]);
  expect(seen[2]).toMatchObject({ refusal: 'connection dropped' });
});

test('a redirect is an answer, and where it goes is told', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(302, { location: 'http://elsewhere.test/' }).end();
  });
  const target = prober(url);
  expect(await target.send(2, 1)).toMatchObject([{ accepted: true, status: 302 }, { accepted: true }]);
  expect(target.redirectsTo).toBe('http://elsewhere.test/');
});

test('a body without an end is cut off', async () => {
  const url = await serve((_request, response) => {
    const pour = () => {
      if (response.destroyed) return;
      response.write(Buffer.alloc(16_384));
      setImmediate(pour);
    };
    pour();
  });
  const [one] = await prober(url).send(1, 1);
  expect(one?.accepted).toBe(true);
  expect(one?.bytes).toBeLessThan(1_000_000);
});

test('what fails is left alone', async () => {
  const url = await serve((_request, response) => {
    response.writeHead(502).end();
  });
  await expect(prober(url).send(1, 1)).rejects.toMatchObject({ code: 'limit.test_failed', kind: 'peer' });
});

test.each([
  ['no HTTP', 'SSH-2.0-OpenSSH_9.2\r\n', 'what it answers is not HTTP'],
  [
    'another protocol, unasked',
    'HTTP/1.1 101 Switching\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
    'without an answer',
  ],
  ['a header without an end', `HTTP/1.1 200 OK\r\nx: ${'a'.repeat(200_000)}`, 'its header is longer than 32 KiB'],
])('%s: limit.test_unreachable', async (_name, bytes, why) => {
  const url = await speak((socket) => socket.write(bytes));
  await expect(prober(url).send(1, 1)).rejects.toMatchObject({
    code: 'limit.test_unreachable',
    message: expect.stringContaining(why),
  });
});

test('a server that never answers is given up', async () => {
  const url = await speak(() => {});
  await expect(prober(url, [], 80).send(1, 1)).rejects.toMatchObject({
    code: 'limit.test_unreachable',
    message: expect.stringContaining('no answer within 0.08 s'),
  });
});

test('nothing listens there', async () => {
  await expect(prober(new URL('http://127.0.0.1:1/')).send(1, 1)).rejects.toMatchObject({
    code: 'limit.test_unreachable',
    message: expect.stringContaining('nothing listens there'),
  });
});

test.each(['status=banana', 'header:', 'body~', 'latency>1s'])('--refused-when %s is refused', (rule) => {
  expect(() => readRefusalRule(rule)).toThrow(/does not say what a refusal is/);
});

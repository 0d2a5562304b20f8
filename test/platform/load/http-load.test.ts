import { expect, test } from 'vitest';
import { systemClock } from '../../../src/platform/clock.js';
import { httpDriver } from '../../../src/platform/load/http/driver.js';
import { type LoadResult, runLoad } from '../../../src/platform/load/run.js';
import { closedLoop, constantRate, type Schedule } from '../../../src/platform/load/schedule.js';
import type { Second } from '../../../src/platform/load/tally.js';
import { freePort } from '../../helpers/redis-server.js';
import { httpServer, tcpServer } from './http-servers.js';
import { sentOf } from './planned.js';

interface Options {
  readonly schedule?: Schedule;
  readonly connections?: number;
  readonly durationMs?: number;
  readonly warmupMs?: number;
  readonly timeoutMs?: number;
  readonly method?: string;
  readonly headers?: readonly string[];
  readonly body?: Uint8Array;
  readonly signal?: AbortSignal;
  readonly onSecond?: (second: Second) => void;
}

const perSecond = (count: number) => constantRate({ count, perMs: 1000 });

function load(url: string, options: Options = {}): Promise<LoadResult> {
  const timeoutMs = options.timeoutMs ?? 5000;
  const driver = httpDriver({
    url,
    method: options.method ?? 'GET',
    headers: options.headers ?? [],
    body: options.body,
    userAgent: 'ds/test (+load)',
    clock: systemClock,
    timeoutMs,
    verify: true,
  });
  return runLoad({
    driver,
    clock: systemClock,
    signal: options.signal ?? new AbortController().signal,
    schedule: options.schedule ?? perSecond(500),
    connections: options.connections ?? 10,
    durationMs: options.durationMs ?? 500,
    warmupMs: options.warmupMs ?? 0,
    timeoutMs,
    ...(options.onSecond && { onSecond: options.onSecond }),
  });
}

const statuses = (result: LoadResult) => Object.fromEntries(result.codes);

test('an open loop sends what its schedule says, and what is told is what the server saw', async () => {
  let seen = 0;
  const { url } = await httpServer((_, response) => {
    seen++;
    response.end('hello');
  });
  const result = await load(url, { schedule: perSecond(400), durationMs: 1000 });
  // Every request started, or is told as one that could not.
  expect(result.sent + result.unsent).toBe(400);
  expect(result.sent).toBe(seen);
  expect(statuses(result)).toEqual({ 200: seen });
  expect(result).toMatchObject({ failed: 0, unfinished: 0, interrupted: false });
  expect(result.corrected?.summary.count).toBe(seen);
  expect(result.uncorrected.summary.count).toBe(seen);
});

test('a server that stalls for a second shows it in the corrected latency only', async () => {
  let seen = 0;
  let stalledUntil = 0;
  const { url } = await httpServer((_, response) => {
    if (++seen === 100) stalledUntil = performance.now() + 1000;
    setTimeout(() => response.end(), Math.max(0, stalledUntil - performance.now()));
  });
  const connections = 10;
  const result = await load(url, { schedule: perSecond(200), durationMs: 2500, connections });
  expect(result.unsent).toBe(0);
  const slow = (histogram: LoadResult['uncorrected']) => {
    let count = 0;
    histogram.counts.forEach((us, n) => {
      if (us >= 500_000) count += n;
    });
    return count;
  };
  // As many as there are connections were sent, and waited …
  expect(slow(result.uncorrected)).toBeLessThanOrEqual(connections);
  // … but a hundred were to start in the first half of that second, and had to wait for the other half.
  expect(slow(result.corrected ?? result.uncorrected)).toBeGreaterThanOrEqual(90);
  expect(result.corrected?.summary.percentilesUs.at(3)).toBeGreaterThanOrEqual(900_000);
});

test('a closed loop never has more under way than connections, and has no corrected latency', async () => {
  let [seen, underWay, most] = [0, 0, 0];
  const { url } = await httpServer((_, response) => {
    seen++;
    most = Math.max(most, ++underWay);
    setImmediate(() => {
      underWay--;
      response.end();
    });
  });
  const result = await load(url, { schedule: closedLoop, connections: 4, durationMs: 300 });
  expect(most).toBeLessThanOrEqual(4);
  expect(result.answered).toBe(seen);
  expect(result.answered).toBeGreaterThan(4);
  expect(result.corrected).toBeUndefined();
  expect(result).toMatchObject({ unsent: 0, failed: 0 });
});

test('what the connections cannot take is told as unsent, not dropped', async () => {
  let seen = 0;
  const { url } = await httpServer((_, response) => {
    seen++;
    setTimeout(() => response.end(), 200);
  });
  const result = await load(url, { schedule: perSecond(100), connections: 2, durationMs: 1000 });
  expect(result.sent).toBe(seen);
  expect(result.sent).toBeLessThanOrEqual(12);
  expect(result.sent + result.unsent).toBe(100);
});

test('the warm-up is not counted', async () => {
  let seen = 0;
  const { url } = await httpServer((_, response) => {
    seen++;
    response.end();
  });
  const result = await load(url, { schedule: perSecond(200), warmupMs: 300, durationMs: 500 });
  expect(result.warmup).toBe(60);
  expect(result.sent + result.unsent).toBe(100);
  expect(seen).toBe(60 + result.sent);
  expect(result.uncorrected.summary.count).toBe(result.sent);
});

test('each second is told once, complete', async () => {
  const seconds: Second[] = [];
  const { url } = await httpServer((request, response) => {
    response.statusCode = request.headers['x-no'] === undefined ? 200 : 503;
    response.end();
  });
  const keep = (second: Second) => seconds.push({ ...second, failures: { ...second.failures } });
  const result = await load(url, { schedule: perSecond(100), durationMs: 2000, headers: ['X-No: 1'], onSecond: keep });
  expect(seconds.map(({ index }) => index)).toEqual(seconds.map((_, i) => i));
  expect(seconds.length).toBeGreaterThanOrEqual(2);
  expect(seconds.reduce((sum, { answered }) => sum + answered, 0)).toBe(result.answered);
  expect(seconds.reduce((sum, { sent }) => sum + sent, 0)).toBe(result.sent);
  expect(seconds.every(({ classes, answered }) => classes[4] === answered)).toBe(true);
  expect(result.spans.reduce((sum, { answered }) => sum + answered, 0)).toBe(result.answered);
});

test('a watcher that fails ends the run with its error', async () => {
  const { url } = await httpServer((_, response) => void response.end());
  const problem = new Error('disk full');
  const run = load(url, {
    durationMs: 30_000,
    onSecond: () => {
      throw problem;
    },
  });
  await expect(run).rejects.toBe(problem);
});

test('the signal ends the run early, with a result', async () => {
  const interrupt = new AbortController();
  let seen = 0;
  const { url } = await httpServer((_, response) => {
    // From the 20th on nothing is answered; the signal may overtake an answer that is on its way to another connection.
    if (++seen < 20) response.end();
    else interrupt.abort(new Error('enough'));
  });
  const result = await load(url, { durationMs: 60_000, connections: 5, signal: interrupt.signal });
  expect(result.interrupted).toBe(true);
  expect(result.answered).toBeGreaterThanOrEqual(15);
  expect(result.answered).toBeLessThanOrEqual(19);
  expect(result.unfinished).toBeGreaterThanOrEqual(1);
  expect(result.answered + result.unfinished).toBe(result.sent);
  expect(result.elapsedMs).toBeLessThan(30_000);
});

test('nobody listens: an error before the run', async () => {
  const url = `http://127.0.0.1:${await freePort()}/`;
  await expect(load(url)).rejects.toMatchObject({ code: 'peer.unreachable' });
});

test('a name that does not exist: an error before the run', async () => {
  await expect(load('http://does-not-exist.invalid/')).rejects.toMatchObject({ code: 'peer.unreachable' });
});

test('a server that goes away during the run: refused, without an endless loop of attempts', async () => {
  const server = await httpServer((_, response) => {
    response.setHeader('connection', 'close');
    response.end();
    void server.close();
  });
  const result = await load(server.url, { schedule: closedLoop, connections: 2, durationMs: 500 });
  expect(result.failures.refused + result.failures.reset).toBeGreaterThan(0);
  // Two connections that pause 100 ms after each refusal.
  expect(result.failures.refused).toBeLessThanOrEqual(20);
});

test('connections that the server closes are opened again', async () => {
  let seen = 0;
  const connections = new Set<unknown>();
  const { url } = await httpServer((request, response) => {
    seen++;
    connections.add(request.socket);
    response.setHeader('connection', 'close');
    response.end();
  });
  const result = await load(url, { schedule: perSecond(100), durationMs: 500 });
  expect(result).toMatchObject({ answered: sentOf(result, 50), failed: 0 });
  expect(seen).toBe(result.sent);
  expect(connections.size).toBe(result.sent);
});

test('bodies without a length end with their connection', async () => {
  const { url } = await tcpServer((socket) => void socket.end('HTTP/1.1 200 OK\r\n\r\nuntil I close'));
  const result = await load(url, { schedule: perSecond(100), durationMs: 300 });
  expect(result).toMatchObject({ answered: sentOf(result, 30), failed: 0 });
});

test('a connection that ends before the answer does: reset', async () => {
  const { url } = await tcpServer((socket) => void socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'));
  const result = await load(url, { schedule: perSecond(100), durationMs: 300 });
  const failed = sentOf(result, 30);
  expect(result).toMatchObject({ answered: 0, failed, failures: { reset: failed } });
  expect(result.messages.get('reset')).toBe('the connection was closed before the answer');
});

test('what is no HTTP: malformed', async () => {
  const { url } = await tcpServer((socket) => void socket.write('SSH-2.0-OpenSSH_9.2\r\n'));
  const result = await load(url, { schedule: perSecond(100), durationMs: 300 });
  const failed = sentOf(result, 30);
  expect(result).toMatchObject({ answered: 0, failed, failures: { malformed: failed } });
});

test('silence, and an answer that never ends: timeout', async () => {
  const silent = await tcpServer(() => {});
  const quiet = await load(silent.url, { schedule: perSecond(50), connections: 20, durationMs: 200, timeoutMs: 200 });
  expect(quiet.failures.timeout).toBe(10);

  const { url } = await tcpServer((socket) => {
    socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    const more = () => {
      // Half of the chunks without waiting: as fast as it is read.
      while (!socket.destroyed && socket.write(`10000\r\n${'x'.repeat(65_536)}\r\n`));
    };
    socket.on('drain', more);
    more();
  });
  const endless = await load(url, { schedule: perSecond(10), connections: 2, durationMs: 200, timeoutMs: 200 });
  expect(endless.failures.timeout).toBe(2);
  expect(endless.answered).toBe(0);
  expect(endless.receivedBytes).toBeGreaterThan(65_536);
});

test('bytes behind an answer, and ones that nobody asked for, end the connection and are no answer', async () => {
  const { url } = await tcpServer((socket) => {
    const one = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
    socket.write(one + one);
  });
  const result = await load(url, { schedule: perSecond(100), durationMs: 300 });
  expect(result).toMatchObject({ answered: sentOf(result, 30), failed: 0 });
});

test('HEAD, 204, 304 and interim answers', async () => {
  const { url } = await httpServer((request, response) => {
    if (request.method === 'HEAD') {
      response.setHeader('content-length', 1000);
      response.end();
    } else {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' });
      response.statusCode = request.headers['x-not-modified'] === undefined ? 204 : 304;
      response.end();
    }
  });
  const short = { schedule: perSecond(100), durationMs: 200 };
  expect(statuses(await load(url, { ...short, method: 'HEAD' }))).toEqual({ 200: 20 });
  expect(statuses(await load(url, short))).toEqual({ 204: 20 });
  expect(statuses(await load(url, { ...short, headers: ['X-Not-Modified: 1'] }))).toEqual({ 304: 20 });
});

test('the request is as it was asked for, with an honest User-Agent', async () => {
  const seen: { method: string | undefined; url: string | undefined; headers: unknown; body: string }[] = [];
  const { url, port } = await httpServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      seen.push({ method: request.method, url: request.url, headers: request.headers, body });
      response.end();
    });
  });
  const authority = url.replace('http://', 'http://user:p%40ss@');
  await load(`${authority}a/b?c=d`, {
    schedule: perSecond(10),
    durationMs: 100,
    method: 'PUT',
    headers: ['X-One: 1', 'accept: text/plain'],
    body: Buffer.from('grüße'),
  });
  expect(seen).toEqual([
    {
      method: 'PUT',
      url: '/a/b?c=d',
      body: 'grüße',
      headers: {
        host: `127.0.0.1:${port}`,
        'user-agent': 'ds/test (+load)',
        authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}`,
        'x-one': '1',
        accept: 'text/plain',
        'content-length': '7',
      },
    },
  ]);
});

test.each([
  ['not a url', {}, 'load.bad_url'],
  ['ftp://127.0.0.1/', {}, 'load.bad_url'],
  ['http://127.0.0.1/', { method: 'GE T' }, 'load.bad_request'],
  ['http://127.0.0.1/', { method: 'CONNECT' }, 'load.bad_request'],
  ['http://127.0.0.1/', { headers: ['no colon'] }, 'load.bad_request'],
  ['http://127.0.0.1/', { headers: ['X: a\r\nY: b'] }, 'load.bad_request'],
  ['http://127.0.0.1/', { headers: ['Content-Length: 5'] }, 'load.bad_request'],
])('%s %j is refused before anything is sent: %s', async (url, options, code) => {
  await expect((async () => load(url, options))()).rejects.toMatchObject({ code });
});

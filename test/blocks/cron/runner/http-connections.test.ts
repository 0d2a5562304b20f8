/** Requests of several runs on the same connections, to real servers. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { HttpConnections } from '../../../../src/blocks/cron/runner.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { jobOf, runnerContext, startJob } from './attempts.js';

/** A server that counts, and requests to it that share their connections. */
async function world(listener: RequestListener, most?: number) {
  const server = createServer(listener);
  const seen = { opened: 0, open: 0, requests: 0 };
  server.on('request', () => seen.requests++);
  server.on('connection', (socket) => {
    seen.opened++;
    seen.open++;
    socket.once('close', () => seen.open--);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const connections = new HttpConnections(most === undefined ? {} : { most });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const context = runnerContext({ connections });
  onTestFinished(async () => {
    await connections.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const request = async (method = 'GET', path = '') => {
    const action = { kind: 'http', method, url: `${url}${path}`, headers: {} } as const;
    return (await startJob(jobOf(action, { outputBytes: 1024 }), { context }).done).outcome;
  };
  return { server, seen, connections, request };
}

const good = { kind: 'succeeded', reason: 'HTTP 200 OK' };

test('runs to the same host share connections, one request at a time on each, until they are idle', async () => {
  const waiting: (() => void)[] = [];
  const { seen, request } = await world((_asked, answer) => waiting.push(() => answer.end('ok')));
  const answerAll = async (number: number) => {
    await waitFor(() => waiting.length === number);
    for (const answer of waiting.splice(0)) answer();
  };
  for (const [number, opened] of [
    [1, 1],
    [3, 3],
    [2, 3],
  ] as const) {
    const outcomes = Promise.all(Array.from({ length: number }, () => request()));
    await answerAll(number);
    expect(await outcomes).toEqual(Array.from({ length: number }, () => good));
    expect(seen.opened).toBe(opened);
  }
  await waitFor(() => seen.open === 0);
  const late = request();
  await answerAll(1);
  expect([await late, seen.opened]).toEqual([good, 4]);
});

test('what the server breaks off on a shared connection is not sent a second time', async () => {
  const { seen, request } = await world((asked, answer) => {
    if (asked.url === '/break') asked.socket.destroy();
    else answer.end('ok');
  });
  for (const method of ['GET', 'POST']) {
    expect(await request()).toEqual(good);
    const { opened, requests } = seen;
    expect(await request(method, 'break')).toMatchObject({ reason: expect.stringMatching(/closed the connection/) });
    expect(seen).toMatchObject({ opened, requests: requests + 1 });
  }
  expect(await request()).toEqual(good);
});

test('a connection that the server has closed, or whose answer was not read to its end, is not used again', async () => {
  const { server, seen, request } = await world((asked, answer) => {
    answer.end(asked.url === '/long' ? 'x'.repeat(1_000_000) : 'ok');
  });
  await request('GET', 'long');
  await waitFor(() => seen.open === 0);
  expect([await request(), seen.opened]).toEqual([good, 2]);
  server.closeIdleConnections();
  await waitFor(() => seen.open === 0);
  expect([await request(), seen.opened]).toEqual([good, 3]);
});

test('no more are kept than told, and none once they are closed', async () => {
  const { seen, connections, request } = await world((_asked, answer) => answer.end('ok'), 1);
  await Promise.all([request(), request(), request()]);
  await waitFor(() => seen.open === 1);
  await connections.close();
  await waitFor(() => seen.open === 0);
  expect(await request()).toEqual(good);
  await waitFor(() => seen.open === 0);
});

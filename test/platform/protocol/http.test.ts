import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { pino } from 'pino';
import { request } from 'undici';
import { expect, onTestFinished, test } from 'vitest';
import { createHttpServer, openHttpPort } from '../../../src/platform/protocol/http.js';
import { waitFor } from '../../helpers/wait-for.js';

/** `/` answers at once, `/slow` when `release` is called. */
async function open(port = 0, logged: string[] = []) {
  const logger = pino({}, { write: (line: string) => void logged.push(line) });
  const app = createHttpServer({ logger, open: false, longestParameter: 10, routes: 'there is /' });
  let release: () => void = () => {};
  const released = new Promise<string>((resolve) => {
    release = () => resolve('at last');
  });
  let asked = 0;
  app.get('/', async () => 'hello');
  app.get('/slow', () => {
    asked++;
    return released;
  });
  const address = { host: '127.0.0.1', port };
  const http = await openHttpPort(app, { address, flag: 'ds seq serve --http', logger });
  onTestFinished(async () => {
    const closed = http.close();
    http.destroy();
    await closed;
  });
  return { app, http, release, asked: () => asked };
}

test('an HTTP port tells where it listens and how many are connected', async () => {
  const { http } = await open();
  expect(http.url).toMatch(/^http:\/\/127\.0\.0\.1:[1-9]\d*$/);
  expect(await (await request(http.url)).body.text()).toBe('hello');
  const before = http.connections;
  const socket = connect(Number(new URL(http.url).port), '127.0.0.1');
  await waitFor(() => http.connections === before + 1);
  socket.destroy();
  await waitFor(() => http.connections === before);
});

test('a port that is taken is told with its holder, and nothing stays open', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  onTestFinished(() => void holder.close());
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  await expect(open(port)).rejects.toMatchObject({
    code: 'listen.address_in_use',
    hint: expect.stringContaining('ds seq serve --http 127.0.0.1:'),
  });
});

test('closing waits for what is in flight, and lets nobody in meanwhile', async () => {
  const { http, release, asked } = await open();
  const answer = request(`${http.url}/slow`).then(({ body }) => body.text());
  await waitFor(asked);
  const closed = http.close();
  await waitFor(() => isRefused(http.url));
  release();
  expect(await answer).toBe('at last');
  await closed;
  expect(http.connections).toBe(0);
});

test('what is in flight is broken off when it has to be', async () => {
  const { http, asked } = await open();
  const answer = request(`${http.url}/slow`);
  const failed = expect(answer).rejects.toThrow();
  await waitFor(asked);
  const closed = http.close();
  http.destroy();
  await failed;
  await closed;
});

test('a connection that cannot be accepted is logged, and does not end the daemon', async () => {
  const logged: string[] = [];
  const { app, http } = await open(0, logged);
  app.server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  expect(logged.join('')).toContain('accept EMFILE');
  expect((await request(http.url)).statusCode).toBe(200);
});

async function isRefused(url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const outcome = once(socket, 'connect').then(
    () => false,
    (error: { readonly code?: string }) => error.code === 'ECONNREFUSED',
  );
  return outcome.finally(() => socket.destroy());
}

/** What is counted apart: real servers that count by one thing of a request. */
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { Prober } from '../../../../src/blocks/limit/tester/prober.js';
import { findScope, variantsOf } from '../../../../src/blocks/limit/tester/scope.js';
import { Session } from '../../../../src/blocks/limit/tester/session.js';
import { systemClock } from '../../../../src/platform/clock.js';

async function serve(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return new URL(`http://127.0.0.1:${address.port}/`);
}

const BUDGETS = { maxRequests: 500, maxBytes: 1e7, maxTimeMs: 30_000 };

/** 5 per second and key. */
function serverByKey(keyOf: (request: IncomingMessage) => unknown): Promise<URL> {
  const windows = new Map<unknown, { readonly start: number; used: number }>();
  return serve((request, response) => {
    const now = performance.now();
    const key = keyOf(request);
    const found = windows.get(key);
    const window = found === undefined || now - found.start >= 1000 ? { start: now, used: 0 } : found;
    windows.set(key, window);
    response.writeHead(window.used++ < 5 ? 200 : 429).end();
  });
}

test.each([
  ['by client alone', () => '', []],
  ['by path', ({ url = '' }: IncomingMessage) => url.replace(/\?.*/, ''), ['path']],
  ['by path and query', ({ url }: IncomingMessage) => url, ['query', 'path']],
  ['by API key', ({ headers }: IncomingMessage) => headers['x-api-key'], ['header x-api-key']],
  [
    'by a forwarded address that it believes',
    (r: IncomingMessage) => r.headers['x-forwarded-for'],
    ['header x-forwarded-for'],
  ],
  ['by connection', ({ socket }: IncomingMessage) => socket, ['connection']],
  ['by method', ({ method }: IncomingMessage) => method, ['method']],
] as const)('what is counted apart: a server that counts %s', { timeout: 20_000 }, async (_name, keyOf, apart) => {
  const url = await serverByKey(keyOf);
  const prober = new Prober(url, {
    clock: systemClock,
    version: '1.2.3',
    method: 'GET',
    headers: {},
    refusedWhen: [],
    timeoutMs: 5000,
  });
  onTestFinished(() => prober.close());
  const session = new Session(prober, { ...BUDGETS, obeysRetryAfter: false });
  const found = await findScope(session, variantsOf(url, 'GET', '/other', { 'x-api-key': 'another' }));
  expect(found.filter(({ counted }) => counted === 'apart').map(({ by }) => by)).toEqual(apart);
  expect(found.filter(({ counted }) => counted === 'unclear')).toEqual([]);
});

/** What servers declare of their limits is read, and confirmed or refuted, with fewer requests than it takes to find out. */
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { startMiddleware } from './limit-discovery-servers.js';

async function find(url: string): Promise<unknown> {
  const args = ['limit', 'test', url, '-X', 'GET', '--max-time', '60s', '--json'];
  return JSON.parse((await runDs(args, { timeoutMs: 70_000 })).stdout);
}

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return `http://127.0.0.1:${address.port}/`;
}

const MOST_REQUESTS = 400;

/** What is found out by timing is tried again where a busy machine got in between. */
const PATIENCE = { timeout: 80_000, retry: 2 } as const;

test.each([
  ['express-rate-limit, RateLimit and RateLimit-Policy (draft-8)', { kind: 'express', declare: 8 }],
  ['express-rate-limit, RateLimit-* (draft-6)', { kind: 'express', declare: 6 }],
  ['express-rate-limit, X-RateLimit-*', { kind: 'express', declare: 1 }],
  ['@fastify/rate-limit', { kind: 'fastify', declare: 1 }],
])('%s', PATIENCE, async (_name, setting) => {
  const limit = setting.kind === 'express' ? { limit: 10, windowMs: 1000 } : { max: 10, timeWindow: 1000 };
  const [url = ''] = await startMiddleware([{ ...setting, ...limit }]);
  const found = await find(url);
  expect(found).toMatchObject({
    family: 'anchored-window',
    limit: { value: 10 },
    declared: { limit: 10, agrees: true },
  });
  expect((found as { readonly requests: number }).requests).toBeLessThan(MOST_REQUESTS);
});

test('ds limit serve', PATIENCE, async () => {
  const policy = join(temporaryFolder(), 'api.yaml');
  writeFileSync(policy, 'policies: [{name: api, limits: [{rate: 20/s}]}]');
  const { ready } = await startDs([
    ...['limit', 'serve', '--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--admin', 'off', '--policy', policy],
  ]);
  expect(await find(`${(ready.endpoints['http'] ?? '').replace(/\/$/, '')}/auth`)).toMatchObject({
    family: 'bucket',
    limit: { value: 20 },
    declared: { limit: 20, agrees: true },
  });
});

test('a server that enforces less than it declares is told so', PATIENCE, async () => {
  let [start, used] = [0, 0];
  const url = await serve((_request, response) => {
    const now = performance.now();
    if (now - start >= 800) [start, used] = [now, 0];
    response.setHeader('x-ratelimit-limit', '20');
    response.setHeader('x-ratelimit-remaining', String(Math.max(0, 20 - used)));
    response.writeHead(used++ < 8 ? 200 : 429).end();
  });
  expect(await find(url)).toMatchObject({ declared: { limit: 20, agrees: false }, limit: { value: 8 } });
});

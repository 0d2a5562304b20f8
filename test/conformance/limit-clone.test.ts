/** A limit is cloned: found at nginx, written as a policy, enforced by our reverse proxy, and found there again. */
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { runDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { startServers } from './limit-discovery-servers.js';

const LIMIT = {
  name: 'nginx limit_req',
  says: 'rate=20r/s burst=9 nodelay',
  setting: { server: 'nginx', rate: '20r/s', limit: 'burst=9 nodelay' },
  truth: { family: 'bucket', count: 10, periodMs: 50 },
} as const;

async function plainServer(): Promise<string> {
  const server = createServer((_request, response) => response.end('ok'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return `http://127.0.0.1:${address.port}`;
}

test.skipIf(!hasPackages('nginx'))(
  'the limit of nginx, cloned by --emit and enforced by ds limit serve --proxy, is found again',
  { timeout: 150_000, retry: 2 },
  async () => {
    const [original = ''] = await startServers([LIMIT]);
    const file = join(temporaryFolder(), 'clone.yaml');
    const find = async (url: string, ...more: string[]) => {
      const args = ['limit', 'test', url, '-X', 'GET', '--ignore-declared', '--max-time', '60s', '--json', ...more];
      return JSON.parse((await runDs(args, { timeoutMs: 70_000 })).stdout);
    };
    const first = await find(original, '--emit', file);
    expect(first).toMatchObject({ family: 'bucket', limit: { value: 10 } });
    const { ready } = await startDs([
      ...['limit', 'serve', '--listen', '127.0.0.1:0', '--http', 'off', '--admin', 'off', '--policy', file],
      ...['--proxy', await plainServer(), '--proxy-listen', '127.0.0.1:0'],
    ]);
    const again = await find(ready.endpoints['proxy'] ?? '');
    expect(again).toMatchObject({ family: first.family, limit: { value: first.limit.value } });
    expect(Math.abs(again.interval_ms.value / first.interval_ms.value - 1)).toBeLessThan(0.05);
  },
);

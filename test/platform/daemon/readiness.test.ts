import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { probeDaemons } from '../../../src/platform/daemon/readiness.js';
import type { RegistryEntry } from '../../../src/platform/daemon/registry-entry.js';

async function adminThat(answers: RequestListener): Promise<RegistryEntry> {
  const server = createServer(answers).listen(0, '127.0.0.1');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return {
    block: 'seq',
    pid: process.pid,
    state: 'running',
    endpoints: [{ name: 'admin', url: `http://127.0.0.1:${address.port}` }],
    startedAt: '2026-01-01T00:00:00.000Z',
    version: '1.0.0',
  };
}

test('a daemon that can serve stays running', async () => {
  const daemon = await adminThat((request, response) =>
    response.writeHead(request.url === '/readyz' ? 200 : 404).end(),
  );
  expect(await probeDaemons([daemon])).toEqual([daemon]);
});

test('one that says it cannot serve is unready, and why', async () => {
  const daemon = await adminThat((_, response) => response.writeHead(503).end('not ready: the disk is full\n'));
  expect(await probeDaemons([daemon])).toMatchObject([{ state: 'unready', problem: 'not ready: the disk is full' }]);
});

test('one that hangs is unready, and holds nobody up', async () => {
  const daemon = await adminThat(() => {});
  expect(await probeDaemons([daemon])).toMatchObject([
    { state: 'unready', problem: expect.stringMatching(/^no answer from http/) },
  ]);
});

test('one without an admin endpoint, and one that is only starting, are not asked', async () => {
  const daemon = await adminThat((_, response) => response.writeHead(503).end());
  const silent = [
    { ...daemon, endpoints: [] },
    { ...daemon, state: 'starting' as const },
  ];
  expect(await probeDaemons(silent)).toEqual(silent);
});

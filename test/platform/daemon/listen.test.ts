import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listen } from '../../../src/platform/daemon/listen.js';
import { readSecretFile, secretMatches } from '../../../src/platform/daemon/secret.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

function openServer() {
  const server = createServer();
  onTestFinished(() => void server.close());
  return server;
}

test('port 0 gives the port really bound', async () => {
  const bound = await listen(openServer(), { address: { host: '127.0.0.1', port: 0 }, flag: '--listen' });
  expect(bound.port).toBeGreaterThan(0);
});

test.skipIf(process.platform !== 'linux').each(['127.0.0.1', '::1'])(
  'a taken port on %s names the process that holds it',
  async (host) => {
    const { port } = await listen(openServer(), { address: { host, port: 0 }, flag: '--listen' });
    const second = listen(openServer(), { address: { host, port }, flag: 'ds seq serve --listen' });
    await expect(second).rejects.toMatchObject({
      code: 'listen.address_in_use',
      kind: 'usage',
      message: expect.stringContaining(`(pid ${process.pid})`),
      hint: expect.stringContaining('ds seq serve --listen '),
      details: { pid: process.pid },
    });
  },
);

test("an address that is not this machine's is refused with the reason", async () => {
  const attempt = listen(openServer(), { address: { host: '192.0.2.1', port: 0 }, flag: '--listen' });
  await expect(attempt).rejects.toMatchObject({ code: 'listen.failed' });
});

test("the secret is the file's first line, and a file that others can read is told", async () => {
  const path = join(temporaryFolder(), 'secret');
  writeFileSync(path, 'open sesame\nnot this\n', { mode: 0o600 });
  expect(await readSecretFile(path)).toEqual({ secret: 'open sesame', exposed: false });
  chmodSync(path, 0o644);
  expect((await readSecretFile(path)).exposed).toBe(true);
});

test.each([
  ['', 'empty'],
  ['\nlate', 'empty'],
  ['x'.repeat(2000), 'longer'],
])('a file with no usable secret is refused', async (content, reason) => {
  const path = join(temporaryFolder(), 'secret');
  writeFileSync(path, content);
  await expect(readSecretFile(path)).rejects.toMatchObject({
    code: 'secret.unreadable',
    message: expect.stringContaining(reason),
  });
});

test('a missing secret file is refused', async () => {
  await expect(readSecretFile(join(temporaryFolder(), 'none'))).rejects.toMatchObject({ code: 'secret.unreadable' });
});

test('secrets are compared whatever their length', () => {
  expect(secretMatches('a', 'a')).toBe(true);
  expect(secretMatches('', 'a')).toBe(false);
  expect(secretMatches('aa', 'a')).toBe(false);
});

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { datagramType, listen, listenDatagram } from '../../../src/platform/daemon/listen.js';
import { readSecretFile, secretMatches } from '../../../src/platform/daemon/secret.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';

function openServer() {
  const server = createServer();
  onTestFinished(() => void server.close());
  return server;
}

function openSocket(host: string) {
  const socket = createSocket(datagramType(host));
  onTestFinished(() => void socket.close());
  return socket;
}

/** Binds in this process, in the way that is tested. */
const ways = {
  tcp: (host: string, port: number, flag = '--listen') => listen(openServer(), { address: { host, port }, flag }),
  udp: (host: string, port: number, flag = '--listen') =>
    listenDatagram(openSocket(host), { address: { host, port }, flag }),
};

/** Another process that binds the same port of another address. */
async function bindElsewhere(transport: 'tcp' | 'udp', host: string, port: number): Promise<number | undefined> {
  const place = `{ host: '${host}', address: '${host}', port: ${port} }`;
  const scripts = {
    tcp: `require('node:net').createServer().listen(${place}, () => console.log('bound'))`,
    udp: `require('node:dgram').createSocket('udp4').bind(${place}, () => console.log('bound'))`,
  };
  const child = spawn(process.execPath, ['-e', scripts[transport]], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  await once(child.stdout, 'data');
  return child.pid;
}

test.each(['tcp', 'udp'] as const)('port 0 of %s gives the port really bound', async (transport) => {
  expect((await ways[transport]('127.0.0.1', 0)).port).toBeGreaterThan(0);
});

test('a datagram socket receives once it is bound', async () => {
  const socket = openSocket('::1');
  const { port } = await listenDatagram(socket, { address: { host: '::1', port: 0 }, flag: '--listen' });
  const received = once(socket, 'message');
  openSocket('::1').send('hello', port, '::1');
  expect(String((await received)[0])).toBe('hello');
});

describe.skipIf(process.platform !== 'linux')('a taken port', () => {
  test.each([
    ['tcp', '127.0.0.1'],
    ['tcp', '::1'],
    ['udp', '127.0.0.1'],
    ['udp', '::1'],
  ] as const)('of %s on %s names the process that holds it', async (transport, host) => {
    const { port } = await ways[transport](host, 0);
    await expect(ways[transport](host, port, 'ds seq serve --listen')).rejects.toMatchObject({
      code: 'listen.address_in_use',
      kind: 'usage',
      message: expect.stringMatching(
        new RegExp(`^${transport === 'udp' ? 'UDP ' : ''}port ${port} is taken by .+ \\(pid ${process.pid}\\)$`),
      ),
      hint: expect.stringContaining('ds seq serve --listen '),
      details: { pid: process.pid },
    });
  });

  test.each(['tcp', 'udp'] as const)(
    'of %s names the holder of that address, or of all, not of another one',
    async (transport) => {
      const { port } = await ways[transport]('127.0.0.1', 0);
      const pid = await bindElsewhere(transport, '127.0.0.2', port);
      const holderOf = (host: string) =>
        ways[transport](host, port).then(
          () => undefined,
          (error: { readonly details?: { readonly pid?: number } }) => error.details?.pid,
        );
      expect(await holderOf('127.0.0.1')).toBe(process.pid);
      expect(await holderOf('127.0.0.2')).toBe(pid);
      expect([process.pid, pid]).toContain(await holderOf('0.0.0.0'));
      expect(await holderOf('127.0.0.3')).toBeUndefined();
    },
  );

  test('of one protocol is free in the other', async () => {
    const { port } = await ways.tcp('127.0.0.1', 0);
    expect(await ways.udp('127.0.0.1', port)).toEqual({ host: '127.0.0.1', port });
  });
});

test.each(['tcp', 'udp'] as const)(
  "an address that is not this machine's is refused for %s with the reason",
  async (transport) => {
    await expect(ways[transport]('192.0.2.1', 0)).rejects.toMatchObject({
      code: 'listen.failed',
      message: 'cannot listen on 192.0.2.1:0: it is not an address of this machine',
    });
  },
);

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

import { execFileSync } from 'node:child_process';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openRemoteSequencer } from '../../../src/blocks/seq/remote/index.js';
import { systemClock as clock } from '../../../src/platform/clock.js';
import { createRespServer } from '../../../src/platform/protocol/resp/index.js';
import { hasPackages } from '../../helpers/programs.js';
import { freePort, startRedisServer } from '../../helpers/redis-server.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { waitFor } from '../../helpers/wait-for.js';

/** A TCP server that does as told with each connection. */
async function listen(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(`redis://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    });
  });
}

const open = (url: string) => openRemoteSequencer(url, { clock, connectTimeoutMs: 300, commandTimeoutMs: 300 });

describe('connecting fails within its time, with the address and what to do', () => {
  test('when nothing listens', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    await expect(open(url)).rejects.toMatchObject({
      code: 'peer.unreachable',
      kind: 'peer',
      message: expect.stringContaining(url),
      hint: expect.stringContaining('ds seq serve'),
    });
  });

  test('when the server never answers', async () => {
    const url = await listen(() => {});
    await expect(open(url)).rejects.toMatchObject({ code: 'peer.unreachable' });
    await expect(open(url.replace('redis://', 'redis://:secret@'))).rejects.toMatchObject({ code: 'peer.unreachable' });
  });

  test('when the server hangs up', async () => {
    await expect(open(await listen((socket) => socket.destroy()))).rejects.toMatchObject({ code: 'peer.unreachable' });
  });

  test('when it is no RESP server', async () => {
    const url = await listen((socket) => socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    await expect(open(url)).rejects.toMatchObject({ kind: 'peer' });
  });

  test('when it is the daemon of another block', async () => {
    const server = createRespServer({ commands: [], serverName: 'ds-kv', version: '1', clock, info: () => ({}) });
    onTestFinished(() => server.stop(100));
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    await expect(open(`redis://127.0.0.1:${port}`)).rejects.toMatchObject({
      code: 'peer.protocol',
      message: expect.stringContaining('ds-kv'),
    });
  });

  test('when the caller gives up', async () => {
    const controller = new AbortController();
    const opening = openRemoteSequencer(await listen(() => controller.abort(new Error('interrupted'))), {
      clock,
      signal: controller.signal,
    });
    await expect(opening).rejects.toThrow('interrupted');
  });
});

describe('an open connection', () => {
  /** Answers SEQ.TICKETS only when `release` is called. */
  async function openHanging(signal?: AbortSignal) {
    let release = () => {};
    const released = new Promise<[]>((resolve) => {
      release = () => resolve([]);
    });
    const hang = { name: 'SEQ.TICKETS', arity: 1, flags: [], summary: '', handle: () => released };
    const server = createRespServer({ commands: [hang], serverName: 'ds-seq', version: '1', clock, info: () => ({}) });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    onTestFinished(() => server.stop(0));
    const sequencer = await openRemoteSequencer(`redis://127.0.0.1:${port}`, {
      clock,
      commandTimeoutMs: 300,
      ...(signal === undefined ? {} : { signal }),
    });
    return { server, sequencer, release };
  }

  test('is given up when the server stays silent, and fails at once from then on', async () => {
    const { server, sequencer, release } = await openHanging();
    await expect(sequencer.tickets.list()).rejects.toMatchObject({
      code: 'peer.unreachable',
      message: expect.stringContaining('did not answer SEQ.TICKETS within 300 ms'),
    });
    await expect(sequencer.tickets.holes('a')).rejects.toMatchObject({ code: 'peer.unreachable' });
    await sequencer.close();
    await sequencer.close();
    release();
    await waitFor(() => server.connections === 0);
  });

  test('is given up when the caller does', async () => {
    const controller = new AbortController();
    const { server, sequencer, release } = await openHanging(controller.signal);
    const list = sequencer.tickets.list();
    await waitFor(() => server.pending === 1);
    controller.abort(new Error('interrupted'));
    await expect(list).rejects.toThrow('interrupted');
    release();
    await waitFor(() => server.connections === 0);
  });

  test('fails clearly when the server goes', async () => {
    const { server, sequencer } = await openHanging();
    const list = sequencer.tickets.list();
    await waitFor(() => server.pending === 1);
    await server.stop(0);
    await expect(list).rejects.toMatchObject({ code: 'peer.unreachable' });
  });
});

describe('a URL', () => {
  test.each(['http://user:secret@host', 'redis://', 'redis://:secret@host/db', 'redis://:secret%@host', 'secret'])(
    '%s is refused without repeating it',
    async (url) => {
      const error: unknown = await open(url).catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: 'peer.bad_url', kind: 'usage' });
      expect(String(error)).not.toContain('secret');
    },
  );
});

describe.skipIf(!hasPackages('redis-server', 'openssl'))('TLS', () => {
  test('is used for rediss://, and a certificate that nobody vouches for is refused', async () => {
    const folder = temporaryFolder();
    const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
    const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...made, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
    const tlsPort = await freePort();
    const tls = ['--tls-port', String(tlsPort), '--tls-cert-file', cert, '--tls-key-file', key];
    const server = await startRedisServer([...tls, '--tls-ca-cert-file', cert, '--tls-auth-clients', 'no']);
    onTestFinished(() => server.stop());
    const url = `rediss://localhost:${tlsPort}`;
    await expect(openRemoteSequencer(url, { clock })).rejects.toMatchObject({
      code: 'peer.unreachable',
      message: expect.stringContaining('self-signed certificate'),
    });
    expect(await trusting(cert, url, folder)).toBe('1');
  });

  /** NODE_EXTRA_CA_CERTS is read when a process starts. */
  async function trusting(cert: string, url: string, folder: string): Promise<string> {
    const { build } = await import('esbuild');
    const contents = `
      import { openRemoteSequencer } from './src/blocks/seq/remote/index.js';
      import { systemClock as clock } from './src/platform/clock.js';
      async function main() {
        const sequencer = await openRemoteSequencer(${JSON.stringify(url)}, { clock });
        console.log(String((await sequencer.tickets.take('a', 1n)).last));
        await sequencer.close();
      }
      main();
    `;
    const outfile = join(folder, 'client.cjs');
    const stdin = { contents, resolveDir: process.cwd(), loader: 'ts' as const };
    await build({ stdin, bundle: true, platform: 'node', format: 'cjs', outfile, logLevel: 'error' });
    return execFileSync(process.execPath, [outfile], {
      encoding: 'utf8',
      env: { ...process.env, NODE_EXTRA_CA_CERTS: cert },
      timeout: 15_000,
    }).trim();
  }
});

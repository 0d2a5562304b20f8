/** Connecting as such is tested with the sequencer; here is what the limiter says of it, and that nothing hangs. */
import { createServer, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { defineLimit } from '../../../src/blocks/limit/limit.js';
import { openRemoteLimiter } from '../../../src/blocks/limit/remote/index.js';
import { systemClock as clock, systemRandom as random } from '../../../src/platform/clock.js';
import { createRespServer } from '../../../src/platform/protocol/resp/index.js';
import { freePort } from '../../helpers/redis-server.js';
import { waitFor } from '../../helpers/wait-for.js';

const limit = defineLimit({ algorithm: 'gcra', count: 5, periodUs: 60e6 });
const demands = [{ scope: '', key: 'user', limit, cost: 1 }];

const open = (url: string) => openRemoteLimiter(url, { clock, random, connectTimeoutMs: 300, commandTimeoutMs: 300 });

/** A TCP server that does as told with each connection. */
function listen(onConnection: (socket: Socket) => void): Promise<string> {
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

async function serve(
  serverName: string,
  commands: Parameters<typeof createRespServer>[0]['commands'] = [],
  password?: string,
) {
  const server = createRespServer({
    commands,
    serverName,
    version: '1',
    clock,
    info: () => ({}),
    ...(password === undefined ? {} : { password: Buffer.from(password) }),
  });
  onTestFinished(() => server.stop(0));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { server, url: `redis://127.0.0.1:${port}` };
}

describe('connecting fails within its time, with the address and what to do', () => {
  test('when nothing listens', async () => {
    const url = `redis://127.0.0.1:${await freePort()}`;
    await expect(open(url)).rejects.toMatchObject({
      code: 'peer.unreachable',
      kind: 'peer',
      message: expect.stringContaining(url),
      hint: 'start one here: ds limit serve',
    });
  });

  test('when the server never answers', async () => {
    await expect(open(await listen(() => {}))).rejects.toMatchObject({ code: 'peer.unreachable' });
  });

  test('when it is the daemon of another block', async () => {
    const { url } = await serve('ds-seq');
    await expect(open(url)).rejects.toMatchObject({
      code: 'peer.protocol',
      message: `${url} is ds-seq, not a rate limiter`,
      hint: expect.stringContaining('ds ps'),
    });
  });

  test('when the password is missing or wrong', async () => {
    const { url } = await serve('ds-limit', [], 'open sesame');
    for (const given of [url, url.replace('//', '//:guess@')]) {
      const failure: unknown = await open(given).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'peer.auth_required', hint: expect.stringContaining('DS_LIMIT_URL=') });
      expect(JSON.stringify([String(failure), failure])).not.toContain('guess');
    }
  });

  test('when the URL is none', async () => {
    await expect(open('http://127.0.0.1:8391')).rejects.toMatchObject({
      code: 'peer.bad_url',
      message: "http:// is no scheme of a rate limiter's server",
      hint: expect.stringContaining('redis://127.0.0.1:6391'),
    });
  });
});

describe('a check', () => {
  /** Answers LIMIT.CHECK only when the server is stopped. */
  const hang = { name: 'LIMIT.CHECK', arity: -9, flags: [], summary: '', handle: () => new Promise<never>(() => {}) };

  test('is given up when the server stays silent', async () => {
    const { server, url } = await serve('ds-limit', [hang]);
    const limiter = await open(url);
    await expect(limiter.check(demands)).rejects.toMatchObject({
      code: 'peer.unreachable',
      message: expect.stringContaining('did not answer LIMIT.CHECK within 300 ms'),
    });
    await limiter.close();
    await limiter.close();
    await server.stop(0);
  });

  test('fails clearly when the server goes', async () => {
    const { server, url } = await serve('ds-limit', [hang]);
    const limiter = await open(url);
    const check = limiter.check(demands);
    await waitFor(() => server.pending === 1);
    await server.stop(0);
    await expect(check).rejects.toMatchObject({ code: 'peer.unreachable' });
    await expect(limiter.check(demands)).rejects.toMatchObject({ code: 'peer.unreachable' });
    await limiter.close();
  });

  test('tells of a daemon that is too old for it', async () => {
    const { url } = await serve('ds-limit');
    const limiter = await open(url);
    onTestFinished(() => limiter.close());
    await expect(limiter.check(demands)).rejects.toMatchObject({
      code: 'peer.refused',
      message: expect.stringMatching(/refused LIMIT\.CHECK: ERR unknown command/),
    });
  });

  test('of an answer that is none of its protocol', async () => {
    const { url } = await serve('ds-limit', [{ ...hang, handle: () => 'yes' }]);
    const limiter = await open(url);
    onTestFinished(() => limiter.close());
    await expect(limiter.check(demands)).rejects.toMatchObject({ code: 'peer.protocol' });
  });
});

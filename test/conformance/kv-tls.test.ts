/** kv over TLS: client libraries and Debian's tools on `ds kv serve`, and `ds kv` on its own daemon and on Debian's Redis. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createClient } from '@redis/client';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type CertificateFiles, makeCertificate } from '../helpers/certificates.js';
import { hasPackages } from '../helpers/programs.js';
import { freePort, startRedisServer } from '../helpers/redis-server.js';
import { runDs, startDs } from '../helpers/run-ds.js';

interface Served {
  readonly url: string;
  readonly port: number;
  readonly files: CertificateFiles;
}

async function serve(): Promise<Served> {
  const files = makeCertificate();
  const { ready } = await startDs([
    ...['kv', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'],
    ...['--tls-cert', files.cert, '--tls-key', files.key],
  ]);
  const url = ready.endpoints['redis'] ?? '';
  expect(url).toMatch(/^rediss:\/\/127\.0\.0\.1:\d+$/);
  return { url, port: Number(new URL(url).port), files };
}

async function serveRedis(): Promise<Served> {
  const files = makeCertificate();
  const port = await freePort();
  const { stop } = await startRedisServer([
    ...['--tls-port', String(port), '--tls-cert-file', files.cert, '--tls-key-file', files.key],
    ...['--tls-ca-cert-file', files.cert, '--tls-auth-clients', 'no'],
  ]);
  onTestFinished(stop);
  return { url: `rediss://127.0.0.1:${port}`, port, files };
}

describe.skipIf(!hasPackages('openssl'))('ds kv serve --tls-cert', () => {
  test.each([2, 3] as const)('@redis/client, RESP%i', async (RESP) => {
    const { url, files } = await serve();
    const client = createClient({ url, RESP, socket: { tls: true, ca: readFileSync(files.cert) } });
    await client.connect();
    try {
      const value = 'x'.repeat(2_000_000);
      expect(await client.set('large', value)).toBe('OK');
      expect(await client.get('large')).toBe(value);
      await client.hSet('hash', { a: '1', b: '2' });
      expect({ ...(await client.hGetAll('hash')) }).toEqual({ a: '1', b: '2' });
      expect(await client.multi().incr('n').get('n').exec()).toEqual([1, '1']);
      const numbers = await Promise.all(Array.from({ length: 1_000 }, () => client.incr('n')));
      expect(numbers.at(-1)).toBe(1_001);
    } finally {
      client.destroy();
    }
  });

  test('ioredis: pipelines, and a pop that waits', async () => {
    const { url, files } = await serve();
    const client = new Redis(url, { tls: { ca: readFileSync(files.cert) } });
    const other = client.duplicate();
    try {
      const popped = client.blpop('queue', 10);
      expect(await other.rpush('queue', 'job')).toBe(1);
      expect(await popped).toEqual(['queue', 'job']);
      const pipeline = client.pipeline();
      for (let i = 0; i < 2_000; i++) pipeline.set(`key:${i}`, i);
      expect((await pipeline.exec())?.every(([failure, reply]) => failure === null && reply === 'OK')).toBe(true);
      expect(await client.dbsize()).toBe(2_000);
    } finally {
      client.disconnect();
      other.disconnect();
    }
  });

  test('a client that trusts another certificate refuses it; a plain one is closed', async () => {
    const { url, port } = await serve();
    const tls = { ca: readFileSync(makeCertificate().cert) };
    const settings = { lazyConnect: true, retryStrategy: () => null, maxRetriesPerRequest: 0 };
    const wary = new Redis(url, { tls, ...settings });
    const failures: Error[] = [];
    wary.on('error', (failure) => failures.push(failure));
    await expect(wary.connect()).rejects.toThrow();
    expect(failures[0]).toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    wary.disconnect();
    const plain = new Redis({ host: '127.0.0.1', port, ...settings });
    plain.on('error', () => {});
    await expect(plain.connect()).rejects.toThrow();
    plain.disconnect();
  });

  test.skipIf(!hasPackages('redis-tools'))('redis-cli and redis-benchmark', async () => {
    const { port, files } = await serve();
    const tls = ['-p', String(port), '--tls', '--cacert', files.cert];
    const cli = (...words: string[]) => spawnSync('redis-cli', [...tls, ...words], { encoding: 'utf8' }).stdout.trim();
    expect(cli('SET', 'greeting', 'hello')).toBe('OK');
    expect(cli('GET', 'greeting')).toBe('hello');
    expect(cli('CONFIG', 'GET', 'tls-port')).toBe(`tls-port\n${port}`);
    const plain = spawnSync('redis-cli', ['-p', String(port), 'PING'], { encoding: 'utf8' });
    expect(plain.stdout).not.toContain('PONG');
    const load = ['-t', 'set,get', '-n', '2000', '-c', '20', '-P', '8', '--csv'];
    const { stdout, stderr, status } = spawnSync('redis-benchmark', [...tls, ...load], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toHaveLength(3);
  });
});

const SERVERS: [name: string, installed: boolean, start: () => Promise<Served>][] = [
  ['ds kv serve', hasPackages('openssl'), serve],
  ['redis-server', hasPackages('openssl', 'redis-server'), serveRedis],
];

describe.each(SERVERS)('ds kv --url rediss://, on %s', (_name, installed, start) => {
  test.skipIf(!installed)('puts, gets, lists, exports, imports and deletes', async () => {
    const { url, files } = await start();
    // Node reads it when it starts.
    const env = { NODE_EXTRA_CA_CERTS: files.cert };
    const kv = async (args: readonly string[], input?: string) => {
      const { code, stdout, stderr } = await runDs(['kv', ...args, '--url', url], {
        env,
        ownProcess: true,
        ...(input !== undefined && { input }),
      });
      return [code, stdout, stderr.replaceAll(url, 'URL')];
    };
    expect(await kv(['put', 'greeting', 'hello', '--quiet'])).toEqual([0, '', '']);
    expect(await kv(['get', 'greeting'])).toEqual([0, 'hello', '']);
    expect(await kv(['incr', 'visits', '--by', '3'])).toEqual([0, '3\n', '']);
    // Redis's keys have no order.
    const [, listed] = await kv(['list']);
    expect(
      String(listed)
        .split('\n')
        .sort()
        .map((line) => line.split('\t')[0]),
    ).toEqual(['', 'greeting', 'visits']);
    const [code, lines] = await kv(['export']);
    expect([code, String(lines).trim().split('\n').length]).toEqual([0, 2]);
    expect((await kv(['delete', 'greeting', 'visits', '--yes']))[0]).toBe(0);
    expect((await kv(['get', 'greeting']))[0]).toBe(1);
    expect((await kv(['import', '-'], String(lines)))[0]).toBe(0);
    expect(await kv(['get', 'greeting'])).toEqual([0, 'hello', '']);
  });

  test.skipIf(!installed)('refuses a certificate that nobody vouches for, and says so', async () => {
    const { url } = await start();
    const { code, stderr } = await runDs(['kv', 'get', 'greeting', '--url', url]);
    expect([code, stderr]).toEqual([3, expect.stringContaining('self-signed certificate')]);
  });
});

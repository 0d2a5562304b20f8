/** `ds seq serve` as the client libraries of the field see it: redis-cli, redis-benchmark, ioredis, redis-py. */
import { spawnSync } from 'node:child_process';
import { createClient } from '@redis/client';
import { Redis } from 'ioredis';
import { expect, test } from 'vitest';
import { hasPackages, PYTHON } from '../helpers/programs.js';
import { startDs } from '../helpers/run-ds.js';

const SERVE = ['seq', 'serve', '--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--admin', 'off'];

const REDIS_PY = `
import redis, sys
for protocol in ([2, 3] if redis.VERSION[0] >= 5 else [None]):
    extra = {} if protocol is None else {"protocol": protocol}
    client = redis.Redis(host="127.0.0.1", port=int(sys.argv[1]), **extra)
    assert client.ping()
    first = client.incr("orders")
    assert client.incrby("orders", 10) == first + 10
    assert int(client.get("orders")) == first + 10
    pipe = client.pipeline(transaction=False)
    for _ in range(100): pipe.incr("orders")
    assert pipe.execute() == list(range(first + 11, first + 111))
    ids = [int(text) for text in client.execute_command("SEQ.NEXT", "twitter", 1000)]
    assert len(set(ids)) == 1000 and ids == sorted(ids)
    try:
        client.execute_command("NOPE")
        raise SystemExit("an unknown command was answered")
    except redis.ResponseError as error:
        assert "unknown command" in str(error), error
print("ok")
`;

async function serve(): Promise<{ port: string; redis: string; http: string }> {
  const { ready } = await startDs(SERVE);
  const { redis, http } = ready.endpoints;
  if (redis === undefined || http === undefined) throw new Error(`endpoints missing in ${JSON.stringify(ready)}`);
  return { port: new URL(redis).port, redis, http };
}

test.skipIf(!hasPackages('redis-tools'))('redis-cli connects, counts and takes IDs', async () => {
  const { port } = await serve();
  const cli = (...words: string[]) =>
    spawnSync('redis-cli', ['-p', port, ...words], { encoding: 'utf8' }).stdout.trim();
  expect(cli('PING')).toBe('PONG');
  expect(cli('INCR', 'orders')).toBe('1');
  expect(cli('INCRBY', 'orders', '41')).toBe('42');
  expect(cli('GET', 'orders')).toBe('42');
  expect(cli('-3', 'INCR', 'orders')).toBe('43');
  expect(cli('SEQ.NEXT', 'twitter', '3').split('\n')).toHaveLength(3);
  expect(cli('INFO', 'server')).toMatch(/^redis_version:|^ds_version:|^# Server/m);
  expect(cli('NOPE')).toContain("ERR unknown command 'NOPE'");
});

test.skipIf(!hasPackages('redis-tools'))('redis-benchmark runs its own INCR, alone and pipelined', async () => {
  const { port } = await serve();
  for (const pipeline of ['1', '16']) {
    const args = ['-p', port, '-t', 'incr', '-n', '2000', '-c', '20', '-P', pipeline, '--csv'];
    const { stdout, status } = spawnSync('redis-benchmark', args, { encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/"INCR","\d/);
  }
  const { stdout } = spawnSync('redis-cli', ['-p', port, 'GET', 'counter:__rand_int__'], { encoding: 'utf8' });
  expect(stdout.trim()).toBe('4000');
});

test('ioredis counts, pipelines and takes IDs', async () => {
  const { port } = await serve();
  const client = new Redis(Number(port), '127.0.0.1');
  try {
    expect(await client.incr('orders')).toBe(1);
    expect(await client.incrby('orders', 9)).toBe(10);
    expect(await client.get('orders')).toBe('10');
    const pipeline = client.pipeline();
    for (let i = 0; i < 200; i++) pipeline.incr('orders');
    const replies = await pipeline.exec();
    expect(replies?.map(([, value]) => value)).toEqual(Array.from({ length: 200 }, (_, i) => 11 + i));
    const ids = await client.call('SEQ.NEXT', 'discord', '10');
    expect(new Set(ids as string[]).size).toBe(10);
  } finally {
    client.disconnect();
  }
});

test.each([2, 3] as const)('@redis/client speaks RESP%i', async (RESP) => {
  const { redis } = await serve();
  const client = createClient({ url: redis, RESP });
  client.on('error', () => {});
  await client.connect();
  try {
    expect(await Promise.all(Array.from({ length: 50 }, () => client.incr('orders')))).toEqual(
      Array.from({ length: 50 }, (_, i) => i + 1),
    );
    expect(await client.get('nothing')).toBeNull();
    await expect(client.sendCommand(['NOPE'])).rejects.toThrow(/unknown command/);
  } finally {
    client.destroy();
  }
});

test.skipIf(!hasPackages('python3-redis'))('redis-py counts, pipelines and takes IDs', async () => {
  const { port } = await serve();
  const { stdout, stderr } = spawnSync(PYTHON, ['-c', REDIS_PY, port], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: 'ok\n', stderr: '' });
});

test('any HTTP client gets IDs as strings and reads them back', async () => {
  const { http } = await serve();
  const next = await fetch(`${http}/next?n=3&layout=twitter`);
  const body = (await next.json()) as { ids: string[] };
  expect(body.ids).toHaveLength(3);
  const decoded = await fetch(`${http}/decode/${body.ids[0]}?layout=twitter`);
  expect(decoded.status).toBe(200);
  expect(JSON.stringify(await decoded.json())).toContain(body.ids[0]);
});

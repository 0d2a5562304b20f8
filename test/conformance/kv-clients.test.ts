/** `ds kv serve` as the client libraries of the field see it: redis-cli, redis-benchmark, ioredis, @redis/client, redis-py. */
import { spawnSync } from 'node:child_process';
import { createClient } from '@redis/client';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import { hasPackages, PYTHON } from '../helpers/programs.js';
import { startDs } from '../helpers/run-ds.js';

async function serve(): Promise<{ port: string; url: string }> {
  const { ready } = await startDs(['kv', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off']);
  const url = ready.endpoints['redis'];
  if (url === undefined) throw new Error(`no endpoint in ${JSON.stringify(ready)}`);
  return { port: new URL(url).port, url };
}

describe.skipIf(!hasPackages('redis-tools'))('Debian redis-tools', () => {
  test('redis-cli: types, RESP3, transactions from its own prompt, --scan, --bigkeys, a pipe', async () => {
    const { port } = await serve();
    const cli = (words: readonly string[], input = '') =>
      spawnSync('redis-cli', ['-p', port, ...words], { encoding: 'utf8', input }).stdout.trim();
    expect(cli(['SET', 'greeting', 'hello', 'EX', '100'])).toBe('OK');
    expect(cli(['-3', '--json', 'HSET', 'hash', 'a', '1', 'b', '2'])).toBe('2');
    expect(JSON.parse(cli(['-3', '--json', 'HGETALL', 'hash']))).toEqual({ a: '1', b: '2' });
    expect(cli(['ZADD', 'board', '1.5', 'ada', '2', 'bob'])).toBe('2');
    expect(cli(['ZRANGE', 'board', '0', '-1', 'WITHSCORES'])).toBe('ada\n1.5\nbob\n2');
    expect(cli([], 'MULTI\nINCR n\nINCR n\nEXEC\n')).toBe('OK\nQUEUED\nQUEUED\n1\n2');
    expect(cli(['--scan', '--pattern', '*a*']).split('\n').sort()).toEqual(['board', 'hash']);
    expect(cli(['--bigkeys'])).toContain('Biggest');
    expect(cli(['--pipe'], 'SET piped 1\r\nSET piped 2\r\n')).toContain('errors: 0, replies: 2');
    expect(cli(['GET', 'piped'])).toBe('2');
  });

  test('redis-benchmark: its own commands, alone and pipelined, without an error', async () => {
    const { port } = await serve();
    const tests = 'ping,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange_100,mset';
    for (const pipeline of ['1', '16']) {
      const args = ['-p', port, '-t', tests, '-n', '1000', '-c', '20', '-P', pipeline, '-r', '500', '--csv'];
      const { stdout, stderr, status } = spawnSync('redis-benchmark', args, { encoding: 'utf8' });
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout.trim().split('\n').length).toBeGreaterThan(15);
    }
  });
});

test('ioredis: pipelines, transactions, WATCH, blocking, streams of SCAN, binary values', async () => {
  const { port } = await serve();
  const client = new Redis({ port: Number(port), host: '127.0.0.1' });
  const other = client.duplicate();
  try {
    const binary = Buffer.from([0, 255, 13, 10, 128]);
    await client.set('binary', binary);
    expect(await client.getBuffer('binary')).toEqual(binary);
    expect(await client.multi().incr('n').hset('h', { a: 1 }).exec()).toEqual([
      [null, 1],
      [null, 1],
    ]);
    await client.watch('n');
    await other.incr('n');
    expect(await client.multi().set('n', 'never').exec()).toBeNull();
    const popped = client.blpop('queue', 10);
    await other.rpush('queue', 'job');
    expect(await popped).toEqual(['queue', 'job']);
    const pipeline = client.pipeline();
    for (let i = 0; i < 2_000; i++) pipeline.set(`key:${i}`, i);
    await pipeline.exec();
    const found = new Set<string>();
    for await (const keys of client.scanStream({ match: 'key:*', count: 100 })) for (const key of keys) found.add(key);
    expect(found.size).toBe(2_000);
    expect(await client.sort('queue')).toEqual([]);
    await expect(client.call('GEOADD', 'k', '1', '1', 'm')).rejects.toThrow("unknown command 'GEOADD'");
  } finally {
    client.disconnect();
    other.disconnect();
  }
});

test.each([2, 3] as const)('@redis/client, RESP%i', async (RESP) => {
  const { url } = await serve();
  const client = createClient({ url, RESP });
  await client.connect();
  try {
    expect(await client.set('a', '1', { expiration: { type: 'EX', value: 100 }, condition: 'NX' })).toBe('OK');
    expect(await client.ttl('a')).toBe(100);
    await client.hSet('h', { field: 'value', other: '2' });
    expect({ ...(await client.hGetAll('h')) }).toEqual({ field: 'value', other: '2' });
    await client.zAdd('z', [
      { score: 1, value: 'one' },
      { score: 2.5, value: 'two' },
    ]);
    expect(await client.zRangeWithScores('z', 0, -1)).toEqual([
      { score: 1, value: 'one' },
      { score: 2.5, value: 'two' },
    ]);
    expect(await client.sAdd('s', ['x', 'y'])).toBe(2);
    expect(new Set(await client.sMembers('s'))).toEqual(new Set(['x', 'y']));
    const results = await client.multi().incr('n').get('a').lPush('l', ['1', '2']).exec();
    expect(results).toEqual([1, '1', 2]);
  } finally {
    client.destroy();
  }
});

const REDIS_PY = `
import redis, sys, threading
client = redis.Redis(host="127.0.0.1", port=int(sys.argv[1]))
assert client.set("k", b"\\x00\\xff", ex=100, nx=True)
assert client.set("k", b"no", nx=True) is None
assert client.get("k") == b"\\x00\\xff" and 0 < client.ttl("k") <= 100
assert client.hset("h", mapping={"a": 1, "b": 2}) == 2 and client.hgetall("h") == {b"a": b"1", b"b": b"2"}
assert client.zadd("z", {"one": 1, "two": 2}) == 2
assert client.zrange("z", 0, -1, desc=True, withscores=True) == [(b"two", 2.0), (b"one", 1.0)]
assert client.zrank("z", "two") == 1
assert client.sadd("s", 1, 2, 3) == 3 and client.smembers("s") == {b"1", b"2", b"3"}
assert client.rpush("l", *range(10)) == 10 and client.lrange("l", 2, 4) == [b"2", b"3", b"4"]
with client.pipeline() as pipe:
    pipe.watch("n")
    pipe.multi(); pipe.incr("n"); pipe.incr("n")
    assert pipe.execute() == [1, 2]
found = []
waiter = threading.Thread(target=lambda: found.append(redis.Redis(port=int(sys.argv[1])).blpop("q", 10)))
waiter.start(); client.lpush("q", "x"); waiter.join()
assert found == [(b"q", b"x")], found
assert set(client.scan_iter()) == {b"k", b"h", b"z", b"s", b"l", b"n"}
client.flushdb(); assert client.dbsize() == 0
try:
    client.execute_command("NOPE")
    raise SystemExit("an unknown command was answered")
except redis.ResponseError as error:
    assert "unknown command" in str(error), error
print("ok")
`;

test.skipIf(!hasPackages('python3-redis'))('redis-py', async () => {
  const { port } = await serve();
  const { stdout, stderr } = spawnSync(PYTHON, ['-c', REDIS_PY, port], { encoding: 'utf8', timeout: 30_000 });
  expect([stdout.trim(), stderr]).toEqual(['ok', '']);
});

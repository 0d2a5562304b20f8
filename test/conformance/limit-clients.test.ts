/**
 * `ds limit serve` as the client libraries of the field see it: redis-cli, redis-benchmark, ioredis, redis-py, and a real
 * Redis beside it that is asked the same.
 */
import { spawnSync } from 'node:child_process';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasPackages, PYTHON } from '../helpers/programs.js';
import { startRedisServer } from '../helpers/redis-server.js';
import { runDs, startDs } from '../helpers/run-ds.js';

const SERVE = ['limit', 'serve', '--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--admin', 'off'];

async function serve(): Promise<{ port: string; url: string }> {
  const { ready } = await startDs(SERVE);
  const { redis } = ready.endpoints;
  if (redis === undefined) throw new Error(`no RESP port in ${JSON.stringify(ready)}`);
  return { port: new URL(redis).port, url: redis };
}

const cli = (port: string, ...words: string[]) =>
  spawnSync('redis-cli', ['-p', port, ...words], { encoding: 'utf8' }).stdout.trim();

const throttle = (port: string, ...words: (string | number)[]) =>
  cli(port, 'CL.THROTTLE', ...words.map(String))
    .split('\n')
    .map(Number);

describe.skipIf(!hasPackages('redis-tools'))('redis-cli', () => {
  test("gets the answers of redis-cell's README and of its end-to-end test", async () => {
    const { port } = await serve();
    expect(throttle(port, 'user123', 15, 30, 60)).toEqual([0, 16, 15, -1, 2]);
    expect(throttle(port, 'user124', 15, 30, 60, 1)).toEqual([0, 16, 15, -1, 2]);
    expect(throttle(port, 'user123-write-rate', 5, 10, 60)).toEqual([0, 6, 5, -1, 6]);
    expect(throttle(port, 'job', 0, 1, 3600, 1)).toEqual([0, 1, 0, -1, 3600]);
    // Some seconds may have gone by.
    const hour = expect.toSatisfy((reset: number) => reset > 3540 && reset <= 3600);
    expect(throttle(port, 'job', 0, 1, 3600, 1)).toEqual([1, 1, 0, hour, hour]);
    expect(throttle(port, 'job', 0, 1, 3600, 0)).toEqual([0, 1, 0, -1, hour]);
    expect(throttle(port, 'job', 0, 1, 3600, 2)).toEqual([1, 1, 0, -1, hour]);
  });

  test('goes through the burst of five and is told to wait, as the table of throttled has it', async () => {
    const { port } = await serve();
    const answers = Array.from({ length: 6 }, () => throttle(port, 'foo', 4, 1, 1000));
    expect(answers.map(([limited, limit, remaining]) => [limited, limit, remaining])).toEqual([
      [0, 5, 4],
      [0, 5, 3],
      [0, 5, 2],
      [0, 5, 1],
      [0, 5, 0],
      [1, 5, 0],
    ]);
    for (const [index, [, , , retry = 0, reset = 0]] of answers.entries()) {
      expect(reset).toBeGreaterThan(1000 * Math.min(5, index + 1) - 60);
      expect(reset).toBeLessThanOrEqual(1000 * Math.min(5, index + 1));
      if (index < 5) expect(retry).toBe(-1);
      else expect(retry).toBeGreaterThan(940);
    }
  });

  test('speaks RESP3, lists the commands and reads errors', async () => {
    const { port } = await serve();
    expect(cli(port, 'PING')).toBe('PONG');
    expect(cli(port, '-3', 'CL.THROTTLE', 'a', '4', '5', '60').split('\n')).toHaveLength(5);
    expect(cli(port, 'COMMAND', 'INFO', 'cl.throttle')).toContain('cl.throttle');
    expect(cli(port, 'COMMAND', 'LIST')).toMatch(/limit\.check/);
    expect(cli(port, 'INFO', 'server')).toMatch(/^server_name:ds-limit\r?$/m);
    expect(cli(port, 'CL.THROTTLE', 'a')).toMatch(/Usage: cl\.throttle/);
    expect(cli(port, 'CL.THROTTLE', 'a', 'b', '5', '60')).toMatch(/Couldn't parse as integer: b/);
    expect(cli(port, 'CL.THROTTLE', 'a', '4', '0', '60')).toMatch(/Zero rates are not supported/);
    expect(cli(port, 'CL.THROTTLE', 'a', '4', '5', '1000000000000')).toMatch(/LIMIT\.BAD_RATE a period of/);
    expect(cli(port, 'CL.THROTTLE', 'a', '-1', '5', '60')).toMatch(/LIMIT\.BAD_BURST/);
  });

  test('asks and tells with the LIMIT commands', async () => {
    const { port } = await serve();
    const demand = ['', 'user', 'sliding-log', '2', '3600000000', '2', '1', '0'];
    expect(
      cli(port, 'LIMIT.CHECK', ...demand)
        .split('\n')
        .slice(0, 5),
    ).toEqual(['1', '0', '1', '2', '1']);
    expect(cli(port, 'LIMIT.BLOCK', 'user', '60000000')).toBe('OK');
    expect(throttle(port, 'user', 4, 5, 60).slice(0, 3)).toEqual([1, 5, 5]);
    const known = JSON.parse(cli(port, '--raw', 'LIMIT.INSPECT', 'user'));
    expect(known.reports).toHaveLength(1);
    expect(known.reports[0]).toMatchObject({ key: 'user', allowed_total: 1, limit: { algorithm: 'sliding-log' } });
    expect(cli(port, 'LIMIT.RESET', 'user')).toBe('1');
    expect(cli(port, 'LIMIT.COUNTS').split('\n')).toEqual(['keys', '0', 'blocked', '0']);
  });
});

test.skipIf(!hasPackages('redis-tools'))(
  'redis-benchmark throttles, alone and pipelined, and nothing is lost',
  async () => {
    const { port } = await serve();
    for (const pipeline of ['1', '16']) {
      const load = ['-n', '2000', '-c', '20', '-P', pipeline, '--csv', 'CL.THROTTLE', 'key', '99999', '1', '3600'];
      const { stdout, status } = spawnSync('redis-benchmark', ['-p', port, ...load], { encoding: 'utf8' });
      expect(status).toBe(0);
      expect(stdout).toMatch(/"\d/);
    }
    expect(throttle(port, 'key', 99_999, 1, 3600, 0)[2]).toBe(96_000);
  },
);

describe('ioredis', () => {
  async function connect() {
    const { port } = await serve();
    const client = new Redis(Number(port), '127.0.0.1');
    onTestFinished(() => client.disconnect());
    return client;
  }

  test('throttles, as a command of its own and in a pipeline', async () => {
    const client = await connect();
    expect(await client.call('CL.THROTTLE', 'user', '4', '5', '60')).toEqual([0, 5, 4, -1, 12]);
    const pipeline = client.pipeline();
    for (let i = 0; i < 200; i++) pipeline.call('CL.THROTTLE', 'orders', '99', '1', '3600');
    const replies = (await pipeline.exec()) ?? [];
    const answers = replies.map(([error, value]) => (error === null ? (value as number[]) : []));
    expect(answers.filter(([limited]) => limited === 0)).toHaveLength(100);
    expect(answers.slice(0, 100).map(([, , remaining]) => remaining)).toEqual(
      Array.from({ length: 100 }, (_, i) => 99 - i),
    );
    expect(
      answers.slice(100).every(([limited, limit, remaining]) => limited === 1 && limit === 100 && remaining === 0),
    ).toBe(true);
  });

  test('sends what nobody should, and the connection lives on', async () => {
    const client = await connect();
    const call = (...args: (string | Buffer)[]) =>
      client.call('CL.THROTTLE', args).then(
        (reply) => reply,
        (error: unknown) => String(error),
      );
    expect(await call()).toMatch(/Usage/);
    expect(await call('user', '9'.repeat(1_000_000), '5', '60')).toMatch(/Couldn't parse as integer: 9{64}$/);
    expect(await call('user', '4', '5', '60', '-1')).toMatch(/LIMIT\.BAD_COST/);
    expect(await call('user', '4', '5', '60', String(2 ** 60))).toMatch(/LIMIT\.BAD_COST/);
    expect(await call('', '4', '5', '60')).toMatch(/LIMIT\.BAD_KEY/);
    expect(await call(Buffer.alloc(1024 * 1024 + 1, 'k'), '4', '5', '60')).toMatch(/LIMIT\.BAD_KEY/);
    for (const key of [Buffer.alloc(1024 * 1024, 'k'), Buffer.from('a\0b'), Buffer.from([0xff, 0xfe])]) {
      expect(await call(key, '0', '1', '60')).toEqual([0, 1, 0, -1, 60]);
      expect(await call(key, '0', '1', '60')).toEqual([1, 1, 0, expect.any(Number), expect.any(Number)]);
    }
    expect(await call('a\0c', '0', '1', '60')).toEqual([0, 1, 0, -1, 60]);
    expect(await client.ping()).toBe('PONG');
  });
});

const REDIS_PY = `
import redis, sys
client = redis.Redis(host="127.0.0.1", port=int(sys.argv[1]))
assert client.execute_command("CL.THROTTLE", "user", 4, 5, 60) == [0, 5, 4, -1, 12]
pipe = client.pipeline(transaction=False)
for _ in range(20): pipe.execute_command("CL.THROTTLE", "orders", 9, 1, 3600)
assert [answer[0] for answer in pipe.execute()] == [0] * 10 + [1] * 10
try:
    client.execute_command("CL.THROTTLE", "user", "x", 5, 60)
    raise SystemExit("a burst of x was answered")
except redis.ResponseError as error:
    assert "parse as integer: x" in str(error), error
print("ok")
`;

test.skipIf(!hasPackages('python3-redis'))('redis-py throttles and pipelines', async () => {
  const { port } = await serve();
  const { stdout, stderr } = spawnSync(PYTHON, ['-c', REDIS_PY, port], { encoding: 'utf8' });
  expect({ stdout, stderr }).toEqual({ stdout: 'ok\n', stderr: '' });
});

describe.skipIf(!hasPackages('redis-server', 'redis-tools'))('ds limit', () => {
  test('counts alike through its own daemon and in a real Redis, each shared with others', async () => {
    const redis = await startRedisServer(['--appendonly', 'yes', '--appendfsync', 'always']);
    onTestFinished(() => redis.stop());
    const { url } = await serve();
    for (const server of [url, redis.url]) {
      const check = (...words: string[]) =>
        runDs(['limit', 'check', 'user', '--rate', '2/h', ...words, '--url', server]);
      expect((await check()).code).toBe(0);
      expect((await check()).code).toBe(0);
      const refused = await check('--json');
      expect(refused.code).toBe(1);
      expect(JSON.parse(refused.stdout)).toMatchObject({ allowed: false });
      expect((await runDs(['limit', 'why', 'user', '--url', server])).stdout).toMatch(
        /limited\t1\t0\n.*allowed\t1\t0\n.*allowed\t1\t1\n/,
      );
    }
    // What commands count through the daemon, Redis clients see, too.
    expect(throttle(new URL(url).port, 'user', 1, 2, 3600).slice(0, 3)).toEqual([1, 2, 0]);
  });
});

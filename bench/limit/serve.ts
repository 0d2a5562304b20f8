/**
 * `CL.THROTTLE` of `ds limit serve` beside `INCR` of Redis with `appendfsync always`: both have what they answered on
 * disk. The load is redis-benchmark's, 50 connections; one key, and 100,000 of them at random.
 */
import { spawnSync } from 'node:child_process';
import { compare, formatRate, formatRatio, wantsJson } from '../support/compare.js';
import { startDs, startRedis, versionOf } from '../support/processes.js';

const ROUNDS = 5;
/** Requests of one measurement: some seconds. */
const REQUESTS = 100_000;
const MANY = 100_000;
/** 60 million in 60 s with as much burst: never reached, so that every request has something to write. */
const LIMIT = ['60000000', '60000000', '60', '1'];

function requestsPerSecond(port: number, flags: readonly string[], command: readonly string[]): number {
  const args = ['-h', '127.0.0.1', '-p', `${port}`, '-c', '50', '--csv', ...flags, ...command];
  const { stdout, stderr } = spawnSync('redis-benchmark', args, { encoding: 'utf8' });
  const rate = /^"[^"]*","([0-9.]+)"/m.exec(stdout)?.[1];
  if (rate === undefined) throw new Error(`redis-benchmark gave no rate: ${stdout}${stderr}`);
  return Number(rate);
}

function beside(ds: number, redis: number, flags: readonly string[], key: string) {
  return compare(
    [
      { name: 'ds', measure: () => requestsPerSecond(ds, flags, ['CL.THROTTLE', key, ...LIMIT]) },
      { name: 'redis', measure: () => requestsPerSecond(redis, flags, ['INCR', key]) },
    ],
    ROUNDS,
  );
}

const redis = await startRedis();
const ds = await startDs('limit', 'redis', ['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--admin', 'off']);
try {
  const flags = ['-n', `${REQUESTS}`];
  const results = {
    'one key': await beside(ds.port, redis.port, flags, 'user'),
    [`${MANY} keys at random`]: await beside(ds.port, redis.port, [...flags, '-r', `${MANY}`], 'user:__rand_int__'),
    'one key, 16 in a pipeline': await beside(ds.port, redis.port, ['-n', `${5 * REQUESTS}`, '-P', '16'], 'user'),
  };
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'limit serve', results })}\n`);
  else {
    process.stdout.write(
      `\nlimit serve, CL.THROTTLE, beside INCR of ${versionOf('redis-server', '--version')}, appendfsync always\n`,
    );
    for (const [name, { spreads, ratio }] of Object.entries(results)) {
      process.stdout.write(`  ${name}, 50 connections\n`);
      for (const [subject, spread] of Object.entries(spreads)) {
        process.stdout.write(`    ${subject.padEnd(6)} ${formatRate(spread, 'requests/s')}\n`);
      }
      process.stdout.write(`    ds / redis  ${formatRatio(ratio)}\n`);
    }
  }
} finally {
  await Promise.all([redis.stop(), ds.stop()]);
}

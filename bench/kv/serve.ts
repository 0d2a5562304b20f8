/**
 * `ds kv serve` beside Redis with `appendfsync always`: both promise that an acknowledged write survives power loss. The load is
 * redis-benchmark's: 100,000 keys, values of 64 bytes.
 */
import { spawnSync } from 'node:child_process';
import { formatRate, formatRatio, type Spread, spreadOf, wantsJson } from '../support/compare.js';
import { startDs, startRedis, versionOf } from '../support/processes.js';

const ROUNDS = 5;
const KEYS = 100_000;
const VALUE_BYTES = 64;

interface Load {
  readonly name: string;
  readonly test: 'set' | 'get';
  readonly clients: number;
  readonly pipeline: number;
  readonly requests: number;
  /** Of Redis's rate, at least. */
  readonly aim: number;
}

const LOADS: readonly Load[] = [
  { name: 'SET, 10 clients', test: 'set', clients: 10, pipeline: 1, requests: 50_000, aim: 1 },
  { name: 'SET, 50 clients', test: 'set', clients: 50, pipeline: 1, requests: 100_000, aim: 1 },
  { name: 'GET, 10 clients', test: 'get', clients: 10, pipeline: 1, requests: 100_000, aim: 0.9 },
  { name: 'GET, 50 clients', test: 'get', clients: 50, pipeline: 1, requests: 200_000, aim: 0.9 },
  { name: 'SET, 50 clients, -P 32', test: 'set', clients: 50, pipeline: 32, requests: 1_000_000, aim: 0.5 },
  { name: 'GET, 50 clients, -P 32', test: 'get', clients: 50, pipeline: 32, requests: 1_000_000, aim: 0.6 },
];

interface Measured {
  readonly rate: number;
  readonly p99: number;
}

function run(port: number, { test, clients, pipeline, requests }: Load): Measured {
  const shape = ['-t', test, '-c', `${clients}`, '-P', `${pipeline}`, '-n', `${requests}`];
  const args = ['-h', '127.0.0.1', '-p', `${port}`, '--csv', '-r', `${KEYS}`, '-d', `${VALUE_BYTES}`, ...shape];
  const { stdout, stderr } = spawnSync('redis-benchmark', args, { encoding: 'utf8' });
  const columns = stdout
    .trim()
    .split('\n')
    .at(-1)
    ?.split(',')
    .map((column) => Number(column.replaceAll('"', '')));
  const [, rate, , , , , p99] = columns ?? [];
  if (rate === undefined || p99 === undefined || Number.isNaN(rate)) {
    throw new Error(`redis-benchmark gave no rate: ${stdout}${stderr}`);
  }
  return { rate, p99 };
}

interface Result {
  readonly load: string;
  readonly aim: number;
  readonly ds: Spread;
  readonly redis: Spread;
  readonly ratio: Spread;
  /** Milliseconds. */
  readonly p99: { readonly ds: Spread; readonly redis: Spread; readonly ratio: Spread };
}

/** A B A B …, after one round that does not count. */
function measure(load: Load, ds: number, redis: number): Result {
  const rounds = Array.from({ length: ROUNDS + 1 }, () => ({ ds: run(ds, load), redis: run(redis, load) })).slice(1);
  const spread = (value: (round: { ds: Measured; redis: Measured }) => number) => spreadOf(rounds.map(value));
  return {
    load: load.name,
    aim: load.aim,
    ds: spread((round) => round.ds.rate),
    redis: spread((round) => round.redis.rate),
    ratio: spread((round) => round.ds.rate / round.redis.rate),
    p99: {
      ds: spread((round) => round.ds.p99),
      redis: spread((round) => round.redis.p99),
      ratio: spread((round) => round.ds.p99 / round.redis.p99),
    },
  };
}

function print(results: readonly Result[]): void {
  process.stdout.write(`\nkv serve beside ${versionOf('redis-server', '--version')}, appendfsync always\n`);
  for (const { load, aim, ds, redis, ratio, p99 } of results) {
    process.stdout.write(`  ${load}\n`);
    process.stdout.write(`    ds     ${formatRate(ds, 'requests/s')}, p99 ${p99.ds.median.toFixed(2)} ms\n`);
    process.stdout.write(`    redis  ${formatRate(redis, 'requests/s')}, p99 ${p99.redis.median.toFixed(2)} ms\n`);
    process.stdout.write(
      `    ds / redis  ${formatRatio(ratio)}, aim ${aim}; p99 ${formatRatio(p99.ratio)}, aim 3 or less\n`,
    );
  }
}

const redis = await startRedis();
const ds = await startDs('kv', 'redis', ['--listen', '127.0.0.1:0', '--admin', 'off']);
try {
  const fill = { ...LOADS[4], requests: 10 * KEYS } as Load;
  for (const { port } of [redis, ds]) run(port, fill);
  const results = LOADS.map((load) => measure(load, ds.port, redis.port));
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'kv serve', results })}\n`);
  else print(results);
} finally {
  await Promise.all([redis.stop(), ds.stop()]);
}

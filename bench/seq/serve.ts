/**
 * `ds seq serve` beside Redis with `appendfsync always`: both promise that an acknowledged number survives power loss.
 * The load is redis-benchmark's, 50 connections.
 */
import { spawnSync } from 'node:child_process';
import { compare, formatRate, formatRatio, spreadOf, wantsJson } from '../support/compare.js';
import { startDs, startRedis, versionOf } from '../support/processes.js';

const ROUNDS = 5;
/** Requests of one measurement for each command in the pipeline: some seconds. */
const REQUESTS = 100_000;
/** IDs of one SEQ.NEXT in the batched measurement. */
const BATCH = 1000;

function requestsPerSecond(port: number, flags: readonly string[], command: readonly string[]): number {
  const args = ['-h', '127.0.0.1', '-p', `${port}`, '--csv', ...flags, ...command];
  const { stdout, stderr } = spawnSync('redis-benchmark', args, { encoding: 'utf8' });
  const rate = /^"[^"]*","([0-9.]+)"/m.exec(stdout)?.[1];
  if (rate === undefined) throw new Error(`redis-benchmark gave no rate: ${stdout}${stderr}`);
  return Number(rate);
}

async function incr(pipeline: number, redis: number, ds: number) {
  const flags = ['-c', '50', '-P', `${pipeline}`, '-n', `${REQUESTS * Math.min(pipeline, 10)}`];
  const measure = (port: number) => () => requestsPerSecond(port, flags, ['INCR', 'orders']);
  return compare(
    [
      { name: 'ds', measure: measure(ds) },
      { name: 'redis', measure: measure(redis) },
    ],
    ROUNDS,
  );
}

function batched(ds: number) {
  const flags = ['-c', '4', '-n', '4000'];
  const once = () => BATCH * requestsPerSecond(ds, flags, ['SEQ.NEXT', 'twitter', `${BATCH}`]);
  once();
  return spreadOf(Array.from({ length: ROUNDS }, once));
}

const redis = await startRedis();
const ds = await startDs('seq', 'redis', ['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0', '--admin', 'off']);
try {
  const single = await incr(1, redis.port, ds.port);
  const pipelined = await incr(16, redis.port, ds.port);
  const ids = batched(ds.port);
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'seq serve', single, pipelined, ids })}\n`);
  else {
    process.stdout.write(`\nseq serve beside ${versionOf('redis-server', '--version')}, appendfsync always\n`);
    for (const [name, result] of Object.entries({
      'INCR, 50 connections': single,
      'INCR, 50 × 16 pipelined': pipelined,
    })) {
      process.stdout.write(`  ${name}\n`);
      for (const [subject, spread] of Object.entries(result.spreads)) {
        process.stdout.write(`    ${subject.padEnd(6)} ${formatRate(spread, 'requests/s')}\n`);
      }
      process.stdout.write(`    ds / redis  ${formatRatio(result.ratio)}\n`);
    }
    process.stdout.write(`  SEQ.NEXT twitter ${BATCH}, 4 connections\n    ds     ${formatRate(ids, 'IDs/s')}\n`);
  }
} finally {
  await Promise.all([redis.stop(), ds.stop()]);
}

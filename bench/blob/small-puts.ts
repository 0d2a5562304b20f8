/**
 * Durable PUTs of 1 KB on 16 connections, `ds blob serve` beside s3rver: ours has flushed what it acknowledges, s3rver has not.
 * Every PUT is of a new key and of bytes that were not there before. The load is a process of its own; its requests are signed before
 * the clock starts.
 */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { sha256, signedHead } from '../../test/helpers/blob-sign.js';
import { compare, formatRate, formatRatio, wantsJson } from '../support/compare.js';
import { LeanConnection } from '../support/s3-client.js';
import { makeBucket, type S3Server, startBlob, startS3rver } from '../support/s3-servers.js';

const ROUNDS = 5;
const CONNECTIONS = 16;
/** Of one measurement and connection: some seconds. */
const REQUESTS = 400;
const BYTES = 1024;

function put({ port, keys }: S3Server, key: string): readonly [Buffer, Buffer] {
  const body = randomBytes(BYTES);
  const headers = { 'content-length': `${BYTES}`, 'content-type': 'application/octet-stream' };
  const path = `/bench/${key}`;
  const request = { method: 'PUT', path, host: `127.0.0.1:${port}`, headers, payload: sha256(body) };
  return [signedHead(request, keys), body];
}

/** PUTs a second; the work of the load's process. */
async function load(server: S3Server): Promise<number> {
  const run = randomBytes(6).toString('hex');
  const work = await Promise.all(
    Array.from({ length: CONNECTIONS }, async (_, index) => ({
      connection: await LeanConnection.open(server.port),
      requests: Array.from({ length: REQUESTS }, (_, number) => put(server, `${run}/${index}/${number}`)),
    })),
  );
  const start = performance.now();
  await Promise.all(
    work.map(async ({ connection, requests }) => {
      for (const [head, body] of requests) await connection.request(head, [body]);
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const { connection } of work) connection.close();
  return (CONNECTIONS * REQUESTS) / seconds;
}

function measure(server: S3Server): number {
  const args = [fileURLToPath(import.meta.url), '--load', JSON.stringify({ port: server.port, keys: server.keys })];
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const rate = Number(stdout || Number.NaN);
  if (Number.isNaN(rate)) throw new Error(`the load said: ${stdout}${stderr}`);
  return rate;
}

async function main(): Promise<void> {
  const [ds, s3rver] = await Promise.all([startBlob(), startS3rver()]);
  try {
    await Promise.all([makeBucket(ds), makeBucket(s3rver)]);
    const result = await compare(
      [
        { name: 'ds', measure: () => measure(ds) },
        { name: 's3rver', measure: () => measure(s3rver) },
      ],
      ROUNDS,
    );
    if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'blob small puts', ...result })}\n`);
    else {
      process.stdout.write(`\nblob serve, PUT of 1 KB, ${CONNECTIONS} connections, beside s3rver ${s3rver.version}\n`);
      for (const [name, spread] of Object.entries(result.spreads))
        process.stdout.write(`  ${name.padEnd(7)} ${formatRate(spread, 'PUTs/s')}\n`);
      process.stdout.write(`  ds / s3rver  ${formatRatio(result.ratio)}\n`);
    }
  } finally {
    await Promise.all([ds.stop(), s3rver.stop()]);
  }
}

const asked = process.argv.indexOf('--load');
if (asked === -1) await main();
else process.stdout.write(`${await load(JSON.parse(process.argv[asked + 1] ?? ''))}\n`);

/**
 * Trivial jobs, each one HTTP request to a server on this machine, carried out from one PostgreSQL: by `ds cron serve`, and by
 * graphile-worker with the same number at a time. All are queued before either starts; the time until the last has ended counts.
 * graphile-worker's task is a function in its own process that makes the request by undici, as ds does; it keeps no output and no
 * history, ds keeps both.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Logger, run, runMigrations } from 'graphile-worker';
import { request } from 'undici';
import { openPostgresLedger } from '../../src/blocks/cron/remote/postgres.js';
import { readJobSpec } from '../../src/blocks/cron/spec.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { startPostgresServer } from '../../test/helpers/postgres-server.js';
import { compare, formatRate, formatRatio, wantsJson } from '../support/compare.js';
import { dsProgram } from '../support/processes.js';

const ROUNDS = 3;
const JOBS = 1_000;
const AT_A_TIME = 16;

const folder = mkdtempSync(join(tmpdir(), 'ds-bench-'));
const postgres = await startPostgresServer();
let answered = 0;
let tellAll = () => {};
const server = createServer((_request, response) => {
  response.end('ok');
  if (++answered === JOBS) tellAll();
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

function allAnswered(): Promise<void> {
  answered = 0;
  return new Promise((resolve) => {
    tellAll = resolve;
  });
}

const ledger = await openPostgresLedger(postgres.url, { clock: systemClock, random: systemRandom });
const raw = { name: 'ping', http: { url }, concurrency: 'allow-all' };
await ledger.put(readJobSpec(raw, 'the benchmark', { timeZone: 'UTC' }));

async function ds(): Promise<number> {
  for (let i = 0; i < JOBS; i++) await ledger.trigger('ping');
  const [node, program] = dsProgram;
  const flags = ['--database', postgres.url, '--listen', '127.0.0.1:0', '--admin', 'off', '--json'];
  const all = allAnswered();
  const env = { ...process.env, DS_HOME: folder };
  const child = spawn(node, [program, 'cron', 'serve', ...flags, '--workers', `${AT_A_TIME}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
    env,
  });
  await once(createInterface({ input: child.stdout }), 'line');
  const started = performance.now();
  const before = answered;
  await all;
  const rate = ((JOBS - before) * 1000) / (performance.now() - started);
  child.kill('SIGTERM');
  await once(child, 'exit');
  return rate;
}

async function graphile(): Promise<number> {
  const logger = new Logger(() => () => {});
  await runMigrations({ connectionString: postgres.url, logger });
  const { Client } = (await import('pg')).default;
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`SELECT graphile_worker.add_job('ping') FROM generate_series(1, ${JOBS})`);
  await client.end();
  const all = allAnswered();
  const started = performance.now();
  const runner = await run({
    connectionString: postgres.url,
    concurrency: AT_A_TIME,
    noHandleSignals: true,
    logger,
    taskList: {
      ping: async () => {
        const { body } = await request(url);
        await body.dump();
      },
    },
  });
  await all;
  const rate = (JOBS * 1000) / (performance.now() - started);
  await runner.stop();
  return rate;
}

function versionOf(name: string): string {
  const manifest: { version: string } = JSON.parse(
    readFileSync(createRequire(import.meta.url).resolve(`${name}/package.json`), 'utf8'),
  );
  return manifest.version;
}

try {
  const { spreads, ratio } = await compare(
    [
      { name: 'ds', measure: ds },
      { name: 'graphile-worker', measure: graphile },
    ],
    ROUNDS,
  );
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'cron postgres', spreads, ratio })}\n`);
  else {
    process.stdout.write(`\ntrivial jobs on one PostgreSQL, beside graphile-worker ${versionOf('graphile-worker')}\n`);
    for (const [name, spread] of Object.entries(spreads)) {
      process.stdout.write(`  ${name.padEnd(16)} ${formatRate(spread, 'jobs/s')}\n`);
    }
    process.stdout.write(`  ratio            ${formatRatio(ratio)}\n`);
  }
} finally {
  await ledger.close();
  server.close();
  await postgres.stop();
  rmSync(folder, { recursive: true });
}

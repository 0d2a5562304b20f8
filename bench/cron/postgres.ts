/**
 * Trivial jobs, each one HTTP request to a server on this machine, carried out from one PostgreSQL: by `ds cron serve`, and by
 * graphile-worker with the same number at a time and otherwise the settings that it comes with. All are queued before either starts;
 * what counts is the time from the first quarter's end to the last, when both are warm.
 *
 * graphile-worker's task is a function in its own process that makes the request as ds does: by undici, on connections that are
 * kept and shared. It keeps no output and no history, ds keeps both.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Logger, run, runMigrations } from 'graphile-worker';
import { Pool } from 'undici';
import { openPostgresLedger } from '../../src/blocks/cron/remote/postgres.js';
import { readJobSpec } from '../../src/blocks/cron/spec.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { startPostgresServer } from '../../test/helpers/postgres-server.js';
import { compare, formatRate, formatRatio, wantsJson } from '../support/compare.js';
import { dsProgram } from '../support/processes.js';

const ROUNDS = 3;
const RUNS = 2_000;
/** Runs of ds are of so many jobs, the same number of each. */
const JOBS = 100;
const AT_A_TIME = 16;

const folder = mkdtempSync(join(tmpdir(), 'ds-bench-'));
const postgres = await startPostgresServer();
let onAnswered = () => {};
const server = createServer((_request, response) => {
  response.end('ok');
  onAnswered();
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

/** Of graphile-worker's task: one for each that runs. */
const connections = new Pool(url, { connections: AT_A_TIME });

/** Runs per second from now on, the first quarter left out. */
function rateOfAll(): Promise<number> {
  const warm = RUNS / 4;
  let answered = 0;
  let started = 0;
  return new Promise((resolve) => {
    onAnswered = () => {
      answered++;
      if (answered === warm) started = performance.now();
      if (answered === RUNS) resolve(((RUNS - warm) * 1000) / (performance.now() - started));
    };
  });
}

const ledger = await openPostgresLedger(postgres.url, { clock: systemClock, random: systemRandom });
const names = Array.from({ length: JOBS }, (_, index) => `ping-${index}`);
const put = names.map((name) =>
  readJobSpec({ name, http: { url }, concurrency: 'allow-all' }, 'the benchmark', { timeZone: 'UTC' }),
);
await ledger.apply({ put, remove: [] });

async function ds(): Promise<number> {
  for (let queued = 0; queued < RUNS; queued += JOBS) await Promise.all(names.map((name) => ledger.trigger(name)));
  const [node, program] = dsProgram;
  const flags = ['--database', postgres.url, '--listen', '127.0.0.1:0', '--admin', 'off'];
  const all = rateOfAll();
  const child = spawn(node, [program, 'cron', 'serve', ...flags, '--workers', `${AT_A_TIME}`], {
    stdio: 'ignore',
    env: { ...process.env, DS_HOME: folder },
  });
  const ended = once(child, 'exit');
  const rate = await Promise.race([all, ended.then(([code]) => Promise.reject(new Error(`ds ended with ${code}`)))]);
  child.kill('SIGTERM');
  await ended;
  return rate;
}

async function graphile(): Promise<number> {
  const logger = new Logger(() => () => {});
  await runMigrations({ connectionString: postgres.url, logger });
  const { Client } = (await import('pg')).default;
  const client = new Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`SELECT graphile_worker.add_job('ping') FROM generate_series(1, ${RUNS})`);
  await client.end();
  const all = rateOfAll();
  const runner = await run({
    connectionString: postgres.url,
    concurrency: AT_A_TIME,
    noHandleSignals: true,
    logger,
    taskList: { ping },
  });
  const rate = await all;
  await runner.stop();
  return rate;
}

async function ping(): Promise<void> {
  const { body } = await connections.request({ path: '/', method: 'GET' });
  await body.dump();
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
  await connections.close();
  server.close();
  await postgres.stop();
  rmSync(folder, { recursive: true });
}

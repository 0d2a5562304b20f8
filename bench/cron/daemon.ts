/**
 * `ds cron serve` with 12,000 schedules of which 200 are due each second, evenly: how late their commands start, those that have not
 * started by the end counted as late as they are then, and the memory it takes. Then a daemon that was down for 30 days: how long until 100,000 slots are accounted for. The aims: 50 ms at the
 * 99th percentile, 150 MB, 5 s. There is no peer: Debian's cron looks once a minute, and keeps no account.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { countRuns } from '../../src/blocks/cron/bench/counts.js';
import { benchJobs } from '../../src/blocks/cron/bench/jobs.js';
import { readJobSpec } from '../../src/blocks/cron/spec.js';
import { openCronStore } from '../../src/blocks/cron/store.js';
import { systemClock, systemRandom } from '../../src/platform/clock.js';
import { wantsJson } from '../support/compare.js';
import { dsProgram } from '../support/processes.js';

const SCHEDULES = 12_000;
/** Due each second: each job once a minute. */
const PER_SECOND = SCHEDULES / 60;
/** Seconds that are looked at, after as many that are not. */
const SECONDS = 30;
const OUTAGE_DAYS = 30;
const OUTAGE_JOBS = 139;
/** Hourly for 30 days is 720 slots: 139 jobs have 100,080. */
const OUTAGE_SLOTS = OUTAGE_JOBS * OUTAGE_DAYS * 24;

interface Daemon {
  readonly pid: number;
  stop(): Promise<void>;
}

async function startDaemon(db: string, home: string): Promise<Daemon> {
  const [node, program] = dsProgram;
  const flags = ['--db', db, '--listen', '127.0.0.1:0', '--admin', 'off', '--json', '--workers', '32'];
  const env = { ...process.env, DS_HOME: home };
  const child = spawn(node, [program, 'cron', 'serve', ...flags], { stdio: ['ignore', 'pipe', 'ignore'], env });
  await once(createInterface({ input: child.stdout }), 'line');
  if (child.pid === undefined) throw new Error('ds cron serve did not start');
  return {
    pid: child.pid,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

function residentMb(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** A jitter of a second spreads the 200 that are due at each of them over it; lateness is told from the moment so found. */
async function lateness(folder: string) {
  const db = join(folder, 'due.db');
  const ledger = await openCronStore({ path: db, clock: systemClock, random: systemRandom });
  try {
    await ledger.apply({ put: benchJobs({ count: SCHEDULES, perSecond: PER_SECOND }), remove: [] });
    const daemon = await startDaemon(db, folder);
    await pause(SECONDS * 1000);
    const from = Math.ceil(Date.now() / 1000) * 1000;
    const until = from + SECONDS * 1000;
    // The last ones are due a second later, and have another one to start.
    await pause(until + 2000 - Date.now());
    const memoryMb = residentMb(daemon.pid);
    const { due, started, unstarted, lateness } = await countRuns(ledger, { from, until, perSecond: PER_SECOND });
    await daemon.stop();
    const { p50Us, p99Us, maxUs } = lateness;
    const late = { medianMs: p50Us / 1000, p99Ms: p99Us / 1000, maxMs: maxUs / 1000 };
    return { due, started, unstarted, memoryMb, ...late };
  } finally {
    await ledger.close();
  }
}

/** The jobs are made by a clock that is 30 days behind: to the daemon it is an outage of that length. */
async function outage(folder: string) {
  const db = join(folder, 'outage.db');
  const back = OUTAGE_DAYS * 86_400_000;
  const past = {
    ...systemClock,
    now: () => systemClock.now() - back,
    micros: () => systemClock.micros() - back * 1000,
  };
  const before = await openCronStore({ path: db, clock: past, random: systemRandom });
  const put = Array.from({ length: OUTAGE_JOBS }, (_, index) =>
    readJobSpec({ name: `job-${index}`, schedule: `${index % 60} * * * *`, command: 'true' }, 'the benchmark', {
      timeZone: 'UTC',
    }),
  );
  await before.apply({ put, remove: [] });
  await before.close();
  const ledger = await openCronStore({ path: db, clock: systemClock, random: systemRandom });
  const started = performance.now();
  const daemon = await startDaemon(db, folder);
  try {
    // Nothing is left over when the next slot of all is still to come.
    while (((await ledger.nextAt()) ?? 0) <= Date.now()) await pause(20);
    const seconds = (performance.now() - started) / 1000;
    return { slots: OUTAGE_SLOTS, seconds, memoryMb: residentMb(daemon.pid) };
  } finally {
    await daemon.stop();
    await ledger.close();
  }
}

const folder = mkdtempSync(join(tmpdir(), 'ds-bench-'));
try {
  const settled = await outage(folder);
  const due = await lateness(folder);
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'cron daemon', due, settled })}\n`);
  else {
    const { due: count, started, unstarted } = due;
    const waiting = Object.entries(unstarted).map(([why, number]) => `, ${number} ${why}`);
    process.stdout.write(`\n${SCHEDULES} schedules, ${PER_SECOND} due each second: ${started} of ${count} started`);
    process.stdout.write(`${waiting.join('')}\n`);
    const [median, p99, max] = [due.medianMs, due.p99Ms, due.maxMs].map((ms) => ms.toFixed(0));
    process.stdout.write(`  late by ${median} ms, 99 % by at most ${p99} ms, the last by ${max} ms\n`);
    process.stdout.write(`  memory  ${due.memoryMb.toFixed(0)} MB at most\n`);
    process.stdout.write(`${settled.slots} slots of ${OUTAGE_DAYS} days without a daemon\n`);
    process.stdout.write(
      `  accounted for ${settled.seconds.toFixed(1)} s after its start, ${settled.memoryMb.toFixed(0)} MB at most\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}

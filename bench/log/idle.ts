/** What `ds log ship` takes while 1,000 files that it has read lie still: CPU over a while, and memory. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wantsJson } from '../support/compare.js';
import { dsProgram, temporaryFolder } from '../support/processes.js';

const FILES = 1_000;
/** Longer than it takes until files count as quiet. */
const SETTLE_MS = 30_000;
const WATCH_MS = 30_000;
/** Kernel ticks a second (getconf CLK_TCK). */
const TICKS = 100;

const folder = temporaryFolder();
const logs = join(folder.path, 'logs');

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

function residentMegabytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1000;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

mkdirSync(logs);
for (let i = 0; i < FILES; i++)
  writeFileSync(join(logs, `app-${i}.log`), `2026-01-01T00:00:00Z INFO file ${i} begins\n`.repeat(20));
const [node, program] = dsProgram;
const args = [
  program,
  'log',
  'ship',
  join(logs, '*.log'),
  '--from',
  'start',
  '--db',
  join(folder.path, 'log.db'),
  '--quiet',
];
const child = spawn(node, args, { stdio: 'ignore', env: { ...process.env, DS_HOME: folder.path } });
try {
  const { pid } = child;
  if (pid === undefined) throw new Error('ds log ship did not start');
  await pause(SETTLE_MS);
  const before = cpuSeconds(pid);
  await pause(WATCH_MS);
  const core = (100 * (cpuSeconds(pid) - before)) / (WATCH_MS / 1000);
  const megabytes = residentMegabytes(pid);
  if (wantsJson)
    process.stdout.write(
      `${JSON.stringify({ benchmark: 'log idle', files: FILES, core_percent: core, resident_mb: megabytes })}\n`,
    );
  else
    process.stdout.write(
      `\nlog ship, ${FILES} files that lie still: ${core.toFixed(2)} % of a core, ${megabytes.toFixed(0)} MB\n`,
    );
} finally {
  child.kill('SIGTERM');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  folder.remove();
}

/**
 * How fast a store of a million keys opens, and what memory a daemon needs for ten million on disk: the time from the start of the
 * process to its ready line, less what an empty store takes, and the resident memory after a minute's worth of reads all over.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { formatRate, spreadOf, wantsJson } from '../support/compare.js';
import { type Daemon, startDsIn, type TemporaryFolder, temporaryFolder } from '../support/processes.js';

const MILLION = 1_000_000;
const OPENINGS = 5;

const FLAGS = ['--listen', '127.0.0.1:0', '--admin', 'off'];

async function started(folder: TemporaryFolder): Promise<Daemon & { readonly pid: number; readonly ms: number }> {
  const begin = performance.now();
  const { port, child } = await startDsIn(folder, 'kv', 'redis', FLAGS);
  const ms = performance.now() - begin;
  const stop = async (): Promise<void> => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
  };
  return { port, pid: child.pid ?? 0, ms, stop };
}

/** Keys key:000000000000 and on, 64 bytes each, through the port. */
function fill(port: number, keys: number): void {
  const sequential = ['-P', '64', '-c', '20', '-n', `${keys}`, '-r', `${keys}`, '-d', '64', '--csv', '-t', 'set'];
  // Random keys leave a third out: as many again fill up most of it, and MSET of a counted script would need Lua.
  for (let round = 0; round < 3; round++) {
    spawnSync('redis-benchmark', ['-p', `${port}`, ...sequential], { encoding: 'utf8' });
  }
}

function read(port: number, keys: number): void {
  spawnSync('redis-benchmark', [
    '-p',
    `${port}`,
    '-P',
    '16',
    '-c',
    '50',
    '-n',
    '2000000',
    '-r',
    `${keys}`,
    '--csv',
    '-t',
    'get',
  ]);
}

function residentMegabytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

async function openings(folder: TemporaryFolder): Promise<number[]> {
  const times: number[] = [];
  for (let i = 0; i < OPENINGS; i++) {
    const daemon = await started(folder);
    times.push(daemon.ms);
    await daemon.stop();
  }
  return times;
}

async function filled(folder: TemporaryFolder, keys: number): Promise<number> {
  const daemon = await started(folder);
  fill(daemon.port, keys);
  const size = spawnSync('redis-cli', ['-p', `${daemon.port}`, 'DBSIZE'], { encoding: 'utf8' });
  await daemon.stop();
  return Number(size.stdout);
}

const folders = [temporaryFolder(), temporaryFolder(), temporaryFolder()] as const;
const [empty, million, tenMillion] = folders;
try {
  const emptyMs = spreadOf(await openings(empty));
  const keys = await filled(million, MILLION);
  const ms = spreadOf((await openings(million)).map((time) => time - emptyMs.median));
  const tenKeys = await filled(tenMillion, 10 * MILLION);
  const daemon = await started(tenMillion);
  read(daemon.port, 10 * MILLION);
  const megabytes = residentMegabytes(daemon.pid);
  await daemon.stop();
  const result = { keys, ms, tenKeys, megabytes };
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'kv stores', ...result })}\n`);
  else {
    process.stdout.write(
      `\nkv stores\n  ${keys} keys open in ${formatRate(ms, 'ms')} beyond an empty store; aim 200 ms\n`,
    );
    process.stdout.write(
      `  ${tenKeys} keys on disk, 2 million GETs all over: ${megabytes.toFixed(0)} MB resident; aim 200 MB\n`,
    );
  }
} finally {
  for (const folder of folders) folder.remove();
}

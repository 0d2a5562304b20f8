/**
 * How fast a store of a million keys opens, and what memory a daemon needs for ten million on disk: the time from the start of the
 * process to its ready line, less what an empty store takes, and the resident memory after two million reads all over, with --cache-mb 32.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { formatRate, spreadOf, wantsJson } from '../support/compare.js';
import { type Daemon, startDsIn, type TemporaryFolder, temporaryFolder } from '../support/processes.js';

const MILLION = 1_000_000;
const OPENINGS = 5;
/** `+OK` and its end. */
const OK_BYTES = 5;
const CHUNK = 500;
const PIPELINED = 4_000;

const FLAGS = ['--listen', '127.0.0.1:0', '--admin', 'off', '--cache-mb', '32'];

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

/** Keys key:000000000000 and on, as redis-benchmark names them, 64 bytes each, through the port. */
function fill(port: number, keys: number): Promise<void> {
  const value = 'x'.repeat(64);
  const set = (n: number) => `*3\r\n$3\r\nSET\r\n$16\r\nkey:${String(n).padStart(12, '0')}\r\n$64\r\n${value}\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let [sent, answered] = [0, 0];
    const send = () => {
      // What is not answered yet is bounded, as with any client that pipelines.
      while (sent < keys && sent * OK_BYTES - answered < PIPELINED * OK_BYTES) {
        const end = Math.min(keys, sent + CHUNK);
        let text = '';
        for (; sent < end; sent++) text += set(sent);
        socket.write(text, 'latin1');
      }
    };
    socket.on('error', reject).on('connect', send);
    socket.on('data', ({ length }) => {
      answered += length;
      if (answered < keys * OK_BYTES) return send();
      socket.destroy();
      resolve();
    });
  });
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
  await fill(daemon.port, keys);
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

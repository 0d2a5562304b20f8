/**
 * `ds limit load --max` beside hey: requests a second of one nginx that answers 200 with five bytes, 50 connections, both with
 * all cores of the machine, which nginx shares. And whether the memory of ds stays where it is.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { compare, formatRate, formatRatio, spreadOf, wantsJson } from '../support/compare.js';
import { startNginx } from '../support/nginx.js';
import { dsProgram } from '../support/processes.js';

const ROUNDS = 5;
const SECONDS = 3;
const CONNECTIONS = '50';
/** Samples of the memory, milliseconds apart. */
const SAMPLE_MS = 200;

interface Memory {
  /** Resident KiB after the first second, and at the end. */
  readonly first: number;
  readonly last: number;
}

const memory: Memory[] = [];

async function ds(url: string): Promise<number> {
  const [node, program] = dsProgram;
  const args = ['limit', 'load', url, '--max', '-c', CONNECTIONS, '-d', `${SECONDS}s`, '--json'];
  const child = spawn(node, [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let stdout = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  const samples: number[] = [];
  const timer = setInterval(() => samples.push(residentKib(child.pid)), SAMPLE_MS);
  await once(child, 'close');
  clearInterval(timer);
  const seen = samples.filter((kib) => kib > 0);
  memory.push({ first: seen[1000 / SAMPLE_MS] ?? 0, last: seen.at(-1) ?? 0 });
  const report: { answered_per_s: number; failed: number } = JSON.parse(stdout);
  if (report.failed > 0) throw new Error(`${report.failed} requests of ds failed`);
  return report.answered_per_s;
}

/** 0 once it has ended. */
function residentKib(pid: number | undefined): number {
  try {
    return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function hey(url: string): number {
  const { stdout, stderr } = spawnSync('hey', ['-z', `${SECONDS}s`, '-c', CONNECTIONS, url], { encoding: 'utf8' });
  const rate = /Requests\/sec:\s+([0-9.]+)/.exec(stdout)?.[1];
  if (rate === undefined) throw new Error(`hey gave no rate: ${stdout}${stderr}`);
  return Number(rate);
}

const nginx = await startNginx();
try {
  const result = await compare(
    [
      { name: 'ds', measure: () => ds(nginx.url) },
      { name: 'hey', measure: () => hey(nginx.url) },
    ],
    ROUNDS,
  );
  const growth = spreadOf(memory.map(({ first, last }) => last - first));
  const resident = spreadOf(memory.map(({ last }) => last));
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'limit load', ...result, growth, resident })}\n`);
  else {
    process.stdout.write(`\nlimit load --max beside hey, ${CONNECTIONS} connections, against nginx\n`);
    for (const [subject, spread] of Object.entries(result.spreads)) {
      process.stdout.write(`  ${subject.padEnd(5)} ${formatRate(spread, 'requests/s')}\n`);
    }
    const mib = (kib: number) => (kib / 1024).toFixed(1);
    process.stdout.write(
      `  ds / hey  ${formatRatio(result.ratio)}\n` +
        `  memory of ds ${mib(resident.median)} MiB; after its first second it grew by ${mib(growth.median)} MiB (${mib(growth.min)} … ${mib(growth.max)})\n`,
    );
  }
} finally {
  await nginx.stop();
}

/**
 * Start-up: `ds seq next` as a whole process over `node -e 0`, taking turns. At most 1.9 is the aim on Node 20: a plain
 * oclif program needs 2.7.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Comparison, compare, formatRatio, type Spread, type Subject, wantsJson } from './support/compare.js';

const ROUNDS = 40;
const home = mkdtempSync(join(tmpdir(), 'ds-bench-'));
const run = join(globalThis.DS_ROOT, 'bin', 'run.js');

function subject(name: string, args: readonly string[]): Subject {
  return {
    name,
    measure: () => {
      const start = performance.now();
      const { status } = spawnSync(process.execPath, args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DS_HOME: home },
      });
      if (status !== 0) throw new Error(`${name} exited ${status}`);
      return performance.now() - start;
    },
  };
}

const empty = subject('node -e 0', ['-e', '0']);
const commands = [
  subject('ds --version', [run, '--version']),
  subject('ds seq decode', [run, 'seq', 'decode', '105484726235607040']),
  subject('ds seq next', [run, 'seq', 'next']),
];

function ms({ median, min, max }: Spread): string {
  return `${median.toFixed(0)} ms (${min.toFixed(0)} … ${max.toFixed(0)})`;
}

function report(name: string, { spreads, ratio }: Comparison): void {
  const spread = (subjectName: string) =>
    spreads[subjectName] ?? { median: Number.NaN, min: Number.NaN, max: Number.NaN };
  if (wantsJson) {
    process.stdout.write(
      `${JSON.stringify({ bench: 'startup', subject: name, peer: empty.name, subject_ms: spread(name), peer_ms: spread(empty.name), ratio, node: process.version })}\n`,
    );
    return;
  }
  process.stdout.write(
    `startup  ${name}: ${ms(spread(name))}; ${empty.name}: ${ms(spread(empty.name))}; ratio ${formatRatio(ratio)}\n`,
  );
}

try {
  for (const command of commands) report(command.name, await compare([command, empty], ROUNDS));
} finally {
  rmSync(home, { recursive: true });
}

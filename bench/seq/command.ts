/** `ds seq next -n 10000000 > /dev/null` as a whole process, start-up included. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatRate, spreadOf, wantsJson } from '../support/compare.js';
import { dsProgram } from '../support/processes.js';

const ROUNDS = 5;
const IDS = 10_000_000;

const home = mkdtempSync(join(tmpdir(), 'ds-bench-'));
const nowhere = openSync('/dev/null', 'w');

function idsPerSecond(): number {
  const [node, program] = dsProgram;
  const started = performance.now();
  const args = [program, 'seq', 'next', '-n', `${IDS}`];
  const { status } = spawnSync(node, args, {
    stdio: ['ignore', nowhere, 'inherit'],
    env: { ...process.env, DS_HOME: home },
  });
  if (status !== 0) throw new Error(`ds seq next ended with ${status}`);
  return (IDS * 1000) / (performance.now() - started);
}

try {
  const rate = spreadOf(Array.from({ length: ROUNDS }, idsPerSecond));
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'seq command', ids: IDS, rate })}\n`);
  else
    process.stdout.write(
      `\nds seq next -n ${IDS} > /dev/null, whole process\n    ds     ${formatRate(rate, 'IDs/s')}\n`,
    );
} finally {
  rmSync(home, { recursive: true });
}

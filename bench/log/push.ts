/** Lines a second that `ds log serve` takes by Loki's push, each answer on disk: `ds log bench` in a process of its own beside it. */
import { spawnSync } from 'node:child_process';
import { formatRate, spreadOf, wantsJson } from '../support/compare.js';
import { dsProgram, temporaryFolder } from '../support/processes.js';

const ROUNDS = 5;
const SECONDS = 4;
const SHAPES = [
  { lines: 1_000, connections: 8 },
  { lines: 100, connections: 16 },
  { lines: 1, connections: 64 },
];

const folder = temporaryFolder();

function linesPerSecond({ lines, connections }: { lines: number; connections: number }): number {
  const [node, program] = dsProgram;
  const flags = ['--json', '-d', `${SECONDS}s`, '--warmup', '1s', '--lines', `${lines}`, '-c', `${connections}`];
  const env = { ...process.env, DS_HOME: folder.path };
  const { status, stdout, stderr } = spawnSync(node, [program, 'log', 'bench', ...flags], { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`ds log bench ended with ${status}: ${stdout} ${stderr}`);
  const report: { answered_per_s: number } = JSON.parse(stdout);
  return report.answered_per_s * lines;
}

try {
  const results = SHAPES.map((shape) => ({
    ...shape,
    spread: spreadOf(Array.from({ length: ROUNDS }, () => linesPerSecond(shape))),
  }));
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'log push', results })}\n`);
  else {
    process.stdout.write('\nlog serve, lines of 200 bytes by Loki push (JSON)\n');
    for (const { lines, connections, spread } of results)
      process.stdout.write(
        `  ${`${lines} a push, ${connections} connections`.padEnd(32)} ${formatRate(spread, 'lines/s')}\n`,
      );
  }
} finally {
  folder.remove();
}

/**
 * A line is looked for in 1 GB of stored logs by `ds log query`, beside zgrep over the same logs gzipped; both as whole processes. Three texts:
 * a whole identifier, which filters of blocks know; a part of one; and parts of words, which they cannot know, so that each block is read.
 */
import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { compare, formatRatio, type Spread, wantsJson } from '../support/compare.js';
import { writeLogFile } from '../support/log-lines.js';
import { dsProgram, temporaryFolder } from '../support/processes.js';

const ROUNDS = 5;
const LINES = 5_000_000;
const NEEDLE_LINE = 3_141_592;
const ID = 'c0ffee5eedf00d42';
const NEEDLE = `2026-01-01T02:37:04.776Z ERROR [worker-3] 10.0.0.1 request_id=${ID} cannot reach the warehouse behind the moon`;
const CASES = { 'an identifier': ID, 'a part of one': ID.slice(2, 15), 'words within others': 'ot reac' };

const folder = temporaryFolder();
const [plain, db] = [join(folder.path, 'app.log'), join(folder.path, 'log.db')];

function run(program: string, args: readonly string[]): string {
  const env = { ...process.env, DS_HOME: folder.path };
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${status}: ${stderr}`);
  return stdout;
}

function ds(...args: readonly string[]): string {
  const [node, program] = dsProgram;
  return run(node, [program, ...args, '--db', db]);
}

function timed(work: () => string): number {
  const start = performance.now();
  if (!work().includes(ID)) throw new Error('the line was not found');
  return performance.now() - start;
}

try {
  const bytes = writeLogFile(plain, LINES, new Map([[NEEDLE_LINE, NEEDLE]]));
  ds('log', 'ship', plain, '--once', '--quiet');
  run('gzip', ['-k', plain]);
  const since = ['--since', '2000-01-01'];
  const results: Record<string, { ds: Spread; zgrep: Spread; ratio: Spread }> = {};
  for (const [name, text] of Object.entries(CASES)) {
    const { spreads, ratio } = await compare(
      [
        { name: 'zgrep', measure: () => timed(() => run('zgrep', ['-F', text, `${plain}.gz`])) },
        {
          name: 'ds',
          measure: () => timed(() => ds('log', 'query', `{filename=~".+"} |= ${JSON.stringify(text)}`, ...since)),
        },
      ],
      ROUNDS,
    );
    const { ds: own, zgrep } = spreads;
    if (own !== undefined && zgrep !== undefined) results[name] = { ds: own, zgrep, ratio };
  }
  const sizes = { logs: bytes, store: statSync(db).size, gzip: statSync(`${plain}.gz`).size };
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'log needle', sizes, results })}\n`);
  else {
    process.stdout.write(
      `\n${(bytes / 1e9).toFixed(2)} GB of logs: ${(sizes.store / 1e6).toFixed(0)} MB stored, ${(sizes.gzip / 1e6).toFixed(0)} MB by gzip\n`,
    );
    for (const [name, { ds: own, zgrep, ratio }] of Object.entries(results))
      process.stdout.write(
        `  ${name.padEnd(20)} ds ${own.median.toFixed(0)} ms, zgrep ${zgrep.median.toFixed(0)} ms: ${formatRatio(ratio)} × as fast\n`,
      );
  }
} finally {
  folder.remove();
}

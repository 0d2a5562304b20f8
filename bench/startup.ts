/**
 * Start-up: commands as whole processes over `node -e 0`, taking turns. At most 1.9 is the aim for `ds seq next` on Node 20: a
 * plain oclif program needs 2.7. `ds dns query` of a server on this machine and `ds cron next` are to take at most 1.3 times as long as
 * that.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Comparison, compare, formatRatio, type Spread, type Subject, wantsJson } from './support/compare.js';
import { startDs } from './support/processes.js';

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
const next = subject('ds seq next', [run, 'seq', 'next']);
const nameServer = await startDs('dns', 'udp', ['--listen', '127.0.0.1:0', '--admin', 'off']);
// The daemon answers for its own zone, whose names are of the daemons that run.
const asked = ['dns', 'query', 'ds.test', 'SOA', '--server', `127.0.0.1:${nameServer.port}`];
const query = subject('ds dns query', [run, ...asked]);
const due = subject('ds cron next', [run, 'cron', 'next', '30 2 * * *']);
const pairs: readonly (readonly [Subject, Subject])[] = [
  [subject('ds --version', [run, '--version']), empty],
  [subject('ds seq decode', [run, 'seq', 'decode', '105484726235607040']), empty],
  [next, empty],
  [query, empty],
  [query, next],
  [due, empty],
  [due, next],
];

function ms({ median, min, max }: Spread): string {
  return `${median.toFixed(0)} ms (${min.toFixed(0)} … ${max.toFixed(0)})`;
}

function report([{ name }, peer]: readonly [Subject, Subject], { spreads, ratio }: Comparison): void {
  const spread = (subjectName: string) =>
    spreads[subjectName] ?? { median: Number.NaN, min: Number.NaN, max: Number.NaN };
  if (wantsJson) {
    process.stdout.write(
      `${JSON.stringify({ bench: 'startup', subject: name, peer: peer.name, subject_ms: spread(name), peer_ms: spread(peer.name), ratio, node: process.version })}\n`,
    );
    return;
  }
  process.stdout.write(
    `startup  ${name}: ${ms(spread(name))}; ${peer.name}: ${ms(spread(peer.name))}; ratio ${formatRatio(ratio)}\n`,
  );
}

try {
  for (const pair of pairs) report(pair, await compare(pair, ROUNDS));
} finally {
  await nameServer.stop();
  rmSync(home, { recursive: true });
}

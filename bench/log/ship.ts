/**
 * A file of 200-byte lines into the local store by `ds log ship --once`, beside rsyslog of Debian, which reads the same file (imfile) and
 * writes another one (omfile). Both on one core (taskset), the cost of starting and stopping subtracted: it is measured with an empty file.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compare, formatRate, formatRatio, wantsJson } from '../support/compare.js';
import { LINE_BYTES, writeLogFile } from '../support/log-lines.js';
import { dsProgram, temporaryFolder, versionOf } from '../support/processes.js';

const ROUNDS = 5;
const LINES = 800_000;
const CORE = '1';

const folder = temporaryFolder();
const input = join(folder.path, 'app.log');
const empty = join(folder.path, 'empty.log');

function ship(file: string): number {
  const db = join(folder.path, 'ship.db');
  for (const name of [db, `${db}-wal`, `${db}-shm`]) rmSync(name, { force: true });
  const start = performance.now();
  const args = ['-c', CORE, ...dsProgram, 'log', 'ship', file, '--once', '--db', db, '--quiet'];
  const { status, stderr } = spawnSync('taskset', args, {
    encoding: 'utf8',
    env: { ...process.env, DS_HOME: folder.path },
  });
  if (status !== 0) throw new Error(`ds log ship ended with ${status}: ${stderr}`);
  return performance.now() - start;
}

async function rsyslog(file: string): Promise<number> {
  const place = temporaryFolder();
  const output = join(place.path, 'out.log');
  const configuration = join(place.path, 'rsyslog.conf');
  writeFileSync(
    configuration,
    `global(workDirectory="${place.path}" maxMessageSize="64k")
module(load="imfile" mode="inotify")
template(name="raw" type="string" string="%msg%\\n")
input(type="imfile" File="${file}" Tag="bench" freshStartTail="off" ruleset="out")
ruleset(name="out") { action(type="omfile" file="${output}" template="raw") }
`,
  );
  const wanted = statSync(file).size;
  const start = performance.now();
  const args = ['-c', CORE, 'rsyslogd', '-n', '-f', configuration, '-i', join(place.path, 'pid')];
  const child = spawn('taskset', args, { stdio: 'ignore' });
  const running = () => child.exitCode === null && child.signalCode === null;
  while (wanted > 0 && sizeOf(output) < wanted && running()) await new Promise((resolve) => setTimeout(resolve, 5));
  child.kill('SIGTERM');
  if (running()) await once(child, 'exit');
  const took = performance.now() - start;
  const written = sizeOf(output);
  place.remove();
  if (written !== wanted) throw new Error(`rsyslog wrote ${written} of ${wanted} bytes`);
  return took;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

try {
  const bytes = writeLogFile(input, LINES);
  writeFileSync(empty, '');
  const rate = async (measure: (file: string) => number | Promise<number>) =>
    bytes / 1000 / ((await measure(input)) - (await measure(empty)));
  const { spreads, ratio } = await compare(
    [
      { name: 'ds log ship → store', measure: () => rate(ship) },
      { name: 'rsyslog → file', measure: () => rate(rsyslog) },
    ],
    ROUNDS,
  );
  const version = versionOf('rsyslogd', '-v');
  if (wantsJson) process.stdout.write(`${JSON.stringify({ benchmark: 'log ship', version, spreads, ratio })}\n`);
  else {
    process.stdout.write(`\n${LINES} lines of ${LINE_BYTES} bytes from a file, on one core (${version})\n`);
    for (const [name, spread] of Object.entries(spreads))
      process.stdout.write(`  ${name.padEnd(20)} ${formatRate(spread, 'MB/s')}\n`);
    process.stdout.write(`  ds / rsyslog         ${formatRatio(ratio)}\n`);
  }
} finally {
  folder.remove();
}

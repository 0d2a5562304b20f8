/** A signal ends commands that wait for what never comes, or compute without an end. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { spawnDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const ENDLESS = 'WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t';

function start(home: string, ...args: string[]) {
  const child = spawnDs(args, { home, cwd: home });
  let stdout = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  const ended = once(child, 'close');
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  /** Its exit code and the signal that ended it. */
  const stop = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return ended;
  };
  return { child, stop, ended, stdout: () => stdout };
}

/** Whether a process has a file open. */
function hasOpen(pid: number | undefined, path: string): boolean {
  const folder = `/proc/${pid}/fd`;
  return readdirSync(folder).some((fd) => readlinkSync(join(folder, fd)) === path);
}

/** Hundredths of a second that a process has computed. */
function computed(pid: number | undefined): number {
  const [user, system] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ').slice(13, 15).map(Number);
  return (user ?? 0) + (system ?? 0);
}

test('SQL without an end is ended by the system', async () => {
  const home = temporaryFolder();
  const sql = start(home, 'log', 'sql', ENDLESS);
  await waitFor(() => hasOpen(sql.child.pid, join(home, 'log.db')));
  const before = computed(sql.child.pid);
  await waitFor(() => computed(sql.child.pid) > before + 30, { timeoutMs: 10_000 });
  expect(await sql.stop('SIGINT')).toEqual([null, 'SIGINT']);
});

test('a pipe that nobody writes to is waited for until a signal; what comes is read to the end of its writer', async () => {
  const home = temporaryFolder();
  const pipe = join(home, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const query = start(home, 'log', 'query', '{}', 'pipe', '--follow');
  writeFileSync(pipe, 'one\ntwo\n');
  await waitFor(() => query.stdout() === 'one\ntwo\n');
  writeFileSync(pipe, 'three\n');
  await waitFor(() => query.stdout() === 'one\ntwo\nthree\n');
  expect(await query.stop('SIGTERM')).toEqual([0, null]);
  const silent = start(home, 'log', 'query', '{}', 'pipe');
  await waitFor(() => hasOpen(silent.child.pid, pipe));
  expect(await silent.stop('SIGTERM')).toEqual([130, null]);
});

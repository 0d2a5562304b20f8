/** `ds cron exec`: a command's input, output, exit code and signals, and the run around it. */
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openCronStore } from '../../src/blocks/cron/store.js';
import { systemClock } from '../../src/platform/clock.js';
import { runDs, spawnDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const exec = (home: string, args: readonly string[], command: readonly string[], input = '') =>
  runDs(['cron', 'exec', ...args, '--', ...command], { home, input, ownProcess: true });

async function history(home: string) {
  const ledger = await openCronStore({ path: join(home, 'cron.db'), clock: systemClock });
  const runs = await ledger.runs({ limit: 20 });
  await ledger.close();
  return runs.map(({ job, state, reason }) => [job, state, reason]).reverse();
}

test("input, output and exit code are the command's own, and its run is in the history", async () => {
  const home = temporaryFolder();
  expect(await exec(home, ['k'], ['cat'], 'one\ntwo')).toMatchObject({ code: 0, stdout: 'one\ntwo', stderr: '' });
  const words = ['5/s', 'a', 'b', 'a', '--timeout', '-n', '--json', '--', '--help', '', ' x '];
  const { stdout } = await exec(home, ['k'], ['printf', '%s\\n', ...words]);
  expect(stdout).toBe(words.map((word) => `${word}\n`).join(''));
  expect(await exec(home, ['k'], ['sh', '-c', 'echo out; echo err >&2; exit 7'])).toMatchObject({
    ...{ code: 7, stdout: 'out\n', stderr: 'err\n' },
  });
  expect((await exec(home, ['k'], ['sh', '-c', 'kill -KILL $$'])).code).toBe(137);
  expect(await exec(home, ['k'], ['no-such-program'])).toMatchObject({
    ...{
      code: 127,
      stdout: '',
      stderr: expect.stringMatching(/^error: there is no program "no-such-program"\nhint: /),
    },
  });
  expect(await exec(home, ['k', '--timeout', '100ms'], ['sleep', '1000'])).toMatchObject({
    ...{ code: 124, stderr: 'failed: timed out after 100ms\n' },
  });
  expect(await history(home)).toEqual([
    ['k', 'succeeded', ''],
    ['k', 'succeeded', ''],
    ['k', 'failed', 'exit code 7'],
    ['k', 'failed', 'killed by SIGKILL'],
    ['k', 'failed', expect.stringMatching(/^not started: /)],
    ['k', 'failed', 'timed out after 100ms'],
  ]);
});

test('while it runs neither the same job nor one with the same mutex does; signals are passed on', async () => {
  const home = temporaryFolder();
  const script = 'trap "echo term; exit 9" TERM; echo up; while :; do sleep 0.02; done';
  const first = spawnDs(['cron', 'exec', 'a', '--mutex', 'm', '--', 'sh', '-c', script], { home });
  const [up] = await once(first.stdout.setEncoding('utf8'), 'data');
  expect(up).toBe('up\n');
  const [again, other] = await Promise.all([
    exec(home, ['a'], ['echo', 'x']),
    exec(home, ['b', '--mutex', 'm', '-E', '3', '--json'], ['echo', 'x']),
  ]);
  expect(again).toMatchObject({ code: 75, stdout: '', stderr: 'a was not run: 1 run was going on\n' });
  expect(other.code).toBe(3);
  expect(JSON.parse(other.stdout)).toMatchObject({ job: 'b', state: 'overlapped', reason: 'a held the mutex m' });
  first.kill('SIGTERM');
  const rest = once(first.stdout, 'data');
  expect(await once(first, 'close')).toEqual([9, null]);
  expect(await rest).toEqual(['term\n']);
});

test('what a wrapper that was killed has left behind is ended by the next start', async () => {
  const home = temporaryFolder();
  const pidFile = join(home, 'pid');
  const first = spawnDs(['cron', 'exec', 'a', '--', 'sh', '-c', `echo $$ > ${pidFile}; exec sleep 1000`], { home });
  await waitFor(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '', { timeoutMs: 15_000 });
  first.kill('SIGKILL');
  await once(first, 'close');
  const pid = Number(readFileSync(pidFile, 'utf8'));
  expect(process.kill(pid, 0)).toBe(true);
  const ledger = await openCronStore({ path: join(home, 'cron.db'), clock: systemClock });
  const [run] = await ledger.runs({ limit: 1 });
  await ledger.retire(run?.worker ?? ''); // as if the minute of its lease were over
  await ledger.close();
  expect((await exec(home, ['a'], ['echo', 'next'])).stdout).toBe('next\n');
  await waitFor(() => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z '));
});

test('a command must be given, after --, and names be names', async () => {
  for (const args of [
    ['k'],
    ['k', 'echo', 'x'],
    ['k', '--'],
    ['bad name', '--', 'true'],
    ['k', '--mutex', 'b c', '--', 'true'],
  ]) {
    const { code, stderr } = await runDs(['cron', 'exec', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(/^error: /)]);
  }
});

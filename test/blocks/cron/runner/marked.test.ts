/** Looks for the processes of an attempt while they fork, exec and end. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { MarkLooks } from '../../../../src/blocks/cron/runner/marked.js';
import { type Clock, systemClock } from '../../../../src/platform/clock.js';
import { waitFor } from '../../../helpers/wait-for.js';

function start(script: string, env: Readonly<Record<string, string>>) {
  const child = spawn('/bin/sh', ['-c', script], { env, stdio: ['pipe', 'ignore', 'ignore'] });
  onTestFinished(async () => {
    if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
  });
  return { child, pid: child.pid ?? 0 };
}

const environmentOf = (pid: number) => readFileSync(`/proc/${pid}/environ`, 'latin1');

test('a child of one that has gone since it was listed is found', async () => {
  const parent = start('exit 0', { DS_CRON_MARK: 'a' });
  await once(parent.child, 'exit');
  const { pid: orphan } = start('read line', { DS_CRON_MARK: 'a,b' });
  const lists = [[parent.pid], [parent.pid, orphan], [orphan]];
  const looks = new MarkLooks(() => lists.shift() ?? []);
  expect(await looks.look(systemClock)).toEqual(
    new Map([
      ['a', [orphan]],
      ['b', [orphan]],
    ]),
  );
});

test('who has no environment yet is waited for, who never gets one once', async () => {
  const late = start('read line; DS_CRON_MARK=late exec /bin/sleep 1000', {});
  // A shell tells itself where it is.
  const bare = start('exec env -i /bin/sleep 1000', {});
  await waitFor(() => environmentOf(late.pid) === '' && environmentOf(bare.pid) === '');
  await waitFor(() => readFileSync(`/proc/${bare.pid}/comm`, 'latin1') === 'sleep\n');
  let slept = 0;
  const clock: Clock = {
    ...systemClock,
    sleep: async () => {
      if (slept++ > 0) return;
      late.child.stdin.end('\n');
      await waitFor(() => environmentOf(late.pid) !== '');
    },
  };
  let pids = [late.pid, bare.pid];
  const looks = new MarkLooks(() => pids);
  expect(await looks.look(clock)).toEqual(new Map([['late', [late.pid]]]));
  expect(slept).toBeGreaterThan(1);

  // Nor those of the kernel, nor what has ended.
  const ended = start('exit 0', {});
  await once(ended.child, 'exit');
  pids = [late.pid, bare.pid, ended.pid, 2];
  slept = 1;
  expect(await new MarkLooks(() => [ended.pid, 2]).look(clock)).toEqual(new Map());
  expect(await looks.look({ ...clock, monotonic: () => Number.POSITIVE_INFINITY })).toEqual(
    new Map([['late', [late.pid]]]),
  );
  expect(slept).toBe(1);
});

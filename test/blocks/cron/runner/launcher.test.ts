/** The process that starts programs: what becomes of its absence and of its end. */
import { readFileSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { Launcher } from '../../../../src/blocks/cron/runner.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { commandOf, jobOf, runCommand, runnerContext, startJob } from './attempts.js';

async function openLauncher(path = process.env['PATH']) {
  const launcher = await Launcher.open(systemClock, path);
  onTestFinished(() => launcher.close());
  return { launcher, context: runnerContext({ launcher }) };
}

const parentOf = (pid: number) => Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);

test('it is the parent of what it starts, in a session of its own, with no signal ignored', async () => {
  const { context } = await openLauncher();
  const command = 'grep -E "^(PPid|SigIgn)" /proc/$$/status; cut -d" " -f1,6 /proc/$$/stat';
  const { text } = await runCommand(command, {}, { context });
  const [, parent, ignored, pid, session] = /PPid:\s(\d+)\nSigIgn:\s(\S+)\n(\d+) (\d+)/.exec(text()) ?? [];
  expect(readFileSync(`/proc/${parent}/cmdline`, 'latin1')).toMatch(/^ds cron launcher/);
  expect(parentOf(Number(parent))).toBe(process.pid);
  expect(session).toBe(pid);
  expect(Number(`0x${ignored}`)).toBe(0);
});

test('without Perl Node starts the programs', async () => {
  const { launcher, context } = await openLauncher('/no/such/folder');
  expect(launcher.isReady).toBe(false);
  expect((await runCommand('exit 3', {}, { context })).outcome).toMatchObject({ exitCode: 3 });
});

test('when it is killed its programs are ended, as failed; it has a successor', async () => {
  const { launcher, context } = await openLauncher();
  const job = startJob(jobOf(commandOf('echo $PPID; sleep 1000')), { context });
  await waitFor(() => job.text() !== '');
  const first = Number(job.text());
  process.kill(first, 'SIGKILL');
  const { outcome, leftBehind } = await job.done;
  expect(outcome).toEqual({
    kind: 'failed',
    reason: 'how it ended is not known: the process that had started it was killed',
  });
  expect(leftBehind).toEqual([]);
  expect((await runCommand('echo $PPID', {}, { context })).text()).toBe(`${process.pid}\n`);
  await waitFor(() => launcher.isReady);
  const { text } = await runCommand('echo $PPID', {}, { context });
  expect([first, process.pid]).not.toContain(Number(text()));
});

test('what was asked to end before it had started is ended', async () => {
  const { context } = await openLauncher();
  const job = startJob(jobOf(commandOf('sleep 1000'), { killAfterMs: 60_000 }), { context });
  job.terminate('at once');
  expect((await job.done).outcome).toEqual({ kind: 'cancelled', reason: 'at once', signal: 'SIGTERM' });
});

/** The process that starts programs: what becomes of its absence, of its end, of signals, and of a daemon that does not listen. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { endLauncher, frame, startLauncher } from '../../../../src/blocks/cron/runner/launcher-process.js';
import { isAlive } from '../../../../src/blocks/cron/runner/processes.js';
import { Launcher } from '../../../../src/blocks/cron/runner.js';
import { type Clock, systemClock } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { commandOf, jobOf, runCommand, runnerContext, startJob } from './attempts.js';

/** What the launcher waits for takes a fiftieth: a minute of silence is a second, and a test waits for what comes after it. */
const fast: Clock = { ...systemClock, sleep: (ms, signal) => systemClock.sleep(ms / 50, signal) };

async function openLauncher(path = process.env['PATH'], clock = systemClock) {
  const launcher = await Launcher.open(clock, path);
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

test('without Perl, and where it hangs, Node starts the programs', async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'perl'), '#!/bin/sh\nexec /bin/sleep 1000\n', { mode: 0o700 });
  for (const path of ['/no/such/folder', folder]) {
    const { launcher, context } = await openLauncher(path, fast);
    expect(launcher.isReady).toBe(false);
    expect((await runCommand('exit 3', {}, { context })).outcome).toMatchObject({ exitCode: 3 });
  }
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

test('what has escaped from a program that had ended is found also after the launcher was killed', async () => {
  const { context } = await openLauncher();
  const orphanSays = 'trap : TERM; echo $$; while :; do sleep 0.1; done';
  const command = `(setsid sh -c '${orphanSays}' &) | { read orphan; echo $orphan $PPID; }`;
  const job = startJob(jobOf(commandOf(command), { killAfterMs: 60_000 }), { context });
  await waitFor(() => job.text() !== '');
  const [orphan = 0, launcher = 0] = job.text().split(' ').map(Number);
  await waitFor(() => parentOf(orphan) === launcher);
  process.kill(launcher, 'SIGKILL');
  job.kill('no grace');
  expect(await job.done).toMatchObject({ outcome: { kind: 'succeeded' }, leftBehind: [] });
  await waitFor(() => !isAlive(orphan));
});

test('signals that a job sends to its parent end nobody; how a program was ended is told by the usual name', async () => {
  const { context } = await openLauncher();
  const { outcome } = await runCommand('kill $PPID; kill -HUP $PPID; kill -USR1 $PPID; kill -ABRT $$', {}, { context });
  expect(outcome).toMatchObject({ kind: 'failed', reason: 'killed by SIGABRT' });
});

test('one that was stopped is killed, whether programs wait for it or it is to end', async () => {
  const { launcher, context } = await openLauncher(undefined, fast);
  const stop = startJob(jobOf(commandOf('kill -STOP $PPID')), { context });
  expect((await stop.done).outcome).toMatchObject({ kind: 'failed', reason: expect.stringMatching(/not known/) });
  await waitFor(() => launcher.isReady);
  const second = startJob(jobOf(commandOf('kill -STOP $PPID; sleep 1000')), { context });
  await launcher.close();
  expect((await second.done).outcome).toMatchObject({ kind: 'failed' });
});

test('no end is lost while the daemon does not listen and programs go on ending', async () => {
  const launcher = await startLauncher(process.env['PATH'], systemClock);
  if (launcher === undefined) throw new Error('there is no Perl');
  onTestFinished(() => endLauncher(launcher, systemClock));
  const { events, requests } = launcher;
  const pids: number[] = [];
  let ended = 0;
  events.on('line', (line) => {
    const [event, , pid] = line.split(' ');
    if (event === 'started') pids.push(Number(pid));
    if (event === 'ended') ended++;
  });
  // The socket holds the ends of half of them.
  const programs = 50;
  for (let number = 0; number < programs; number++) {
    const id = String(number).padStart(8_000, '0');
    requests.write(frame(['launch', id, '/', '/dev/null', 2, '/bin/sleep', '1000']));
    requests.write(frame(['release', id]));
  }
  await waitFor(() => pids.length === programs, { what: 'the start of all' });
  events.pause();
  for (const pid of pids) {
    process.kill(pid, 'SIGKILL');
    await waitFor(() => !isAlive(pid));
  }
  events.resume();
  await waitFor(() => ended === programs, { what: 'the ends of all' });
});

test('what escapes at the moment of the exit is ended, too', async () => {
  const { context } = await openLauncher();
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'pids'), '');
  const command = `setsid sh -c 'trap "" TERM; echo $$ >> ${folder}/pids; exec sleep 1000' & exit 0`;
  for (let run = 0; run < 30; run++) {
    await runCommand(command, {}, { context, run, spec: { killAfterMs: 20 } });
  }
  const escaped = readFileSync(join(folder, 'pids'), 'latin1').split('\n').filter(Boolean).map(Number);
  expect(escaped.length).toBeGreaterThan(0);
  expect(escaped.filter(isAlive)).toEqual([]);
});

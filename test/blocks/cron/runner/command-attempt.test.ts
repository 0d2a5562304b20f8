/** Commands as real processes: how they end, what they get, what is left of them. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startAttempt } from '../../../../src/blocks/cron/runner.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { byEachStarter, commandOf, jobOf, runCommand, runnerContext, startJob } from './attempts.js';

byEachStarter(() => {
  describe('outcome', () => {
    test.each([
      ['true', { kind: 'succeeded', exitCode: 0 }],
      ['exit 3', { kind: 'failed', reason: 'exit code 3', exitCode: 3 }],
      ['kill -SEGV $$', { kind: 'failed', reason: 'killed by SIGSEGV', signal: 'SIGSEGV' }],
    ])('%s', async (command, outcome) => {
      expect(await runCommand(command)).toMatchObject({ outcome, leftBehind: [] });
    });

    test.each([
      ['no shell', { shell: '/no/such/shell' }, 'there is no shell /no/such/shell'],
      ['no program', { shell: '/etc/passwd' }, '/etc/passwd cannot be executed, or its folder not entered'],
      ['no folder', { folder: '/no/such/folder' }, 'there is no folder /no/such/folder'],
      ['a file for a folder', { folder: '/etc/passwd' }, '/etc/passwd is not a folder'],
      ['a NUL', { command: 'echo \0' }, 'not started: a NUL in the command, its folder or its environment'],
      ['no file', { environmentFile: '/no/such/file' }, 'environment file /no/such/file: there is no such file'],
      ['too long', { command: 'x'.repeat(300_000) }, 'the command and its environment are too long for the system'],
    ])('what cannot be started has failed: %s', async (_what, change, reason) => {
      const { outcome } = await runCommand('true', change);
      expect(outcome).toEqual({ kind: 'failed', reason: expect.stringMatching(reason) });
    });

    test('what nobody has thought of throws nothing into the face of the worker: it has failed', async () => {
      const facts = { job: 'job', run: 1, slot: Number.NaN, trigger: 'schedule', attempt: 1, fence: 1 } as const;
      const io = { facts, firstSequence: 0, write: async () => {} };
      const { outcome } = await startAttempt(jobOf(commandOf('true')), io, runnerContext()).done;
      expect(outcome).toEqual({ kind: 'failed', reason: 'not started: Invalid time value' });
    });

    test('a job that something else runs is not run', async () => {
      const { outcome } = await startJob(jobOf({ kind: 'external', pingKey: 'x' })).done;
      expect(outcome).toMatchObject({ kind: 'failed', reason: expect.stringContaining('ds cron exec') });
    });
  });

  describe('being ended', () => {
    test('a timeout is SIGTERM, whatever the program then says', async () => {
      const { outcome, text } = await runCommand(
        'trap "echo bye; exit 0" TERM; sleep 1000 & wait',
        {},
        { spec: { timeoutMs: 200 } },
      );
      expect(outcome).toEqual({ kind: 'failed', reason: 'timed out after 200ms', exitCode: 0 });
      expect(text()).toBe('bye\n');
    });

    test('whoever ignores SIGTERM gets SIGKILL', async () => {
      const stubborn = 'trap "" TERM; while :; do sleep 1000; done';
      const { outcome } = await runCommand(stubborn, {}, { spec: { timeoutMs: 100, killAfterMs: 100 } });
      expect(outcome).toEqual({ kind: 'failed', reason: 'timed out after 100ms', signal: 'SIGKILL' });
    });

    test('terminate and kill make it cancelled; a stopped process hears of it', async () => {
      const stopped = startJob(jobOf(commandOf('echo up; kill -STOP $$'), { killAfterMs: 60_000 }));
      await waitFor(() => stopped.text() === 'up\n');
      stopped.terminate('by hand');
      expect((await stopped.done).outcome).toEqual({ kind: 'cancelled', reason: 'by hand', signal: 'SIGTERM' });

      const stubborn = startJob(jobOf(commandOf('trap "" TERM; echo up; sleep 1000'), { killAfterMs: 60_000 }));
      await waitFor(() => stubborn.text() === 'up\n');
      stubborn.terminate('asked to');
      stubborn.kill('too late to say why');
      expect((await stubborn.done).outcome).toEqual({ kind: 'cancelled', reason: 'asked to', signal: 'SIGKILL' });
    });
  });

  describe('what is left of it', () => {
    const isGone = (pid: number) =>
      !existsSync(`/proc/${pid}`) || / Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));

    /** Each writes its process ID to $F. */
    test.each([
      ['a process in the background', 'sleep 1000 & echo $! > $F;'],
      ['one that ignores SIGTERM', `sh -c 'trap "" TERM; echo $$ > $F; sleep 1000' &`],
      [
        'one that has left the group, and holds no pipe',
        `setsid sh -c 'echo $$ > $F; exec sleep 1000 >/dev/null 2>&1' &`,
      ],
      ['one that has left the group and does not hear', `setsid sh -c 'trap "" TERM; echo $$ > $F; sleep 1000' &`],
      ['one of the group without its environment', 'env -i sh -c "echo \\$\\$ > $F; sleep 1000" &'],
    ])('%s is gone', async (_what, command) => {
      const environment = { F: join(temporaryFolder(), 'pid') };
      const waiting = `${command} while [ ! -s $F ]; do sleep 0.01; done; cat $F`;
      const { outcome, text, leftBehind } = await runCommand(waiting, { environment }, { spec: { killAfterMs: 100 } });
      expect(outcome).toEqual({ kind: 'succeeded', exitCode: 0 });
      expect(Number(text())).toBeGreaterThan(1);
      expect(isGone(Number(text()))).toBe(true);
      expect(leftBehind).toEqual([]);
    });

    test('each of a tree of those that have left the group is asked to end, and leaves what it has to', async () => {
      const folder = temporaryFolder();
      const leaf = `trap "echo leaf >> ${folder}/bye; exit" TERM; echo $$ > ${folder}/leaf; while :; do sleep 0.05; done`;
      writeFileSync(join(folder, 'leaf.sh'), leaf);
      const branch = `setsid sh ${folder}/leaf.sh & exec sleep 1000`;
      const command = `setsid sh -c '${branch}' & while [ ! -s ${folder}/leaf ]; do sleep 0.01; done`;
      const { leftBehind } = await runCommand(command, {}, { spec: { killAfterMs: 60_000 } });
      expect(leftBehind).toEqual([]);
      expect(readFileSync(join(folder, 'bye'), 'latin1')).toBe('leaf\n');
      expect(isGone(Number(readFileSync(join(folder, 'leaf'), 'latin1')))).toBe(true);
    });

    test('a pipe that is held open by a process beyond reach does not keep it from ending', async () => {
      const folder = temporaryFolder();
      const command = `env -i setsid sh -c 'echo $$ > ${folder}/pid; while :; do echo more; done' & while [ ! -s ${folder}/pid ]; do sleep 0.01; done`;
      const { outcome } = await runCommand(command);
      expect(outcome).toEqual({ kind: 'succeeded', exitCode: 0 });
      await waitFor(() => isGone(Number(readFileSync(join(folder, 'pid'), 'utf8')))); // by SIGPIPE
    });

    test('the mark that is taken off lets a process outlive its job', async () => {
      const { text } = await runCommand(
        'env -u DS_CRON_MARK setsid sleep 1000 >/dev/null 2>&1 & echo $!; while [ "$(cat /proc/$!/comm)" != sleep ]; do :; done',
      );
      expect(isGone(Number(text()))).toBe(false);
      process.kill(Number(text()));
    });
  });

  describe('input, environment and output', () => {
    test('the environment is that of the job, and little of the daemon', async () => {
      const file = join(temporaryFolder(), 'env');
      writeFileSync(file, 'export FROM_FILE="two words"\nBOTH=file\n');
      const environment = { GIVEN: 'x', BOTH: 'job', DS_CRON_FENCE: '99' };
      const { text } = await runCommand('exec env', { environment, environmentFile: file });
      const lines = text()
        .trim()
        .split('\n')
        .filter((line) => !/^(PWD|_|PATH)=/.test(line))
        .sort();
      expect(lines).toEqual([
        'BOTH=***',
        'DS_CRON_ATTEMPT=1',
        'DS_CRON_FENCE=3',
        'DS_CRON_JOB=job',
        expect.stringMatching(/^DS_CRON_MARK=[0-9a-f]{16}\/17\/1\/3$/),
        'DS_CRON_RUN=17',
        'DS_CRON_SLOT=2025-11-26T08:00:00.000Z',
        'DS_CRON_TRIGGER=schedule',
        'FROM_FILE=***',
        'GIVEN=x',
        'HOME=/',
        'SHELL=/bin/sh',
      ]);
    });

    test('folder, input and streams', async () => {
      const folder = temporaryFolder();
      mkdirSync(join(folder, 'in'));
      const { text } = await runCommand('pwd; cat; echo err >&2', { folder: join(folder, 'in'), input: 'text äöü' });
      expect(text('stdout')).toBe(`${join(folder, 'in')}\ntext äöü`);
      expect(text('stderr')).toBe('err\n');
      expect((await runCommand('cat')).text()).toBe('');
      const unread = await runCommand('exec <&-; exit 0', { input: 'x'.repeat(1_000_000) });
      expect(unread.outcome.kind).toBe('succeeded');
    });

    test('its streams can be opened by name, as in a shell', async () => {
      const { outcome, text } = await runCommand('cat /dev/stdin >/dev/stdout; echo err >/dev/stderr', {
        input: 'in\n',
      });
      expect([outcome.kind, text('stdout'), text('stderr')]).toEqual(['succeeded', 'in\n', 'err\n']);
      const much = await runCommand('wc -c', { input: 'x'.repeat(500_000) });
      expect(much.text()).toBe('500000\n');
    });

    test('any bytes are kept as they are', async () => {
      const every = '\\0\\377\\303'; // a NUL, a byte that is no UTF-8, half of ü
      const { kept, outputBytes } = await runCommand(
        `printf '${every}'; sleep 0.15; printf '\\274'`,
        {},
        { firstSequence: 5 },
      );
      expect(Buffer.concat(kept().map(({ bytes }) => bytes))).toEqual(Buffer.from([0, 0xff, 0xc3, 0xbc]));
      expect(kept().map(({ sequence }) => sequence)).toEqual([5, 6]);
      expect(outputBytes).toBe(4);
    });

    test('a file of secrets that everybody may write is not believed', async () => {
      const file = join(temporaryFolder(), 'env');
      writeFileSync(file, 'A=b', { mode: 0o666 });
      const { outcome } = await runCommand(`chmod 666 ${file}`);
      expect(outcome.kind).toBe('succeeded');
      expect((await runCommand('true', { environmentFile: file })).outcome).toMatchObject({
        reason: `environment file ${file}: everybody may write it, see: chmod o-w`,
      });
    });
  });

  test('many attempts at once end each in its own way', async () => {
    const context = runnerContext();
    const ends = await Promise.all(
      Array.from({ length: 20 }, (_, index) => runCommand(`echo ${index}; exit ${index}`, {}, { context, run: index })),
    );
    expect(ends.map(({ outcome }) => outcome.exitCode)).toEqual(ends.map((_, index) => index));
    expect(ends.map(({ text }) => text())).toEqual(ends.map((_, index) => `${index}\n`));
  });
});

test.each([
  ['EAGAIN', /^not started: .* see: ulimit -u$/],
  ['EMFILE', /^not started: .* see: ulimit -n$/],
  ['EIO', /^not started: EIO$/],
])('a machine that has no room for a process is told of: %s', async (code, reason) => {
  const error = Object.assign(new Error(code), { code });
  const launch = () => ({ process: Promise.resolve(undefined), exit: Promise.resolve({ error }) });
  // Not looked at: it has nothing to do with it.
  const folder = '/no/such/folder';
  const context = runnerContext({ launcher: { isReady: true, launch } });
  const { outcome } = await runCommand('true', { folder }, { context });
  expect(outcome).toEqual({ kind: 'failed', reason: expect.stringMatching(reason) });
});

describe('a job that prints for ever', () => {
  test('is bounded in the store, in writes and in memory', async () => {
    const before = process.memoryUsage.rss();
    const spec = { timeoutMs: 1_200, outputBytes: 100_000 };
    const { outcome, kept, parts, outputBytes } = await runCommand('yes', {}, { spec });
    expect(outcome).toMatchObject({ reason: 'timed out after 1s200ms' });
    const bytes = kept().reduce((sum, chunk) => sum + chunk.bytes.length, 0);
    const omitted = kept().reduce((sum, chunk) => sum + chunk.omittedBefore, 0);
    expect(bytes).toBeLessThanOrEqual(100_000);
    expect(bytes).toBeGreaterThan(90_000);
    expect(bytes + omitted).toBe(outputBytes);
    expect(outputBytes).toBeGreaterThan(1_000_000);
    expect(parts.length).toBeLessThan(10);
    expect(process.memoryUsage.rss() - before).toBeLessThan(200e6);
  });

  test('is made to wait by a slow store, and ends all the same', async () => {
    let release = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const job = startJob(jobOf(commandOf('yes')), { write: () => gate });
    await waitFor(() => job.parts.length === 1);
    job.kill('enough');
    release();
    const { outcome, outputBytes } = await job.done;
    expect(outcome).toMatchObject({ kind: 'cancelled', reason: 'enough' });
    expect(outputBytes).toBeLessThan(20e6);
  });

  test('a store that fails is told of, and does not end the job', async () => {
    const { outcome, outputError, parts } = await runCommand(
      'echo one; sleep 0.3; echo two',
      {},
      {
        write: async () => {
          throw new Error('disk full');
        },
      },
    );
    expect(outcome.kind).toBe('succeeded');
    expect(outputError).toEqual(new Error('disk full'));
    expect(parts.length).toBe(1);
  });
});

/** `ds limit run`: a command's input, output, exit code and signals, and the limit around it. */
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runDs, spawnDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const run = (home: string, args: readonly string[], command: readonly string[], input = '') =>
  runDs(['limit', 'run', ...args, '--', ...command], { home, input, ownProcess: true });

/** With the limit, since a key that is as new may be forgotten. */
const left = async (home: string, key: string, limit: readonly string[]) => {
  const { stdout, stderr } = await runDs(['limit', 'peek', key, '--cost', '0', ...limit], { home });
  if (stdout === '') throw new Error(stderr);
  return stdout.split('\t')[2];
};

test("input, output and exit code are the command's own", async () => {
  const home = temporaryFolder();
  const args = ['k', '--rate', '100/s'];
  expect(await run(home, args, ['cat'], 'one\ntwo')).toMatchObject({ code: 0, stdout: 'one\ntwo', stderr: '' });
  expect(await run(home, args, ['sh', '-c', 'echo out; echo err >&2; exit 7'])).toMatchObject({
    ...{ code: 7, stdout: 'out\n', stderr: 'err\n' },
  });
  expect((await run(home, args, ['sh', '-c', 'kill -KILL $$'])).code).toBe(137);
});

test("the command's arguments reach it as they are, whatever they look like", async () => {
  const words = ['5/s', 'a', 'b', 'a', '--rate', '-n', '--json', '--', '--help', '', ' x '];
  const home = temporaryFolder();
  const { stdout } = await run(home, ['k', '--rate', '5/s'], ['printf', '%s\\n', ...words]);
  expect(stdout).toBe(words.map((word) => `${word}\n`).join(''));
  const leading = await runDs(['--quiet', 'limit', 'run', 'k', '--rate', '5/s', '--', 'echo', 'x'], { home });
  expect(leading.stdout).toBe('x\n');
});

test('a command that cannot be started ends as in a shell, and counts nothing', async () => {
  const home = temporaryFolder();
  const plain = join(home, 'plain.txt');
  writeFileSync(plain, 'text');
  const args = ['k', '--rate', '3/h'];
  expect(await run(home, args, ['no-such-program'])).toMatchObject({
    ...{
      code: 127,
      stdout: '',
      stderr: expect.stringMatching(/^error: there is no program "no-such-program"\nhint: /),
    },
  });
  expect((await run(home, args, [plain])).code).toBe(126);
  expect(await left(home, 'k', ['--rate', '3/h'])).toBe('3');
  await run(home, args, ['true']);
  expect(await left(home, 'k', ['--rate', '3/h'])).toBe('2');
});

test('a command must be given, after --', async () => {
  for (const args of [
    ['k', '--rate', '5/s'],
    ['k', '--rate', '5/s', 'echo', 'x'],
    ['k', '--rate', '5/s', '--'],
  ]) {
    const { code, stderr } = await runDs(['limit', 'run', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('-- ')]);
  }
});

test('--no-wait gives up at once, with an exit code of choice', async () => {
  const home = temporaryFolder();
  const args = ['k', '--rate', '1/h', '--no-wait'];
  expect((await run(home, args, ['true'])).code).toBe(0);
  expect(await run(home, args, ['echo', 'x'])).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/^limited: 0 of 1 left/),
  });
  expect((await run(home, [...args, '-E', '75'], ['echo', 'x'])).code).toBe(75);
  const told = await run(home, [...args, '--json'], ['echo', 'x']);
  expect(JSON.parse(told.stdout)).toMatchObject({ key: 'k', state: 'limited', allowed: false });
});

test('it waits for its turn', async () => {
  const home = temporaryFolder();
  const startedAt = performance.now();
  for (let i = 0; i < 3; i++) expect((await run(home, ['k', '--rate', '1/600ms'], ['true'])).code).toBe(0);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_200);
});

test('a semaphore: never more than so many at once, and each place is given back', async () => {
  const home = temporaryFolder();
  const log = join(home, 'log');
  const command = ['sh', '-c', `echo in >> ${log}; sleep 0.3; echo out >> ${log}`];
  const args = ['jobs', '--rate', '2/10min', '--algorithm', 'concurrency'];
  const ended = await Promise.all(Array.from({ length: 6 }, () => run(home, args, command)));
  expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(Array.from({ length: 6 }, () => [0, '']));
  let inside = 0;
  let most = 0;
  for (const line of readFileSync(log, 'utf8').trim().split('\n')) {
    inside += line === 'in' ? 1 : -1;
    most = Math.max(most, inside);
  }
  expect([most, inside]).toEqual([2, 0]);
  expect(await left(home, 'jobs', ['--rate', '2/10min', '-a', 'concurrency'])).toBe('2');
}, 60_000);

test('who outlives the period is warned that the place was not held any more', async () => {
  const home = temporaryFolder();
  const { code, stderr } = await run(home, ['k', '--rate', '1/100ms', '-a', 'concurrency'], ['sleep', '0.3']);
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^warning: sleep ran longer than its place was held/)]);
});

test.each(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGUSR2'] as const)(
  '%s reaches the command, and the place is given back',
  async (signal) => {
    const home = temporaryFolder();
    const ready = join(home, 'ready');
    const name = signal.slice(3);
    const script = `trap 'echo got; exit 9' ${name}; : > ${ready}; while :; do sleep 0.05; done`;
    const args = ['k', '--rate', '1/10min', '-a', 'concurrency', '--', 'sh', '-c', script];
    const child = spawnDs(['limit', 'run', ...args], { home });
    let stdout = '';
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    const closed = once(child, 'close');
    await waitFor(() => existsSync(ready));
    child.kill(signal);
    expect(await closed).toEqual([9, null]);
    expect(stdout).toBe('got\n');
    expect(await left(home, 'k', ['--rate', '1/10min', '-a', 'concurrency'])).toBe('1');
  },
);

test('a SIGINT while it waits ends it with 130, and nothing was started', async () => {
  const home = temporaryFolder();
  await run(home, ['k', '--rate', '1/h'], ['true']);
  const child = spawnDs(['limit', 'run', 'k', '--rate', '1/h', '--', 'touch', join(home, 'started')], { home });
  const closed = once(child, 'close');
  await waitFor(async () => (await refusals(home)) >= 1);
  child.kill('SIGINT');
  expect(await closed).toEqual([130, null]);
  expect(existsSync(join(home, 'started'))).toBe(false);
});

test('kill -9 of one that waits changes nothing', async () => {
  const home = temporaryFolder();
  await run(home, ['k', '--rate', '2/h'], ['true']);
  await run(home, ['k', '--rate', '2/h'], ['true']);
  const child = spawnDs(['limit', 'check', 'k', '--rate', '2/h', '--wait'], { home });
  const closed = once(child, 'close');
  await waitFor(async () => (await refusals(home)) >= 1);
  child.kill('SIGKILL');
  await closed;
  expect(await left(home, 'k', ['--rate', '2/h'])).toBe('0');
  const [report] = JSON.parse((await runDs(['limit', 'why', 'k', '--json'], { home })).stdout).scopes;
  expect(report.allowed).toBe(2);
});

/** Of the key k: how often it was limited. */
async function refusals(home: string): Promise<number> {
  const { stdout } = await runDs(['limit', 'why', 'k', '--json'], { home });
  return JSON.parse(stdout).scopes[0]?.limited ?? 0;
}

/** Jobs and runs from the command line: on a file, where no daemon is needed, and by a daemon's API. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { runDs, runDsJson, spawnDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const RUN = join(import.meta.dirname, '../../bin/run.js');
const ISO = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/.source;

/** `ds cron …` in one home: what it said and how it ended. */
function cronIn(home: string, env: Readonly<Record<string, string>> = {}) {
  const cron = (...args: string[]) => runDs(['cron', ...args], { home, env });
  return Object.assign(cron, {
    json: (...args: string[]) => runDsJson(['cron', ...args], { home, env }),
    /** What must succeed, without a word on stderr. */
    async ok(...args: string[]): Promise<string> {
      const { code, stdout, stderr } = await cron(...args);
      expect({ args, code, stderr }).toEqual({ args, code: 0, stderr: '' });
      return stdout;
    },
  });
}

test('jobs are added, shown, changed, paused and deleted', async () => {
  const cron = cronIn(temporaryFolder());
  const words = ['--', 'printf', '%s\n', "it's", '--json', '$HOME'];
  const added = await cron.ok('add', 'backup', '--schedule', '30 2 * * *', '--tz', 'Europe/Berlin', ...words);
  expect(added).toMatch(new RegExp(`^backup\t${ISO}\n$`));
  const refused = await cron('add', 'backup', '--command', 'true', '--json');
  expect([refused.code, JSON.parse(refused.stdout)]).toMatchObject([
    ...[2, { error: { code: 'cron.job_exists', hint: 'change it: ds cron edit backup' } }],
  ]);
  for (const [args, message] of [
    [['x'], /^error: command is missing/],
    [['x', '--schedule', '61 * * * *', '--command', 'true'], /^error: .*61/],
    [['x', '--tz', 'Europe/Nowhere', '--command', 'true'], /^error: tz is "Europe\/Nowhere"/],
    [['x', '--http', 'http://127.0.0.1/', '--', 'true'], /^error: http cannot be given besides command/],
  ] as const) {
    expect(await cron('add', ...args)).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
  }
  expect(await cron.json('add', 'elsewhere', '--external', '--after', 'backup:any', '--paused')).toMatchObject({
    ...{ name: 'elsewhere', paused: true },
    spec: { external: { 'ping-key': expect.stringMatching(/^[0-9a-f-]{36}$/) }, after: { job: 'backup', on: 'any' } },
  });

  expect(await cron.ok('edit', 'backup', '--timeout', '1h', '--env', 'A=1')).toBe('env.A\t\t1\ntimeout\t\t1h\n');
  expect(await cron.json('edit', 'backup', '--timeout', '2h')).toMatchObject({
    ...{ name: 'backup', changes: [{ change: 'changed', keys: [{ key: 'timeout', before: '1h', after: '2h' }] }] },
  });
  expect((await cron('edit', 'backup', '--timeout', '2h')).stderr).toBe('backup is so already\n');
  expect(await cron('edit', 'backup')).toMatchObject({ code: 2, stderr: expect.stringMatching(/nothing to change/) });

  expect(await cron.ok('pause', 'backup', '--until', '2100-01-01', '--reason', 'disk')).toBe(
    'backup\tpaused\t2100-01-01T00:00:00.000Z\n',
  );
  expect(await cron.json('show', 'backup')).toMatchObject({
    ...{ name: 'backup', paused: true, pause_reason: 'disk', paused_until: '2100-01-01T00:00:00.000Z' },
    spec: { command: "printf '%s\n' 'it'\\''s' --json '$HOME'", env: { A: '1' }, timeout: '2h' },
    ...{ when: 'at 02:30', running: 0, queued: 0, runs: [] },
    next: [],
  });
  const listed = await cron.json('list');
  expect(listed).toMatchObject({ jobs: [{ paused: true, paused_until: '2100-01-01T00:00:00.000Z' }, {}] });
  expect(listed).not.toHaveProperty('jobs.0.next_at');
  expect(await cron.ok('resume', 'backup')).toMatch(new RegExp(`^backup\t${ISO}\n$`));
  expect(await cron.ok('list')).toMatch(
    new RegExp(
      `^backup\t30 2 \\* \\* \\*\tEurope/Berlin\tactive\t${ISO}\t\t\t0\t0\tprintf .*\nelsewhere\tafter backup\t[^\t]+\tpaused\t\t`,
    ),
  );
  expect(await cron.ok('run', 'backup', '--wait')).toBe("it's\n--json\n$HOME\n");

  expect(await cron('delete', 'backup', 'elsewhere')).toMatchObject({
    ...{ code: 2, stderr: expect.stringMatching(/missing --yes.*\nhint: {2}ds cron delete backup elsewhere --yes/) },
  });
  expect(await cron('delete', 'backup', 'nope', '--yes')).toMatchObject({ code: 1, stdout: '' });
  expect(await cron.ok('delete', 'backup', 'elsewhere', '--yes')).toBe('backup\tdeleted\nelsewhere\tdeleted\n');
  for (const verb of ['show', 'edit', 'pause', 'resume', 'run', 'history', 'missed', 'output', 'delete']) {
    const { code, stderr } = await cron(verb, 'backup', ...(verb === 'edit' ? ['--timeout', '1s'] : []));
    expect([verb, code, stderr]).toEqual([verb, 1, expect.stringMatching(/^error: there is no job backup\nhint: /)]);
  }
});

test('runs by hand without a daemon: output, exit code, retries, history, and what did not run', async () => {
  const home = temporaryFolder();
  const cron = cronIn(home);
  const script = 'printf "\\377out"; echo err >&2; test "$DS_CRON_ATTEMPT" = 2 && exit "$CODE"; exit 1';
  await cron.ok('add', 'job', '--retries', '1', '--retry-delay', '1ms', '--env', 'CODE=0', '--command', script);
  await cron.ok('run', 'job', '--wait');
  await cron.ok('edit', 'job', '--env', 'CODE=3');
  expect(await cron('run', 'job', '--wait')).toMatchObject({
    ...{ code: 1, stderr: expect.stringMatching(/^run 2 of job failed in \S+ after 2 attempts: exit code 3\n$/) },
  });
  const child = spawnDs(['cron', 'output', '2'], { home });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => void pieces.push(piece));
  await once(child, 'close');
  expect(Buffer.concat(pieces).toString('latin1').replaceAll('err\n', '')).toBe('\xffout\xffout');
  expect(await cron.ok('output', 'job', '--stream', 'stderr')).toBe('err\nerr\n');
  const lines = (await cron.ok('output', 'job', '--json'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(new Set(lines.map(({ stream }) => stream))).toEqual(new Set(['stdout', 'stderr']));

  expect(await cron.ok('run', 'job')).toBe('3\tqueued\n');
  expect(await cron('run', 'job', '--wait', '--json')).toMatchObject({
    ...{ code: 1, stdout: expect.stringMatching(/"state":"overlapped","reason":"1 run was waiting"/), stderr: '' },
  });
  expect(await cron.ok('cancel', '3')).toBe('3\tcancelled\n');
  const history = (await cron.ok('history', 'job')).split('\n').map((line) => line.split('\t'));
  expect(history.pop()).toEqual(['']);
  expect(history.map((row) => [row[0], row[1], row[3], row[4], row[5], row[7], row[8]])).toEqual([
    ['4', 'job', 'overlapped', 'manual', '0', '', '1 run was waiting'],
    ['3', 'job', 'cancelled', 'manual', '0', '', 'cancelled by hand'],
    ['2', 'job', 'failed', 'manual', '2', '3', 'exit code 3'],
    ['1', 'job', 'succeeded', 'manual', '2', '0', ''],
  ]);
  const starts = (await cron.ok('history', '2', '--attempts')).split('\n').map((line) => line.split('\t'));
  expect(starts.slice(0, -1).map((row) => [row[0], row[2], row[4], row[5], row[7]])).toEqual([
    ['1', 'failed', '1', '3', 'exit code 1'],
    ['2', 'failed', '3', '4', 'exit code 3'],
  ]);
  expect(await cron.json('history', '2', '--attempts')).toMatchObject({
    ...{
      id: 2,
      state: 'failed',
      attempts: [
        { attempt: 1, outcome: 'failed' },
        { attempt: 2, exit_code: 3 },
      ],
    },
  });
  expect((await cron('history', '--attempts')).code).toBe(2);
  expect(await cron.json('history', '--state', 'failed', '--since', '1h', '--limit', '1')).toMatchObject({
    ...{ runs: [{ id: 2, job: 'job', exit_code: 3, attempt: 2, fence: 4, duration_ms: expect.any(Number) }] },
  });
  expect(await cron.ok('history', '--until', '2020-01-01', '--quiet')).toBe('');
  expect(await cron('missed', '--since', '30d')).toMatchObject({
    ...{ code: 1, stdout: expect.stringMatching(new RegExp(`^4\tjob\t${ISO}\toverlapped\t1 run was waiting\n$`)) },
  });
  expect(await cron('missed', '--since', '2100-01-01', '--quiet')).toMatchObject({ code: 0, stdout: '' });
  expect(await cron('history', '--state', 'dead')).toMatchObject({ code: 2 });
  expect(await cron('cancel', '99')).toMatchObject({ code: 1 });
  expect(await cron.json('status')).toMatchObject({
    jobs: 1,
    queued: 0,
    day: { succeeded: 1, failed: 1 },
    workers: [],
  });
});

test('an interrupt cancels the run; a reader that goes away does not', async () => {
  const home = temporaryFolder();
  const cron = cronIn(home);
  await cron.ok('add', 'long', '--command', 'echo up; exec sleep 1000');
  const interrupted = spawnDs(['cron', 'run', 'long', '--wait'], { home });
  await once(interrupted.stdout, 'data');
  interrupted.kill('SIGINT');
  expect(await once(interrupted, 'close')).toEqual([130, null]);
  await cron.ok('add', 'spoken', '--command', `echo up; sleep 0.5; seq 1 10000; sleep 2; echo done > ${home}/done`);
  const unread = spawnDs(['cron', 'run', 'spoken', '--wait'], { home });
  await once(unread.stdout, 'data');
  unread.stdout.destroy();
  expect(await once(unread, 'close')).toEqual([0, null]);
  expect(readFileSync(join(home, 'done'), 'utf8')).toBe('done\n');
  await cron.ok('add', 'due', '--schedule', '@every 1s', '--', 'true');
  const late = async () =>
    (await cron('status')).stderr === 'warning: a slot is due, and nobody schedules: ds cron serve\n';
  await waitFor(late, { timeoutMs: 15_000, intervalMs: 100 });
  expect((await cron('status', '--quiet')).code).toBe(1);
  expect((await cron.ok('history')).split('\n').map((line) => line.split('\t').slice(1, 4).join(' '))).toEqual([
    expect.stringMatching(/^spoken .* succeeded$/),
    expect.stringMatching(/^long .* cancelled$/),
    '',
  ]);
});

test('by a daemon: runs are waited for, followed and cancelled over its API, and by who shares its file', async () => {
  const home = temporaryFolder();
  const { ready, stop } = await startDs(['cron', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'], { home });
  const url = ready.endpoints['http'] ?? '';
  const [file, remote] = [cronIn(home), cronIn(home, { DS_CRON_URL: url })];
  const elsewhere = cronIn(temporaryFolder(), { DS_CRON_URL: url });
  expect(await elsewhere('list')).toMatchObject({ code: 3, stderr: expect.stringMatching(/wants its token/) });
  const token = readFileSync(join(home, 'cron.token'), 'utf8').trim();
  expect(await cronIn(temporaryFolder(), { DS_CRON_URL: url, DS_CRON_TOKEN: token }).json('list')).toEqual({
    jobs: [],
  });

  await remote.ok('add', 'hello', '--schedule', '0 0 1 1 *', '--', 'sh', '-c', 'echo hello; exit $N');
  const follower = spawnDs(['cron', 'history', '--follow', '--json'], { home, env: { DS_CRON_URL: url } });
  let followed = '';
  follower.stdout.setEncoding('utf8').on('data', (text: string) => {
    followed += text;
  });
  expect(await file.ok('run', 'hello', '--wait')).toBe('hello\n');
  await remote.ok('edit', 'hello', '--env', 'N=4');
  expect(await remote('run', 'hello', '--wait')).toMatchObject({ code: 1, stdout: 'hello\n' });
  // The first may still go on when it is listed.
  const finished = () => followed.split('\n').filter((line) => /"state":"(succeeded|failed)"/.test(line));
  await waitFor(() => finished().length === 2, { timeoutMs: 15_000 });
  follower.kill('SIGINT');
  expect(await once(follower, 'close')).toEqual([130, null]);
  expect(finished().map((line) => JSON.parse(line))).toMatchObject([
    { id: 1, state: 'succeeded', worker: expect.not.stringMatching(/^run:/) },
    { id: 2, state: 'failed', exit_code: 4 },
  ]);

  await remote.ok('add', 'long', '--command', 'echo up; exec sleep 1000');
  const waiting = spawnDs(['cron', 'run', 'long', '--wait', '--json'], { home, env: { DS_CRON_URL: url } });
  const ended = once(waiting, 'close');
  const answer = once(waiting.stdout.setEncoding('utf8'), 'data');
  await waitFor(async () => (await file('output', 'long')).stdout === 'up\n', { timeoutMs: 15_000, intervalMs: 100 });
  expect(await remote.ok('cancel', '3')).toBe('3\trunning\n');
  expect(JSON.parse(String(await answer))).toMatchObject({ id: 3, state: 'cancelled', reason: 'cancelled by hand' });
  expect(await ended).toEqual([1, null]);
  const interrupted = spawnDs(['cron', 'run', 'long', '--wait'], { home, env: { DS_CRON_URL: url } });
  const stopped = once(interrupted, 'close');
  await once(interrupted.stdout, 'data');
  interrupted.kill('SIGINT');
  expect(await stopped).toEqual([130, null]);
  expect(await remote.ok('cancel', '4')).toBe('4\tcancelled\n');
  expect(await remote.json('status')).toMatchObject({ jobs: 2, leader: { fence: 1 }, workers: [{ capacity: 16 }] });
  expect(await remote.ok('stats')).toBe(
    'jobs\t2\npaused\t0\nqueued\t0\nrunning\t0\nsucceeded\t1\nfailed\t1\ncancelled\t2\n',
  );
  await stop();
  expect(await remote('list')).toMatchObject({ code: 3, stderr: expect.stringMatching(/cannot be reached/) });
  expect(await file('list', '--url', 'redis://127.0.0.1:1')).toMatchObject({
    ...{ code: 2, stderr: expect.stringMatching(/^error: redis:\/\/ is no place where jobs can be\n/) },
  });
});

test.skipIf(!hasPackages('bsdutils'))(
  'a terminal gets words and relative times, and no control characters of a job',
  async () => {
    const home = temporaryFolder();
    writeFileSync(join(home, 'evil'), '\x1b]0;title\x07red\x1b[31m\nrest');
    writeFileSync(join(home, 'ds'), `#!/bin/sh\nexec '${process.execPath}' '${RUN}' "$@"\n`, { mode: 0o755 });
    const script = [
      'stty cols 150',
      `ds cron add evil --schedule '0 0 1 1 *' --command 'cat ${home}/evil; exit 3'`,
      ...['ds cron run evil --wait', 'ds cron run evil', 'ds cron output 1', 'ds cron list', 'ds cron history evil'],
      ...['ds cron cancel 2', 'ds cron pause evil', 'ds cron resume evil', 'ds cron delete evil'],
    ].join('\n');
    const env = { ...process.env, DS_HOME: home, PATH: `${home}:${process.env['PATH']}`, NO_COLOR: '1', TERM: 'xterm' };
    const child = spawn('script', ['-qec', script, '/dev/null'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    await once(child, 'close');
    const lines = text.replaceAll('\r', '').replaceAll(/ +/g, ' ').split('\n');
    const evil = ['\\x1b]0;title\\x07red\\x1b[31m', 'rest'];
    expect(lines).toEqual([
      expect.stringMatching(/^evil added, next run in \d+d/),
      ...[...evil, expect.stringMatching(/^run 1 of evil failed in \S+: exit code 3$/)],
      ...['run 2 of evil queued: by hand', 'it waits for a daemon: ds cron serve'],
      ...evil,
      expect.stringMatching(/^name schedule zone state next last ended running queued runs/),
      expect.stringMatching(/^evil 0 0 1 1 \* \S+ active in \d+d\S* failed (now|\d+s ago) 0 1 cat /),
      expect.stringMatching(/^run job slot state trigger attempts took exit reason/),
      expect.stringMatching(/^ 2 evil (now|\d+s ago) queued manual 0 by hand/),
      expect.stringMatching(/^ 1 evil (now|\d+s ago) failed manual 1 \S+ 3 exit code 3/),
      'run 2 of evil cancelled: cancelled by hand',
      'evil is paused',
      expect.stringMatching(/^evil goes on, next run in \d+d/),
      'evil deleted',
      '',
    ]);
  },
);

/** `ds cron serve` as a process: what only the program shows. */
import { readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const SERVE = ['cron', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'];

test('a job that runs elsewhere tells by the URL that it was added with; on SIGTERM what runs is ended', async () => {
  const home = temporaryFolder();
  const { ready, stop } = await startDs([...SERVE, '--workers', '2', '--grace', '100ms'], { home });
  const url = ready.endpoints['http'] ?? '';
  expect(ready).toMatchObject({ block: 'cron', db: join(home, 'cron.db') });
  expect(statSync(join(home, 'cron.token')).mode & 0o777).toBe(0o600);
  expect(readFileSync(join(home, 'cron.token'), 'utf8')).toMatch(/^[\w-]{43}\n$/);

  const added = await runDs(['cron', 'add', 'offsite', '--external', '--url', url], { home });
  const [name, next, ping = ''] = added.stdout.trimEnd().split('\t');
  expect([name, next, new URL(ping).origin]).toEqual(['offsite', '', url]);
  expect(await (await fetch(`${ping}/7`)).text()).toBe('OK');
  const shown = await runDsJson(['cron', 'show', 'offsite'], { home });
  expect(shown).toMatchObject({
    // That of the daemon on this file, not of the usual port.
    ping_url: ping,
    last: { state: 'failed', trigger: 'ping', exit_code: 7 },
  });

  await runDs(['cron', 'add', 'long', '--', 'sleep', '1000'], { home });
  await runLong(home);
  const { code, stderr } = await stop();
  expect(code).toBe(0);
  expect(stderr).toMatch(/^stopping: .*1 write pending … stopped, 1 run cut off\n$/m);
  expect(await runDsJson(['cron', 'history', 'long'], { home })).toMatchObject({
    runs: [{ state: 'failed', reason: 'the daemon stopped before it had ended' }],
  });
});

test('a stop that cannot record what became of a run is a failure of the store', async () => {
  const home = temporaryFolder();
  const { stop } = await startDs([...SERVE, '--grace', '100ms'], { home });
  await runDs(['cron', 'add', 'long', '--', 'sleep', '1000'], { home });
  await runLong(home);
  for (const suffix of ['', '-wal', '-shm']) rmSync(join(home, `cron.db${suffix}`));
  const { code, stdout, stderr } = await stop();
  expect(code).toBe(4);
  expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({
    error: {
      ...{ code: 'cron.not_recorded', runs: 1 },
      message: expect.stringMatching(/^what became of 1 run is not recorded: .*cron\.db was deleted or replaced/),
    },
  });
  expect(stderr).not.toContain('nothing lost');
});

/** Has the daemon start the job `long`. */
async function runLong(home: string): Promise<void> {
  await runDs(['cron', 'run', 'long'], { home });
  await waitFor(async () => (await runDs(['cron', 'history', 'long', '--state', 'running'], { home })).stdout !== '');
}

test('what it cannot do is told before it is ready', async () => {
  for (const [args, code, message] of [
    [['--lease', '100ms'], 2, /^error: a lease of 100 ms is too short.*\nhint: {2}ds cron serve --lease 500ms\n$/],
    [['--workers', '1001'], 2, /^error: .*1001/],
    [['--listen', '0.0.0.0:0'], 2, /^error: .*\nhint: .*--requirepass-file/],
    [['--database', 'mysql://127.0.0.1/x'], 2, /^error: /],
    [['--url', 'postgres://127.0.0.1:1/x'], 3, /^error: .*127\.0\.0\.1:1/],
    [['--url', 'http://127.0.0.1:8095'], 2, /^error: http:\/\/ is a daemon.*\nhint: {2}leave --url out/],
    [['--url', 'postgres://127.0.0.1:1/x', '--db', 'x'], 2, /^error: .*--db/],
  ] as const) {
    const answer = await runDs([...SERVE.slice(0, 2), ...args, '--admin', 'off']);
    expect({ args, ...answer }).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(message) });
  }
});

test('DS_CRON_URL says where the jobs are; a flag beats it, and a daemon is no such place', async () => {
  const serve = (url: string, ...args: string[]) =>
    runDs([...SERVE, ...args], { env: { DS_CRON_URL: url } }).then(({ code, stderr }) => `${code} ${stderr}`);
  expect(await serve('postgres://127.0.0.1:1/x')).toMatch(/^3 error: .*127\.0\.0\.1:1/);
  expect(await serve('postgres://127.0.0.1:1/x', '--db', '/dev/null/none')).toMatch(/^4 error: .*\/dev\/null/);
  expect(await serve('http://127.0.0.1:8095')).toMatch(
    /^2 error: http:\/\/ is a daemon.*\nhint: {2}DS_CRON_URL= ds cron serve\n/,
  );
});

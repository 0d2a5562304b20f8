/** `ds cron` on a PostgreSQL that several share, as commands use it. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, startPostgresServer } from '../helpers/postgres-server.js';
import { hasPackages } from '../helpers/programs.js';
import { runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

describe.runIf(hasPackages('postgresql'))('commands on a PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgresServer();
  }, 60_000);
  afterAll(() => server.stop());

  test('jobs are run by hand without a daemon, and by one from another home once it is there', async () => {
    const env = { DS_CRON_URL: `${server.url}?schema=by_hand` };
    const cron = (...args: string[]) => runDs(['cron', ...args], { env });
    const done = { code: 0, stderr: '' };
    expect(await cron('add', 'job', '--retries', '1', '--', 'sh', '-c', 'echo out; exit $N')).toMatchObject(done);
    expect(await cron('run', 'job', '--wait')).toMatchObject({ ...done, stdout: 'out\n' });
    expect(await cron('edit', 'job', '--env', 'N=3', '--retries', '0')).toMatchObject(done);
    expect(await cron('run', 'job', '--wait')).toMatchObject({ code: 1, stdout: 'out\n' });
    expect(await cron('exec', 'other', '--', 'echo', 'elsewhere')).toMatchObject({ ...done, stdout: 'elsewhere\n' });
    expect(await cron('run', 'job')).toMatchObject({ ...done, stdout: '4\tqueued\n' });
    expect(await cron('cancel', '4')).toMatchObject({ ...done, stdout: '4\tcancelled\n' });

    const { stop } = await startDs(
      ['cron', 'serve', '--url', env.DS_CRON_URL, '--listen', '127.0.0.1:0', '--admin', 'off'],
      { home: temporaryFolder() },
    );
    expect(await cron('edit', 'job', '--env', 'N=0')).toMatchObject(done);
    expect(await cron('run', 'job', '--wait')).toMatchObject({ ...done, stdout: 'out\n' });
    await stop();
    const { runs } = (await runDsJson(['cron', 'history'], { env })) as { runs: readonly Record<string, unknown>[] };
    const byCommand = expect.stringMatching(/^run:/);
    expect(runs.toReversed()).toMatchObject([
      { job: 'job', state: 'succeeded', worker: byCommand },
      { job: 'job', state: 'failed', exit_code: 3, worker: byCommand },
      { job: 'other', state: 'succeeded', worker: expect.stringMatching(/^exec:/) },
      { job: 'job', state: 'cancelled' },
      { job: 'job', state: 'succeeded', worker: expect.not.stringMatching(/^(run|exec):/) },
    ]);
    expect(await cron('missed')).toMatchObject({ code: 0, stdout: '' });
  });

  test('a benchmark has a schema of its own, which is gone afterwards, and touches no job', async () => {
    const url = `${server.url}?schema=by_bench`;
    await runDs(['cron', 'add', 'mine', '--url', url, '--', 'true']);
    const few = ['--rate', '4/s', '--jobs', '40', '--warmup', '0', '-d', '1s', '--http'];
    const found = await runDsJson(['cron', 'bench', '--url', url, ...few], { timeoutMs: 60_000 });
    expect(found).toMatchObject({
      place: expect.stringMatching(/schema=ds_cron_bench_[0-9a-f]{12}$/),
      due: 4,
      failed: 0,
    });
    const client = new pg.Client({ connectionString: server.url });
    await client.connect();
    const { rows } = await client.query("SELECT nspname FROM pg_namespace WHERE nspname LIKE 'ds_cron%'");
    await client.end();
    expect(rows).toEqual([]);
    expect(await runDsJson(['cron', 'list', '--url', url])).toMatchObject({ jobs: [{ name: 'mine' }] });
  }, 90_000);

  test('one that cannot be reached is an error of its own, which shows no password', async () => {
    const { code, stderr } = await runDs(['cron', 'list', '--url', 'postgres://ds:secret@127.0.0.1:1/ops']);
    expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(/^error: .*127\.0\.0\.1:1/) });
    expect(stderr).not.toContain('secret');
  });
});

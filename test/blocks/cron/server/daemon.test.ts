/** The daemon as a whole: real processes, a real file, a real webhook. */
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openCronStore } from '../../../../src/blocks/cron/store.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { listOf, outputOf, type Served, serve } from './serve.js';

const leads = async ({ metrics }: Served) => /^ds_cron_leader 1$/m.test(await metrics.metrics());

/** A job whose process says that it runs by a file with its number, and does not end by itself. */
const lasting = (folder: string, name: string) => ({ command: `echo $$ > ${join(folder, name)}; exec sleep 1000` });

async function pidIn(folder: string, name: string): Promise<number> {
  const path = join(folder, name);
  return waitFor(() => existsSync(path) && Number(readFileSync(path, 'utf8')), { timeoutMs: 10_000 });
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

/** Its URL; closed when the test has finished. */
async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/hook`;
}

test('what is due runs, its output is kept, and another on the same file takes over when it stops', async () => {
  const home = temporaryFolder();
  const first = await serve({ workers: 2 }, home);
  await waitFor(() => leads(first));
  const second = await serve({ workers: 2 }, home);
  await first.add('tick', { schedule: '* * * * * *', command: 'echo "$DS_CRON_JOB at $DS_CRON_SLOT"' });
  const run = await second.runIn('tick', 'succeeded');
  expect(run).toMatchObject({ trigger: 'schedule', attempt: 1, fence: 1, exit_code: 0 });
  expect(await outputOf(second, run.id)).toBe(`tick at ${run['slot']}\n`);
  expect(await leads(second)).toBe(false);
  const status = await second.api('GET', '/v1/status');
  expect(status.json).toMatchObject({ jobs: 1, leader: { worker: expect.any(String) } });
  expect(listOf(status.json['workers'])).toHaveLength(2);
  await first.stop(1_000);
  const before = (await second.runs('tick')).length;
  await waitFor(() => leads(second));
  await waitFor(async () => (await second.runs('tick')).length > before);
  // A second, a slot, a run: none twice, none left out.
  const slots = (await second.runs('tick')).map(({ slot }) => Date.parse(String(slot)));
  expect(slots).toEqual(slots.map((_, index) => (slots[0] ?? 0) + 1_000 * index));
  const text = await waitFor(async () => {
    const metrics = await second.metrics.metrics();
    // What was settled is counted a moment after it can be read, and may have been settled by the other one.
    const counted = [
      /^ds_cron_slots_total\{job="tick",state="queued"\} [1-9]/m,
      /^ds_cron_attempts_total\{job="tick",outcome="succeeded"\} \d/m,
    ];
    return counted.every((line) => line.test(metrics)) && metrics;
  });
  expect(text).toMatch(/^ds_cron_jobs\{state="active"\} 1$/m);
  expect(text).toMatch(/^ds_cron_day_runs\{state="succeeded"\} [1-9]/m);
  expect(text).toMatch(/^ds_cron_day_runs\{state="missed"\} 0$/m);
  const [, lastSuccess] = /^ds_cron_last_success_timestamp_seconds\{job="tick"\} (\S+)$/m.exec(text) ?? [];
  expect(Math.abs(Number(lastSuccess) * 1_000 - Date.now())).toBeLessThan(60_000);
  for (const name of ['start_lateness_seconds_count', 'attempt_duration_seconds_count', 'running', 'runs']) {
    expect(text).toMatch(new RegExp(`^ds_cron_${name}`, 'm'));
  }
});

test('a run that is cancelled ends with its process; one of a deleted job, too', async () => {
  const served = await serve();
  const { home, api, add } = served;
  await add('long', lasting(home, 'long'));
  await add('deleted', lasting(home, 'deleted'));
  const { json } = await api('POST', '/v1/jobs/long/run');
  await api('POST', '/v1/jobs/deleted/run');
  const pids = [await pidIn(home, 'long'), await pidIn(home, 'deleted')];
  expect((await api('DELETE', '/v1/jobs/deleted')).status).toBe(204);
  expect((await api('POST', `/v1/runs/${json['id']}/cancel`)).json).toMatchObject({ state: 'running' });
  expect(await served.runIn('long', 'cancelled')).toMatchObject({ reason: 'cancelled by hand', signal: 'SIGTERM' });
  await waitFor(() => pids.every(isGone));
});

test('stopped, it ends what runs: at-least-once is queued again, at-most-once has failed, which will be told; nothing is waited for that hangs', async () => {
  // A webhook that never answers must not hold it up.
  const hook = createServer(() => {});
  const webhook = await listen(hook);
  const served = await serve();
  const { home, api, add, stop } = served;
  await add('broken', { command: 'exit 1', notify: { webhook } });
  await add('once', { ...lasting(home, 'once'), notify: { webhook } });
  await add('again', { ...lasting(home, 'again'), delivery: 'at-least-once' });
  for (const name of ['broken', 'once', 'again']) await api('POST', `/v1/jobs/${name}/run`);
  const pids = [await pidIn(home, 'once'), await pidIn(home, 'again')];
  await once(hook, 'request');
  const startedAt = performance.now();
  expect(await stop(200)).toBe('1 run cut off, 1 run queued again');
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(pids.map(isGone)).toEqual([true, true]);
  const ledger = await openCronStore({ path: join(home, 'cron.db'), clock: systemClock });
  onTestFinished(() => ledger.close());
  const runs = await ledger.runs({ limit: 9 });
  expect(Object.fromEntries(runs.map(({ job, state, reason }) => [job, [state, reason]]))).toEqual({
    broken: ['failed', 'exit code 1'],
    once: ['failed', 'the daemon stopped before it had ended'],
    again: ['queued', 'again: the daemon stopped before it had ended'],
  });
  expect(await ledger.status()).toMatchObject({ workers: [] });
  expect((await ledger.status()).leader).toBeUndefined();
  const told = (await ledger.takeNotices(9, 1_000)).map(({ event, run }) => `${event} of ${run.job}`);
  expect(told.toSorted()).toEqual(['failure of broken', 'failure of once']);
});

test('it is not ready while the store does not take its signs of life', async () => {
  const { home, problem } = await serve({ lease: '600ms' });
  const database = join(home, 'cron.db');
  expect(await problem()).toBe('');
  renameSync(database, `${database}.away`);
  const replaced = `${database} was deleted or replaced while it was in use`;
  await waitFor(async () => (await problem()) === replaced);
  renameSync(`${database}.away`, database);
  await waitFor(async () => (await problem()) === '');
});

test('it retries, and tells a webhook and a command of a failure for good and of the recovery', async () => {
  const told: Record<string, unknown>[] = [];
  const hook = createServer(async (request, response) => {
    told.push(JSON.parse(Buffer.concat(await request.toArray()).toString()));
    response.end();
  });
  const webhook = await listen(hook);
  const served = await serve();
  const { home, api, add } = served;
  const note = join(home, 'notes');
  await add('flaky', {
    command: `echo "attempt $DS_CRON_ATTEMPT"; test -e ${join(home, 'well')} || exit 3`,
    retries: { most: 2, delay: '50ms', jitter: 0 },
    notify: {
      on: ['failure', 'recovery'],
      webhook,
      command: `echo "$DS_CRON_EVENT $DS_CRON_JOB $DS_CRON_STATE $DS_CRON_REASON" >> ${note}`,
    },
  });
  await api('POST', '/v1/jobs/flaky/run');
  const failed = await served.runIn('flaky', 'failed');
  expect(failed).toMatchObject({ attempt: 3, fence: 3, exit_code: 3, reason: 'exit code 3', output_bytes: 30 });
  expect(await outputOf(served, failed.id)).toBe('attempt 1\nattempt 2\nattempt 3\n');
  await waitFor(() => told.length === 1);
  expect(told[0]).toMatchObject({ event: 'failure', job: 'flaky', run: { id: failed.id, state: 'failed' } });
  writeFileSync(join(home, 'well'), '');
  await api('POST', '/v1/jobs/flaky/run');
  await waitFor(() => told.length === 2);
  expect(told[1]).toMatchObject({ event: 'recovery', run: { state: 'succeeded', attempt: 1 } });
  await waitFor(() => readFileSync(note, 'utf8').split('\n').length === 3);
  expect(readFileSync(note, 'utf8')).toBe('failure flaky failed exit code 3\nrecovery flaky succeeded \n');
});

test('who is told of a run that takes long does not end it', async () => {
  const served = await serve();
  const { home, api, add } = served;
  const told = join(home, 'told');
  await add('slow', {
    command: `while ! test -e ${told}; do sleep 0.02; done; sleep 0.3; echo done`,
    'overrun-after': '50ms',
    notify: { on: 'overrun', command: `touch ${told}` },
  });
  await api('POST', '/v1/jobs/slow/run');
  const run = await served.runIn('slow', 'succeeded');
  expect(await outputOf(served, run.id)).toBe('done\n');
});

test('@reboot is due once for each start of the machine, and not for each start of the daemon', async () => {
  const home = temporaryFolder();
  const starts = async () => {
    const served = await serve({}, home);
    await waitFor(() => leads(served));
    return served;
  };
  const first = await starts();
  await first.add('warm-up', { schedule: '@reboot', command: 'true' });
  await first.stop(1_000);
  // That it led at this start was remembered: made after it, the job waits for the next start of the machine.
  const second = await starts();
  await second.add('tick', { schedule: '* * * * * *', command: 'true' });
  await second.runIn('tick', 'succeeded');
  expect(await second.runs('warm-up')).toEqual([]);
  await second.stop(1_000);
  const [mark] = readdirSync(join(home, 'run')).filter((name) => name.startsWith('cron-boot-'));
  writeFileSync(join(home, 'run', mark ?? ''), 'another start of the machine');
  const third = await starts();
  expect(await third.runIn('warm-up', 'succeeded')).toMatchObject({ trigger: 'boot' });
  await third.stop(1_000);
  const fourth = await starts();
  await fourth.add('tock', { schedule: '* * * * * *', command: 'true' });
  await fourth.runIn('tock', 'succeeded');
  expect(await fourth.runs('warm-up')).toHaveLength(1);
});

test('a lease that is too short to be prolonged, and a port that is taken, are refused', async () => {
  await expect(serve({ lease: '499ms' })).rejects.toMatchObject({ code: 'cron.bad_lease' });
  const { http } = await serve();
  await expect(serve({ listen: new URL(http).host })).rejects.toMatchObject({ code: 'listen.address_in_use' });
});

/** Runs and their output as commands show them, on a real store. */
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Ledger } from '../../../../src/blocks/cron/ledger.js';
import {
  followOutput,
  isLate,
  OutputLines,
  pingUrl,
  RunFollower,
  runRow,
  sayPause,
  sayRun,
} from '../../../../src/blocks/cron/report.js';
import { nextSlots } from '../../../../src/blocks/cron/schedule.js';
import { openCronStore } from '../../../../src/blocks/cron/store.js';
import type { CronTarget } from '../../../../src/blocks/cron/target.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { externalSpec, FAILED, jobSpec, pingKeyOf, SUCCEEDED, take } from '../contract-world.js';

async function world(): Promise<{ ledger: Ledger; clock: ManualClock }> {
  const clock = new ManualClock();
  const ledger = await openCronStore({ path: join(temporaryFolder(), 'cron.db'), clock });
  onTestFinished(() => ledger.close());
  for (const name of ['a', 'b']) await ledger.put(jobSpec(name, { concurrency: 'allow-all' }));
  return { ledger, clock };
}

const bytes = (text: string) => Buffer.from(text);

test('who follows is told however many runs have come since it looked', async () => {
  const { ledger } = await world();
  await ledger.cancel((await ledger.trigger('a')).id);
  const follower = await RunFollower.start(ledger, 'a');
  const runs = await Promise.all(Array.from({ length: 201 }, () => ledger.trigger('a')));
  await Promise.all(runs.map(({ id }) => ledger.cancel(id)));
  expect((await follower.look()).map(({ id }) => id)).toEqual(runs.map(({ id }) => id));
});

test('who follows is told each run once, as it ends, in order, whenever it began', async () => {
  const { ledger, clock } = await world();
  const told = async (follower: RunFollower) => (await follower.look()).map(({ id, state }) => `${id} ${state}`);
  const finish = (claim: Awaited<ReturnType<typeof take>>, outcome = SUCCEEDED) =>
    ledger.finish([{ claim, outcome, finishedAt: clock.now(), outputBytes: 0 }]);
  await ledger.trigger('a');
  await finish(await take(ledger)); // before it began
  await ledger.trigger('a');
  const running = await take(ledger);
  await ledger.trigger('b');
  const [all, ofA] = [await RunFollower.start(ledger, undefined), await RunFollower.start(ledger, 'a')];
  expect([await told(all), await told(ofA)]).toEqual([[], []]);

  const [first, second] = [await ledger.trigger('a'), await ledger.trigger('b')];
  await ledger.cancel(second.id);
  await finish(running, FAILED);
  expect([await told(all), await told(ofA)]).toEqual([['2 failed', '5 cancelled'], ['2 failed']]);
  expect([await told(all), await told(ofA)]).toEqual([[], []]);
  await finish(await take(ledger));
  await ledger.cancel(first.id);
  expect([await told(all), await told(ofA)]).toEqual([['3 succeeded', '4 cancelled'], ['4 cancelled']]);
  await ledger.trigger('a');
  expect(await told(ofA)).toEqual([]);
  await ledger.delete('a');
  expect(await told(ofA).catch(({ code }) => code)).toBe('cron.no_such_job');
});

test('output is followed until the run has ended', async () => {
  const { ledger, clock } = await world();
  const { id } = await ledger.trigger('a');
  const claim = await take(ledger);
  const write = (sequence: number, text: string) =>
    ledger.appendOutput([
      {
        ...{ run: id, fence: claim.fence },
        chunks: [{ attempt: 1, sequence, stream: 'stdout', at: 1, bytes: bytes(text), omittedBefore: 0 }],
      },
    ]);
  await write(1, 'one');
  const texts: string[] = [];
  const read = async (signal?: AbortSignal) => {
    for await (const piece of followOutput(ledger, id, signal && { clock, signal })) {
      texts.push(piece.kind === 'end' ? piece.run.state : Buffer.from(piece.chunk.bytes).toString());
    }
  };
  await read();
  expect(texts.splice(0)).toEqual(['one', 'running']);
  const reading = read(new AbortController().signal);
  await waitFor(() => clock.sleeping === 1);
  await write(2, 'two');
  await ledger.finish([{ claim, outcome: FAILED, finishedAt: clock.now() + 1_500, outputBytes: 6 }]);
  clock.advance(1_000);
  await reading;
  expect(texts.splice(0)).toEqual(['one', 'two', 'failed']);

  await ledger.trigger('a');
  const stop = new AbortController();
  const stopped = (async () => {
    for await (const _ of followOutput(ledger, id + 1, { clock, signal: stop.signal }));
  })();
  await waitFor(() => clock.sleeping === 1);
  stop.abort(new Error('enough'));
  await expect(stopped).rejects.toThrow('enough');
  const ended = await ledger.run(id);
  expect(sayRun({ ...ended, attempt: 2 })).toBe(`run ${id} of a failed in 1s500ms after 2 attempts: exit code 3`);
  expect(runRow(ended, clock.now())).toMatchObject({ durationMs: 1_500, tone: 'red' });
  expect(sayRun(await ledger.run(id + 1))).toBe(`run ${id + 1} of a queued: by hand`);
});

test('lines and characters that are cut between pieces are put together, each stream for itself', () => {
  const lines = new OutputLines();
  const [head, tail] = [bytes('ü').subarray(0, 1), bytes('ü').subarray(1)];
  expect(lines.push({ stream: 'stdout', bytes: Buffer.concat([bytes('one\ntw'), head]) })).toEqual(['one']);
  expect(lines.push({ stream: 'stderr', bytes: bytes('err\n\nrest') })).toEqual(['err', '']);
  expect(lines.push({ stream: 'stdout', bytes: Buffer.concat([tail, bytes('o\n')]) })).toEqual(['twüo']);
  expect(lines.end()).toEqual(['rest']);
  expect(lines.end()).toEqual([]);
});

test('what comes next of a job, why it is paused, and whether nobody decides', async () => {
  const { ledger, clock } = await world();
  const job = await ledger.get('a');
  const minutes = (...counts: number[]) => counts.map((count) => clock.now() + count * 60_000);
  expect(nextSlots(job, 3)).toEqual(minutes(1, 2, 3));
  const once = await ledger.put(jobSpec('once', { schedule: { ...job.spec.schedule, expression: 'at 2999-01-01' } }));
  expect(nextSlots(once, 3)).toEqual([Date.UTC(2999, 0)]);
  expect(
    nextSlots(await ledger.put(jobSpec('asked', { schedule: { ...job.spec.schedule, expression: '@reboot' } })), 3),
  ).toEqual([]);
  const until = clock.now() + 1_000;
  const paused = await ledger.pause('a', { reason: 'holidays', until });
  expect(sayPause(paused, (at) => `${at - clock.now()} ms`)).toBe('until 1000 ms: holidays');
  expect(sayPause(await ledger.pause('b'), String)).toBe('');

  const late = async () => isLate(await ledger.status(), clock.now());
  expect(await late()).toBe(false);
  clock.advance(60_001);
  expect(await late()).toBe(true);
  await ledger.lead('somebody', 10_000);
  expect(await late()).toBe(false);
  clock.advance(10_001);
  expect(await late()).toBe(true);
});

test('pings go to the daemon that was asked, to one on the same file, or to the usual port', async () => {
  const daemon = (port: number, more: object = {}) => ({
    ...{ block: 'cron', state: 'running' as const, db: '/srv/cron.db', ...more },
    endpoints: [{ name: 'http', url: `http://127.0.0.1:${port}` }],
  });
  const daemons = async () => [
    daemon(1, { state: 'stopping' }),
    daemon(2, { block: 'limit' }),
    daemon(3, { db: '/srv/other.db' }),
    daemon(4),
  ];
  const places = { daemons, usual: 'http://127.0.0.1:8095' };
  const urlAt = (target: CronTarget) => pingUrl(externalSpec('e'), { ...places, target });
  const key = pingKeyOf('e');
  expect(await urlAt({ kind: 'file', path: '/srv/x/../cron.db' })).toBe(`http://127.0.0.1:4/ping/${key}`);
  expect(await urlAt({ kind: 'file', path: '/srv/none.db' })).toBe(`http://127.0.0.1:8095/ping/${key}`);
  expect(await urlAt({ kind: 'url', url: 'postgres://h/d' })).toBe(`http://127.0.0.1:8095/ping/${key}`);
  expect(await urlAt({ kind: 'url', url: 'https://h:1/x' })).toBe(`https://h:1/ping/${key}`);
  expect(await pingUrl(jobSpec('here'), { ...places, target: { kind: 'file', path: '/srv/cron.db' } })).toBeUndefined();
});

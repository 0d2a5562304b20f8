/** Runs by hand where no daemon lives, and where one does: a real store, real programs. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { JobSpec } from '../../../../src/blocks/cron/job.js';
import type { Ledger } from '../../../../src/blocks/cron/ledger.js';
import type { Run } from '../../../../src/blocks/cron/run.js';
import { type RunHereOptions, runHere } from '../../../../src/blocks/cron/runner/run-here.js';
import { openCronStore } from '../../../../src/blocks/cron/store.js';
import { type Clock, systemClock } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { LEASE_MS, SUCCEEDED } from '../contract-world.js';
import { commandOf, jobOf, runnerContext } from '../runner/attempts.js';

/** The real clock, which can be put forward as if time had passed. */
class MovableClock implements Clock {
  #passed = 0;
  now = () => systemClock.now() + this.#passed;
  micros = () => systemClock.micros() + this.#passed * 1_000;
  monotonic = () => systemClock.monotonic() + this.#passed;
  sleep = systemClock.sleep;
  pass(ms: number): void {
    this.#passed += ms;
  }
}

interface World {
  readonly ledger: Ledger;
  readonly clock: MovableClock;
  readonly trouble: string[];
  readonly interrupt: AbortController;
  run(change?: Partial<RunHereOptions>): Promise<Run>;
  queued(): Run | undefined;
}

async function world(command: string, change: Partial<JobSpec> = {}): Promise<World> {
  const clock = new MovableClock();
  const ledger = await openCronStore({ path: join(temporaryFolder(), 'cron.db'), clock });
  const interrupt = new AbortController();
  const going: Promise<unknown>[] = [];
  onTestFinished(async () => {
    interrupt.abort();
    await Promise.allSettled(going);
    await ledger.close();
  });
  await ledger.put(jobOf(commandOf(command), { delivery: 'at-most-once', ...change }));
  const trouble: string[] = [];
  let queued: Run | undefined;
  const run = (options: Partial<RunHereOptions> = {}) => {
    const ended = runHere('job', {
      ...{ ledger, signal: interrupt.signal, runner: runnerContext({ clock, place: ledger.place }) },
      onQueued: (told) => {
        queued = told;
      },
      onTrouble: (what) => void trouble.push(what),
      ...options,
    });
    going.push(ended);
    return ended;
  };
  return { ledger, clock, trouble, interrupt, run, queued: () => queued };
}

const live = (ledger: Ledger) => ledger.heartbeat('daemon', 4, [], LEASE_MS);

test('where nobody lives it is carried out here, retries and output and all, and no worker stays behind', async () => {
  const { ledger, run, trouble } = await world(
    'echo "$DS_CRON_ATTEMPT $DS_CRON_TRIGGER"; test "$DS_CRON_ATTEMPT" = 2',
    {
      retries: { most: 2, delayMs: 10, longestDelayMs: 10, jitter: 0 },
    },
  );
  await ledger.heartbeat('wrapper', 0, [], LEASE_MS); // lives, and takes nothing
  const ended = await run();
  expect(ended).toMatchObject({ state: 'succeeded', attempt: 2, fence: 2, trigger: 'manual', outputBytes: 18 });
  const text = (await ledger.output(ended.id, 0)).map(({ bytes }) => Buffer.from(bytes).toString()).join('');
  expect(text).toBe('1 manual\n2 manual\n');
  await expect(run({ ledger, onQueued: () => {} })).resolves.toMatchObject({ state: 'succeeded' });
  expect((await ledger.status()).workers.map(({ name }) => name)).toEqual(['wrapper']);
  expect(trouble).toEqual([]);
});

test('a daemon that lives carries it out; of one that falls silent it is taken over', async () => {
  const { ledger, clock, run, queued } = await world('echo here');
  await live(ledger);
  const byDaemon = run();
  await waitFor(queued);
  const [claim] = await ledger.claim('daemon', 1, LEASE_MS);
  if (claim === undefined) throw new Error('nothing to take');
  await ledger.finish([{ claim, outcome: SUCCEEDED, finishedAt: clock.now(), outputBytes: 0 }]);
  expect(await byDaemon).toMatchObject({ state: 'succeeded', worker: 'daemon' });

  await live(ledger);
  const takenOver = run();
  await waitFor(() => queued()?.id === claim.run.id + 1);
  clock.pass(40_000);
  expect(await takenOver).toMatchObject({ state: 'succeeded', worker: expect.stringMatching(/^run:/) });
});

test('what the dead have left is in nobody’s way: their runs are fenced, or begun anew', async () => {
  const { ledger, clock, run, queued } = await world('true');
  await ledger.trigger('job');
  const [lost] = await ledger.claim('dead', 1, LEASE_MS);
  expect(await run()).toMatchObject({ state: 'overlapped', reason: '1 run was going on' });
  clock.pass(LEASE_MS + 1);
  expect(await run()).toMatchObject({ state: 'succeeded' });
  expect(await ledger.run(lost?.run.id ?? 0)).toMatchObject({ state: 'fenced' });

  // One that dies while its run is waited for.
  await live(ledger);
  const waiting = run();
  await waitFor(() => (queued()?.id ?? 0) > 3);
  await ledger.claim('daemon', 1, LEASE_MS);
  clock.pass(40_000);
  expect(await waiting).toMatchObject({ state: 'fenced', worker: 'daemon' });

  const again = await world('true', { delivery: 'at-least-once' });
  await live(again.ledger);
  const begunAnew = again.run();
  await waitFor(again.queued);
  await again.ledger.claim('daemon', 1, LEASE_MS);
  again.clock.pass(40_000);
  expect(await begunAnew).toMatchObject({ state: 'succeeded', attempt: 2, worker: expect.stringMatching(/^run:/) });
});

test('an interrupt and a cancel from elsewhere end it as cancelled, with its processes', async () => {
  const folder = temporaryFolder();
  const pidFile = join(folder, 'pid');
  const { ledger, run, interrupt, queued } = await world(`sleep 1000 & echo $! > ${pidFile}; wait`);
  const started = () => waitFor(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').endsWith('\n'));
  const cancelled = run();
  await started();
  await ledger.cancel(queued()?.id ?? 0);
  expect(await cancelled).toMatchObject({ state: 'cancelled', reason: 'cancelled by hand' });
  const pid = readFileSync(pidFile, 'utf8').trim();
  await waitFor(() => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'latin1').includes(') Z '));

  const waits = await world('true');
  await live(waits.ledger);
  const takenBack = waits.run();
  await waitFor(waits.queued);
  waits.interrupt.abort();
  expect(await takenBack).toMatchObject({ state: 'cancelled', attempt: 0 });

  const interrupted = run();
  await waitFor(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8').trim() !== pid);
  interrupt.abort();
  expect(await interrupted).toMatchObject({ state: 'cancelled', attempt: 1 });
});

test('a store that fails meanwhile is told of; the run goes on, and its end is an error', async () => {
  const { ledger, run, trouble } = await world('sleep 1.2; echo out');
  const noDisk = () => Promise.reject(new Error('no disk'));
  const failing: Partial<Ledger> = { heartbeat: noDisk, appendOutput: noDisk, finish: noDisk };
  const broken = new Proxy(ledger, {
    get(target, name) {
      const value: unknown = Reflect.get(name in failing ? failing : target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  await expect(run({ ledger: broken })).rejects.toThrow('no disk');
  expect(trouble).toEqual(expect.arrayContaining(['the lease was not renewed', 'the output was not kept']));
});

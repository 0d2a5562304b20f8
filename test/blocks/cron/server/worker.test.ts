/** A worker before a real file whose answers fail, or do not come. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import type { JobSpec } from '../../../../src/blocks/cron/job.js';
import type { Ledger } from '../../../../src/blocks/cron/ledger.js';
import { CronMetrics } from '../../../../src/blocks/cron/server/metrics.js';
import { Recorder } from '../../../../src/blocks/cron/server/recorder.js';
import { Worker } from '../../../../src/blocks/cron/server/worker.js';
import { openCronStore } from '../../../../src/blocks/cron/store.js';
import { systemClock, systemRandom } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { waitFor } from '../../../helpers/wait-for.js';
import { jobSpec, leader } from '../contract-world.js';

/** What is asked of the store besides; the rest is answered by the file. */
type Fault = (method: string) => Promise<void> | undefined;

async function startWorker(leaseMs: number, fault: Fault = () => undefined) {
  const folder = temporaryFolder();
  const ledger = await openCronStore({ path: join(folder, 'cron.db'), clock: systemClock, random: systemRandom });
  const faulty = new Proxy(ledger, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const trouble = fault(String(name));
        return trouble === undefined ? value.apply(target, args) : trouble.then(() => value.apply(target, args));
      };
    },
  });
  const logger = pino({ level: 'silent' });
  const sources = { ledger, leads: () => false, running: () => 0 };
  const worker = new Worker({
    ...{ ledger: faulty, logger, name: 'worker', capacity: 4, leaseMs, clear: async () => {} },
    recorder: new Recorder({ ledger: faulty, logger, clock: systemClock }),
    metrics: new CronMetrics(new Registry(), sources),
    runner: {
      ...{ clock: systemClock, random: systemRandom, version: '0.0.0', place: ledger.place },
      environment: { PATH: process.env['PATH'] },
    },
  });
  const stopping = new AbortController();
  const running = worker.run(stopping.signal);
  const stopListening = ledger.onChange(() => worker.wake());
  const stop = async () => {
    stopping.abort();
    await running;
    return worker.stop(0);
  };
  onTestFinished(async () => {
    await stop();
    stopListening();
    await ledger.close();
  });
  return { folder, ledger, worker, stop };
}

async function trigger(ledger: Ledger, name: string, command: string, changes: Partial<JobSpec> = {}): Promise<number> {
  const action = { kind: 'command', command, shell: '/bin/sh', environment: {} } as const;
  await ledger.put(jobSpec(name, { action, ...changes }));
  return (await ledger.trigger(name)).id;
}

/** Of a job that tells by a file that it runs. */
async function pidOf(path: string): Promise<number> {
  return waitFor(() => existsSync(path) && Number(readFileSync(path, 'utf8')));
}

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return false;
  } catch {
    return true;
  }
}

test('what runs is killed when the store has not answered for a whole lease, and left to its delivery', async () => {
  const leaseMs = 900;
  const hanging: (() => void)[] = [];
  let isHanging = false;
  const { folder, ledger, worker } = await startWorker(leaseMs, () =>
    isHanging ? new Promise((resolve) => hanging.push(resolve)) : undefined,
  );
  const started = join(folder, 'started');
  const command = `echo $$ > ${started}-$DS_CRON_ATTEMPT; exec sleep 1000`;
  const id = await trigger(ledger, 'long', command, { delivery: 'at-least-once' });
  const pid = await pidOf(`${started}-1`);
  isHanging = true;
  const from = performance.now();
  try {
    await waitFor(() => isGone(pid), { timeoutMs: 4 * leaseMs });
    expect(performance.now() - from).toBeGreaterThan(leaseMs / 3);
    expect(() => worker.checkHeld()).toThrow('has not answered for a whole lease');
  } finally {
    isHanging = false;
    for (const goOn of hanging) goOn();
  }
  // Nobody else has taken it over: it is begun anew, and not told as cancelled.
  const leadership = await leader(ledger);
  await waitFor(async () => (await ledger.watchOver(leadership)) > 0);
  await pidOf(`${started}-2`);
  expect(() => worker.checkHeld()).not.toThrow();
  expect(await ledger.run(id)).toMatchObject({ state: 'running', attempt: 2, fence: 2 });
});

test('an end, and the output that goes with it, that the store does not take at once are recorded when it does', async () => {
  let calls = 0;
  const { ledger } = await startWorker(10_000, (method) =>
    method === 'finish' && ++calls === 1 ? Promise.reject(new Error('the disk is full')) : undefined,
  );
  const id = await trigger(ledger, 'short', 'echo done');
  await waitFor(async () => (await ledger.run(id)).state === 'succeeded');
  expect(Buffer.concat((await ledger.output(id, 0)).map(({ bytes }) => bytes)).toString()).toBe('done\n');
  expect(calls).toBe(2);
});

test('who asks for the end of a run waits no third of a long lease', async () => {
  const { folder, ledger } = await startWorker(60_000);
  const started = join(folder, 'started');
  const id = await trigger(ledger, 'long', `echo $$ > ${started}; exec sleep 1000`);
  await pidOf(started);
  await ledger.cancel(id);
  await waitFor(async () => (await ledger.run(id)).state === 'cancelled');
});

test('stopped before a store that takes no end, it says so; what the store has taken is no matter', async () => {
  let isFull = false;
  const { folder, ledger, stop } = await startWorker(10_000, (method) =>
    isFull && (method === 'finish' || method === 'retire') ? Promise.reject(new Error('the disk is full')) : undefined,
  );
  const started = join(folder, 'started');
  const id = await trigger(ledger, 'long', `echo $$ > ${started}; exec sleep 1000`);
  await pidOf(started);
  isFull = true;
  const { cutOff, problem } = await stop();
  expect(cutOff).toBeUndefined();
  expect(problem).toMatchObject({
    ...{ code: 'cron.not_recorded', kind: 'storage', details: { runs: 1 } },
    message: 'what became of 1 run is not recorded: the disk is full',
  });
  expect(await ledger.run(id)).toMatchObject({ state: 'running' });
  isFull = false;
  expect(await stop()).toEqual({ cutOff: undefined, problem: undefined });
  expect(await ledger.run(id)).toMatchObject({ state: 'fenced' });
});

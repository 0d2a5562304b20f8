import { Worker } from 'node:worker_threads';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { backoffMs } from '../../../src/platform/daemon/backoff.js';
import { type BlockStatus, SupervisedBlock } from '../../../src/platform/daemon/supervised-block.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { waitFor } from '../../helpers/wait-for.js';

const random = { bytes: (length: number) => new Uint8Array(length).fill(255) };

/** Supervises real threads of fixtures/worker.mjs; `threads` holds them in the order they were started. */
function supervise(options: Record<string, unknown> = {}) {
  const clock = new ManualClock();
  const threads: Worker[] = [];
  const changes: BlockStatus[] = [];
  const entry = new URL('./fixtures/worker.mjs', import.meta.url);
  const block = new SupervisedBlock({
    block: 'seq',
    clock,
    random,
    logger: pino({ level: 'silent' }),
    onChange: (status) => changes.push(status),
    startThread() {
      const thread = new Worker(entry, { workerData: { block: 'seq', options } });
      threads.push(thread);
      return thread;
    },
  });
  onTestFinished(async () => {
    for (const thread of threads) await thread.terminate();
  });
  const state = () => block.status.state;
  const crash = async () => {
    threads.at(-1)?.postMessage({ type: 'crash' });
    await waitFor(() => state() === 'restarting' && clock.sleeping === 1);
  };
  return { block, clock, threads, changes, state, crash };
}

test('a block that started is running, and stops in order when asked', async () => {
  const { block, state, changes } = supervise();
  await waitFor(() => state() === 'running');
  expect(block.status.report?.endpoints).toEqual([{ name: 'redis', url: 'redis://127.0.0.1:1' }]);
  await block.stop();
  await block.ended;
  expect(changes.map((change) => change.state)).toEqual(['running', 'stopping', 'stopped']);
  expect(block.pending).toEqual({ connections: 2, writes: 1 });
  expect(block.status.error).toBeUndefined();
});

test('a thread that crashes is started again, after a pause that doubles', async () => {
  const { block, clock, state, threads, crash } = supervise();
  await waitFor(() => state() === 'running');
  const pauses: (number | undefined)[] = [];
  for (let round = 1; round <= 4; round++) {
    await crash();
    expect(block.status.error?.message).toContain('made to crash');
    pauses.push(block.status.retryInMs);
    clock.advance((block.status.retryInMs ?? 0) - 1);
    expect(threads).toHaveLength(round);
    clock.advance(1);
    await waitFor(() => state() === 'running');
    expect(block.status.restarts).toBe(round);
  }
  expect(pauses).toEqual([500, 1000, 2000, 4000]);
  await block.stop();
});

test('a healthy while makes the next failure a first one again', async () => {
  const { block, clock, state, crash } = supervise();
  await waitFor(() => state() === 'running');
  for (let round = 0; round < 3; round++) {
    await crash();
    clock.advance(block.status.retryInMs ?? 0);
    await waitFor(() => state() === 'running');
  }
  clock.advance(30_000);
  await crash();
  expect(block.status.retryInMs).toBe(500);
  await block.stop();
});

test('what the user asked wrongly is not tried again', async () => {
  const { block, threads, state } = supervise({ refuse: true });
  await block.ended;
  expect(state()).toBe('failed');
  expect(block.status.error).toMatchObject({ code: 'config.invalid', message: 'no such option' });
  expect(threads).toHaveLength(1);
});

test('a stop ends the pause before a restart', async () => {
  const { block, state, threads, crash } = supervise();
  await waitFor(() => state() === 'running');
  await crash();
  await block.stop();
  expect(state()).toBe('stopped');
  expect(threads).toHaveLength(1);
});

test('a thread that does not listen is ended from outside', async () => {
  const { block, clock, state } = supervise({ deaf: true });
  await waitFor(() => state() === 'running');
  const stopped = block.stop();
  await waitFor(() => clock.sleeping === 1);
  clock.advance(5_100);
  await stopped;
  expect(state()).toBe('stopped');
});

test('pauses are half random and never longer than half a minute', () => {
  const least = { bytes: (length: number) => new Uint8Array(length) };
  expect([1, 2, 20].map((failures) => backoffMs(failures, least))).toEqual([250, 500, 15_000]);
  expect([1, 2, 20].map((failures) => backoffMs(failures, random))).toEqual([500, 1000, 30_000]);
});

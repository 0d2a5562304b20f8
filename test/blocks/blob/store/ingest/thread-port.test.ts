import { randomBytes } from 'node:crypto';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { waitFor } from '../../../../helpers/wait-for.js';
import { collect, countOf, openTestContents, put } from '../open-contents.js';

test('when the thread dies the bodies under way fail, and the next ones have a new thread', async () => {
  const workers: Worker[] = [];
  const remember = (worker: Worker) => workers.push(worker);
  process.on('worker', remember);
  onTestFinished(() => void process.off('worker', remember));
  const opened = openTestContents({ thread: true, mostSlabs: 6 });
  const { store, contents } = opened;
  const bytes = randomBytes(2_000_000);
  let goOn = () => {};
  const stalled = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  async function* stalls() {
    yield bytes;
    await stalled;
    yield bytes;
  }
  const lost = [contents.stage(stalls()), contents.stage(stalls())];
  const outcomes = Promise.allSettled(lost);
  await waitFor(() => countOf(store, 'pack') > 0, { what: 'a chunk in a pack' });
  await workers[0]?.terminate();
  goOn();
  for (const outcome of await outcomes)
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'daemon.crashed' } });

  const ids = await Promise.all([put(opened, bytes), put(opened, randomBytes(4_000_000))]);
  expect((await collect(contents.read(ids[0], undefined))).equals(bytes)).toBe(true);
  expect(workers.length).toBe(2);
  await contents.close();
  await expect(contents.stage(stalls())).rejects.toEqual(expect.objectContaining({ code: 'storage.closed' }));
});

test('closing fails the bodies that are under way, those that wait for memory, too', async () => {
  for (const thread of [false, true]) {
    const { contents, store } = openTestContents({ thread, mostSlabs: 2 });
    let goOn = () => {};
    const stalled = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    async function* stalls() {
      yield randomBytes(300_000);
      await stalled;
      yield randomBytes(300_000);
    }
    const outcomes = Promise.allSettled(Array.from({ length: 5 }, () => contents.stage(stalls())));
    await waitFor(() => countOf(store, 'pack') > 0, { what: 'a chunk in a pack' });
    await contents.close();
    goOn();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'storage.closed' } });
    expect(countOf(store, 'writer')).toBe(0);
  }
});

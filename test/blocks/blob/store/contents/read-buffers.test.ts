import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { READ_BYTES, ReadBuffers } from '../../../../../src/blocks/blob/store/contents/read-buffers.js';
import { ManualClock } from '../../../../helpers/manual-clock.js';
import { waitFor } from '../../../../helpers/wait-for.js';
import { collect, openTestContents, put } from '../open-contents.js';

test('whoever finds no buffer waits for his turn, in order', async () => {
  const buffers = new ReadBuffers(new ManualClock(), 2);
  expect(buffers.mayReadAhead).toBe(true);
  const [first, second] = [await buffers.take(), await buffers.take()];
  expect([first.length, buffers.mayReadAhead]).toEqual([READ_BYTES, false]);
  const turns: string[] = [];
  const third = buffers.take().then((buffer) => {
    turns.push('third');
    return buffer;
  });
  const fourth = buffers.take().then((buffer) => {
    turns.push('fourth');
    return buffer;
  });
  buffers.put(first);
  expect(await third).toBe(first);
  expect(turns).toEqual(['third']);
  buffers.put(second);
  expect(await fourth).toBe(second);
  for (const buffer of [first, second]) buffers.put(buffer);
  expect(buffers.mayReadAhead).toBe(true);
});

test('who has waited for long, and who comes when many wait, is refused', async () => {
  const clock = new ManualClock();
  const buffers = new ReadBuffers(clock, 1);
  const held = await buffers.take();
  const refusals: unknown[] = [];
  const wait = () => void buffers.take().catch((error: unknown) => refusals.push(error));
  for (let count = 0; count < 512; count++) wait();
  await expect(buffers.take()).rejects.toMatchObject({ code: 'storage.overloaded' });
  for (let seconds = 0; seconds < 20; seconds++) {
    await waitFor(() => clock.sleeping === 1);
    expect(refusals).toEqual([]);
    clock.advance(1_000);
  }
  await waitFor(() => refusals.length === 512);
  const next = buffers.take();
  buffers.put(held);
  expect(await next).toBe(held);
  await waitFor(() => clock.sleeping === 1);
  clock.advance(1_000);
  await waitFor(() => clock.sleeping === 0);
});

test('bodies that nobody reads on with keep others waiting, and no longer than they last', async () => {
  const opened = openTestContents({ thread: false });
  const bytes = randomBytes(300_000);
  const id = await put(opened, bytes);
  const idle = await Promise.all(
    Array.from({ length: 128 }, async () => {
      const body = opened.contents.read(id, undefined)[Symbol.asyncIterator]();
      await body.next();
      return body;
    }),
  );
  const waiting = collect(opened.contents.read(id, undefined));
  await idle[0]?.return?.();
  expect((await waiting).equals(bytes)).toBe(true);
  await Promise.all(idle.map((body) => body.return?.()));
  expect((await collect(opened.contents.read(id, undefined))).equals(bytes)).toBe(true);
});

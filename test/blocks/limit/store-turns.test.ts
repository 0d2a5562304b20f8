/** When an operation is answered: after its flush, in halves, and not at all when the flush fails. */
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EntryCache } from '../../../src/blocks/limit/store/cache.js';
import { limiterFile } from '../../../src/blocks/limit/store/schema.js';
import { Turns } from '../../../src/blocks/limit/store/turns.js';
import { openStore, type Store } from '../../../src/platform/store/store.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { waitFor } from '../../helpers/wait-for.js';

/** A disk that is done when it is told. */
class HeldFlush {
  readonly waiting: ((failure?: unknown) => void)[] = [];
  flush(done: (failure?: unknown) => void): void {
    this.waiting.push(done);
  }
  end(failure?: unknown): void {
    this.waiting.shift()?.(failure);
  }
}

let store: Store;
let flush: HeldFlush;
let turns: Turns;

beforeEach(() => {
  store = openStore(limiterFile, { path: join(temporaryFolder(), 'limit.db'), sync: 'normal' });
  flush = new HeldFlush();
  turns = new Turns(store, new EntryCache(store), { flush, selective: false, afterTurn: () => {} });
});
afterEach(() => store.close());

const write = (name: string) =>
  turns.run([], () => {
    store.statement<[Buffer]>('INSERT INTO block (key, until_us) VALUES (?, 1)').run(Buffer.from(name));
    return name;
  });

test('what wrote is answered when it is on disk, and not before', async () => {
  const answers: string[] = [];
  const first = write('a').then((name) => answers.push(name));
  await waitFor(() => flush.waiting.length === 1);
  await new Promise((resolve) => setImmediate(resolve));
  expect(answers).toEqual([]);
  flush.end();
  await first;
  expect(answers).toEqual(['a']);
});

test('what only read is answered at once', async () => {
  expect(await turns.run([], () => 'read')).toBe('read');
  expect(flush.waiting).toEqual([]);
});

test('a second group does not wait for the first: its flush may end before', async () => {
  const answers: string[] = [];
  const first = write('a').then((name) => answers.push(name));
  await waitFor(() => flush.waiting.length === 1);
  const second = write('b').then((name) => answers.push(name));
  await waitFor(() => flush.waiting.length === 2);
  flush.waiting.pop()?.();
  await second;
  expect(answers).toEqual(['b']);
  flush.end();
  await first;
});

test('where the disk is busy, what comes shares the next flush', async () => {
  const under = ['a', 'b', 'c', 'd'];
  const first: Promise<string>[] = [];
  for (const name of under) {
    first.push(write(name));
    await waitFor(() => flush.waiting.length === first.length);
  }
  const others = [write('e'), write('f'), write('g')];
  for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
  expect(flush.waiting.length).toBe(under.length);
  flush.end();
  expect(flush.waiting.length).toBe(under.length);
  while (flush.waiting.length > 0) flush.end();
  expect(await Promise.all([...first, ...others])).toEqual([...under, 'e', 'f', 'g']);
});

test('a flush that fails is told to everybody who waited for it', async () => {
  const lost = [write('a'), write('b')];
  await waitFor(() => flush.waiting.length === 1);
  flush.end(new Error('the disk is gone'));
  for (const answer of lost) await expect(answer).rejects.toThrow('the disk is gone');
});

test('closing waits for the flush', async () => {
  const first = write('a');
  await waitFor(() => flush.waiting.length === 1);
  let closed = false;
  const closing = turns.close().then(() => {
    closed = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(closed).toBe(false);
  flush.end();
  await Promise.all([first, closing]);
  expect(closed).toBe(true);
});

import { describe, expect, test } from 'vitest';
import { inOrder } from '../../../../src/blocks/dns/client/in-order.js';
import { waitFor } from '../../../helpers/wait-for.js';

async function* numbers(count: number): AsyncGenerator<number> {
  for (let i = 0; i < count; i++) yield i;
}

/** Work whose ends a test decides. */
function worker() {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  return {
    begun,
    end: (job: number) => ends.get(job)?.(),
    work: (job: number) => {
      begun.push(job);
      return new Promise<number>((resolve) => ends.set(job, () => resolve(job)));
    },
  };
}

describe('in order', () => {
  test('results come in the order of the things, whenever each is done', async () => {
    const { begun, end, work } = worker();
    const results: number[] = [];
    const all = (async () => {
      for await (const result of inOrder(numbers(6), work, { concurrency: 6 })) results.push(result);
    })();
    await waitFor(() => begun.length === 6);
    for (const job of [5, 3, 1]) end(job);
    expect(results).toEqual([]);
    end(0);
    await waitFor(() => results.length === 2);
    for (const job of [4, 2]) end(job);
    await all;
    expect(results).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('no more than so many are worked on at once; a slow one does not keep the others from going on', async () => {
    const { begun, end, work } = worker();
    const results: number[] = [];
    const all = (async () => {
      for await (const result of inOrder(numbers(6), work, { concurrency: 2 })) results.push(result);
    })();
    await waitFor(() => begun.length === 2);
    for (const job of [1, 2, 3, 4]) {
      await waitFor(() => begun.includes(job));
      expect(begun).toHaveLength(job + 1);
      end(job);
    }
    expect(results).toEqual([]);
    await waitFor(() => begun.length === 6);
    for (const job of [0, 5]) end(job);
    await all;
    expect(results).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test('results are given out while the next thing is still to come', async () => {
    let more: () => void = () => {};
    async function* slow(): AsyncGenerator<number> {
      yield 1;
      await new Promise<void>((resolve) => {
        more = resolve;
      });
      yield 2;
    }
    const results = inOrder(slow(), async (job) => job, { concurrency: 4 });
    expect(await results.next()).toEqual({ done: false, value: 1 });
    more();
    expect(await results.next()).toEqual({ done: false, value: 2 });
    expect((await results.next()).done).toBe(true);
  });

  test('an error of the things themselves ends it, after what came before', async () => {
    async function* broken(): AsyncGenerator<number> {
      yield 1;
      throw new Error('no more');
    }
    const results = inOrder(broken(), async (job) => job, { concurrency: 4 });
    await expect(
      (async () => {
        for await (const _ of results) {
          // All of them are taken.
        }
      })(),
    ).rejects.toThrow('no more');
  });

  test('whoever stops early lets the things stop, too', async () => {
    let stopped = false;
    async function* endless(): AsyncGenerator<number> {
      try {
        for (let i = 0; ; i++) yield i;
      } finally {
        stopped = true;
      }
    }
    for await (const result of inOrder(endless(), async (job) => job, { concurrency: 4 })) if (result === 100) break;
    expect(stopped).toBe(true);
  });
});

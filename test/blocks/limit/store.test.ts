import { renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { defineLimit } from '../../../src/blocks/limit/limit.js';
import { Folding } from '../../../src/blocks/limit/store/fold.js';
import { limiterFile } from '../../../src/blocks/limit/store/schema.js';
import { type LimiterStoreOptions, openLimiterStore } from '../../../src/blocks/limit/store.js';
import { systemRandom } from '../../../src/platform/clock.js';
import { openStore, type Store } from '../../../src/platform/store/store.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { makeTemporaryFolder } from '../../helpers/temporary-folder.js';

const SECOND_US = 1_000_000;
const DAY_US = 86_400 * SECOND_US;
const daily = defineLimit({ algorithm: 'gcra', count: 100, periodUs: DAY_US });

const demand = (key: string, limit = daily, cost = 1) => ({ scope: '', key, limit, cost });

describe('the limiter on a file', () => {
  let clock: ManualClock;
  let path: string;
  let opened: { close(): unknown }[];

  beforeEach(() => {
    const folder = makeTemporaryFolder();
    clock = new ManualClock();
    path = join(folder.path, 'limit.db');
    opened = [];
    return async () => {
      for (const thing of opened) await thing.close();
      folder.remove();
    };
  });

  function open(options: Partial<LimiterStoreOptions> = {}) {
    const limiter = openLimiterStore({ path, clock, random: systemRandom, ...options });
    opened.push(limiter);
    return limiter;
  }

  function openFile(options: { readonly busyTimeoutMs?: number } = {}): Store {
    const store = openStore(limiterFile, { path, ...options });
    opened.push(store);
    return store;
  }

  const count = (store: Store, table: 'journal' | 'bucket') =>
    store.read(() => store.statement<[], { n: number }>(`SELECT count(*) AS n FROM ${table}`).get()?.n);

  async function remaining(limiter: ReturnType<typeof open>, key: string, limit = daily) {
    return (await limiter.peek([demand(key, limit, 0)])).decisions[0]?.remaining;
  }

  describe('what costs a write', () => {
    test('decisions of one turn are one journal row', async () => {
      const limiter = open();
      await Promise.all(Array.from({ length: 50 }, (_, i) => limiter.check([demand(`user ${i % 7}`)])));
      expect(count(limiter.file, 'journal')).toBe(1);
    });

    test('a refusal and a look write nothing', async () => {
      const limiter = open();
      await limiter.check([demand('user', daily, 100)]);
      const before = statSync(`${path}-wal`).mtimeMs;
      for (let i = 0; i < 20; i++) await limiter.check([demand('user')]);
      await limiter.peek([demand('user')]);
      expect(count(limiter.file, 'journal')).toBe(1);
      expect(statSync(`${path}-wal`).mtimeMs).toBe(before);
    });

    test.each([false, true])('refusals are not lost in the end (a one-shot command: %s)', async (oneShot) => {
      const limiter = open({ oneShot });
      await limiter.check([demand('user', daily, 100)]);
      await limiter.check([demand('user')]);
      await limiter.close();
      const [report] = (await open().inspect('user')).reports;
      expect(report).toMatchObject({ allowedTotal: 1, limitedTotal: 1 });
      expect(report?.recent.map(({ allowed }) => allowed)).toEqual([false, true]);
    });

    test('refusals go along with the next commit', async () => {
      const limiter = open();
      await limiter.check([demand('user', daily, 100)]);
      await limiter.check([demand('user')]);
      await limiter.check([demand('other')]);
      const [report] = (await open().inspect('user')).reports;
      expect(report?.limitedTotal).toBe(1);
    });
  });

  describe('two processes on one file', () => {
    test('count together', async () => {
      const [here, there] = [open(), open()];
      for (let i = 0; i < 50; i++) {
        await here.check([demand('user')]);
        await there.check([demand('user')]);
      }
      expect(await here.check([demand('user')])).toMatchObject({ allowed: false });
      expect(await there.check([demand('user')])).toMatchObject({ allowed: false });
      expect((await there.inspect('user')).reports[0]).toMatchObject({ allowedTotal: 100, limitedTotal: 1 });
    });

    test('see what the other one folded, reset and blocked', async () => {
      const [here, there] = [open(), open()];
      await here.check([demand('user', daily, 30), demand('gone', daily, 30)]);
      await there.check([demand('user', daily, 30)]);
      await there.counts();
      await there.check([demand('user', daily, 30)]);
      await there.reset('gone');
      await there.block('bad', DAY_US);
      expect(count(there.file, 'bucket')).toBe(2);
      expect(await remaining(here, 'user')).toBe(10);
      expect(await remaining(here, 'gone')).toBe(100);
      expect((await here.check([demand('bad')])).allowed).toBe(false);
      await there.block('bad', 0);
      expect((await here.check([demand('bad')])).allowed).toBe(true);
    });

    test('a refusal that was not written yet takes nothing back of what the other one counted', async () => {
      const [here, there] = [open(), open()];
      await here.check([demand('user', daily, 60)]);
      await here.check([demand('user', daily, 50)]);
      await there.check([demand('user', daily, 30)]);
      await here.close();
      expect(await remaining(there, 'user')).toBe(10);
      expect(await remaining(open(), 'user')).toBe(10);
    });
  });

  describe('folding', () => {
    test('a place that was given back is remembered, whatever is folded right after', async () => {
      const limit = defineLimit({ algorithm: 'concurrency', count: 2, periodUs: 60 * SECOND_US });
      const limiter = open();
      const { decisions } = await limiter.check([demand('builds', limit)]);
      const lease = decisions[0]?.lease ?? 0;
      await limiter.refund({ ...demand('builds', limit), lease });
      await limiter.counts();
      await limiter.close();
      const { reports } = await open({ oneShot: true }).inspect('builds');
      expect(reports.map(({ key, allowedTotal }) => [key, allowedTotal])).toEqual([['builds', 1]]);
    });

    test('moves the journal into the buckets, and loses nothing', async () => {
      const limiter = open();
      const keys = Array.from({ length: 3000 }, (_, i) => `user ${i}`);
      for (let round = 0; round < 3; round++) await Promise.all(keys.map((key) => limiter.check([demand(key)])));
      expect(await limiter.counts()).toEqual({ keys: 3000, blocked: 0 });
      expect([count(limiter.file, 'journal'), count(limiter.file, 'bucket')]).toEqual([0, 3000]);
      await limiter.check([demand('user 7')]);
      await limiter.close();
      const again = open();
      expect(await remaining(again, 'user 7')).toBe(96);
      expect(await remaining(again, 'user 8')).toBe(97);
      expect(again.file.quickCheck()).toEqual([]);
    });

    test('happens by itself when the journal has grown', async () => {
      const limiter = open();
      const keys = Array.from({ length: 2000 }, (_, i) => `user ${i}`);
      const most = defineLimit({ algorithm: 'sliding-log', count: 5000, periodUs: DAY_US });
      for (let round = 0; round < 40; round++) {
        clock.advance(1);
        await Promise.all(keys.map((key) => limiter.check([demand(key, most)])));
      }
      const journalBytes = () =>
        limiter.file.read(
          () => limiter.file.statement<[], { n: number }>('SELECT sum(length(entries)) AS n FROM journal').get()?.n,
        );
      expect(count(limiter.file, 'bucket')).toBe(2000);
      expect(journalBytes()).toBeLessThan(16 * 1024 * 1024);
      expect(await remaining(limiter, 'user 0', most)).toBe(4960);
    });

    test('that was overtaken overwrites nothing newer, and brings nothing back that was reset', async () => {
      const limiter = open();
      await limiter.check([demand('user', daily, 10), demand('gone', daily, 10), demand('late', daily, 10)]);
      const slow = new Folding(openFile());
      slow.start();
      // It has read the journal, and written one of three.
      for (let steps = 0; steps < 2; steps++) expect(slow.step(1, clock.micros())).toBe(false);
      await limiter.check([demand('user', daily, 10)]);
      await limiter.reset('gone');
      await limiter.reset('late');
      await limiter.counts();
      // The hand of the other one may have deleted the resets' records by now.
      await limiter.check([demand('somebody else')]);
      await limiter.counts();
      expect(count(limiter.file, 'bucket')).toBe(2);
      while (!slow.step(1, clock.micros()));
      await limiter.close();
      const again = open();
      expect(await remaining(again, 'user')).toBe(80);
      expect(await remaining(again, 'gone')).toBe(100);
      expect(await remaining(again, 'late')).toBe(100);
    });

    test('one-shot processes keep the journal short between them', async () => {
      for (let i = 0; i < 300; i++) {
        const limiter = open({ oneShot: true, sync: 'normal' });
        await limiter.check([demand(`user ${i % 3}`)]);
        await limiter.close();
      }
      const file = openFile();
      expect(count(file, 'journal')).toBeLessThan(260);
      const limiter = open();
      expect(await remaining(limiter, 'user 0')).toBe(0);
    });

    test('deletes keys that are as new, and the file stays small', async () => {
      const limiter = open({ cacheBytes: 1_000_000 });
      const short = defineLimit({ algorithm: 'fixed-window', count: 5, periodUs: SECOND_US });
      const sizes: number[] = [];
      for (let round = 0; round < 12; round++) {
        await Promise.all(Array.from({ length: 3000 }, (_, i) => limiter.check([demand(`user ${round}/${i}`, short)])));
        clock.advance(120_000);
        await limiter.counts();
        sizes.push(count(limiter.file, 'bucket') ?? 0);
      }
      expect(sizes.at(-1)).toBeLessThanOrEqual(9000);
      expect(await limiter.counts()).toEqual({ keys: 0, blocked: 0 });
    });
  });

  describe('what cannot be written is not counted', () => {
    test('a full disk', async () => {
      const limiter = open({ maxPages: 60 });
      const results: PromiseSettledResult<unknown>[] = [];
      const keys = Array.from({ length: 4000 }, (_, i) => `user ${i}`);
      for (let from = 0; from < keys.length; from += 100) {
        const some = keys.slice(from, from + 100);
        results.push(...(await Promise.allSettled(some.map((key) => limiter.check([demand(key)])))));
      }
      expect(results.at(-1)).toMatchObject({ reason: { code: 'storage.full' } });
      await limiter.close();
      const roomy = open();
      for (const [index, key] of keys.entries()) {
        const expected = results[index]?.status === 'fulfilled' ? 99 : 100;
        expect([key, await remaining(roomy, key)]).toEqual([key, expected]);
      }
    });

    test('a file that another process has locked', async () => {
      const limiter = open({ busyTimeoutMs: 0 });
      await limiter.check([demand('user')]);
      const other = openFile();
      other.statement<[]>('BEGIN IMMEDIATE').run();
      await expect(limiter.check([demand('user')])).rejects.toMatchObject({ code: 'storage.locked' });
      other.statement<[]>('ROLLBACK').run();
      expect(await remaining(limiter, 'user')).toBe(99);
      expect(await limiter.check([demand('user')])).toMatchObject({ allowed: true, decisions: [{ remaining: 98 }] });
    });

    test('a file that was replaced', async () => {
      const limiter = open();
      await limiter.check([demand('user')]);
      renameSync(path, `${path}.old`);
      await expect(limiter.check([demand('user')])).rejects.toMatchObject({ code: 'storage.replaced' });
      expect(() => limiter.checkReady()).toThrow(expect.objectContaining({ code: 'storage.replaced' }));
    });
  });

  test.each([3999, 4000, 4001])('%d keys are counted, in however many slices', async (keys) => {
    const limiter = open();
    const limit = defineLimit({ algorithm: 'gcra', count: 5, periodUs: 60e6 });
    await Promise.all(
      Array.from({ length: keys }, (_, i) => limiter.check([{ scope: '', key: `k${i}`, limit, cost: 1 }])),
    );
    expect(await limiter.counts()).toEqual({ keys, blocked: 0 });
    await limiter.close();
  });

  test('a cache without room counts as one with', async () => {
    const [small, large] = [open({ cacheBytes: 0 }), open()];
    for (let i = 0; i < 400; i++) {
      const limiter = i % 3 === 0 ? large : small;
      await limiter.check([demand(`user ${i % 20}`)]);
      if (i % 50 === 49) await limiter.counts();
    }
    for (let i = 0; i < 20; i++) expect(await remaining(small, `user ${i}`)).toBe(80);
  });

  test('after close operations are refused', async () => {
    const limiter = open();
    await limiter.close();
    await expect(limiter.check([demand('user')])).rejects.toMatchObject({ code: 'storage.closed' });
  });

  test('what was asked for before close is answered', async () => {
    const limiter = open();
    const asked = limiter.check([demand('user')]);
    await limiter.close();
    expect((await asked).allowed).toBe(true);
    expect(await remaining(open(), 'user')).toBe(99);
  });
});

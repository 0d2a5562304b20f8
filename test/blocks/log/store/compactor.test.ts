import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EntryBatchBuilder } from '../../../../src/blocks/log/entry-batch.js';
import { compact } from '../../../../src/blocks/log/store/compactor.js';
import { applyRetention, purge } from '../../../../src/blocks/log/store/retention.js';
import { RetentionTime } from '../../../../src/blocks/log/store/retention-time.js';
import { storedOrigins } from '../../../../src/blocks/log/store/stored-origins.js';
import { readTenantTotals, readTotals } from '../../../../src/blocks/log/store/totals.js';
import { ManualClock } from '../../../helpers/manual-clock.js';
import { linesOf, noTotals, openTestStore, scanAll } from './open-store.js';
import {
  allSeen,
  anyBatch,
  batchOf,
  HOUR,
  labels,
  NOON,
  readFrom,
  SECOND,
  type Seen,
  sortedByTime,
} from './samples.js';

const key = (entry: Seen) => JSON.stringify(entry, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
const sorted = (entries: readonly Seen[]) => entries.map(key).sort();
const whole = {
  start: NOON - HOUR,
  end: NOON + 1000n * HOUR,
  matchers: [],
  direction: 'forward',
  required: [],
} as const;

describe('the compactor', () => {
  test('leaves each entry as it was, and once, whatever it merges', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyBatch, { minLength: 2, maxLength: 6 }), async (batches) => {
        const store = openTestStore();
        for (const batch of batches) await store.append('fake', batch);
        const expected = sorted(batches.flatMap(allSeen));
        await compact(store, { all: true });
        expect(sorted(await scanAll(store))).toEqual(expected);
        expect(readTotals(store.sql)).toMatchObject({ blocks: 1, entries: expected.length });
      }),
      { numRuns: 12 },
    );
  });

  test('merges many small blocks into full ones, in few steps, with filters', async () => {
    const store = openTestStore();
    const line = (i: number) => `${i} ${'some words of a request '.repeat(8)}`;
    for (let i = 0; i < 400; i++)
      await store.append('fake', batchOf([line(2 * i), line(2 * i + 1)], NOON + BigInt(i) * 2n * SECOND));
    await compact(store);
    const before = readTotals(store.sql);
    expect(before.blocks).toBeLessThan(40);
    await compact(store, { all: true });
    const { blocks, rawBytes, storedBytes } = readTotals(store.sql);
    expect(blocks).toBe(1);
    expect(storedBytes).toBeLessThan(rawBytes / 10);
    const levels = store.sql.statement<[], { level: number }>('SELECT max(level) AS level FROM blocks').get();
    expect(levels?.level).toBeLessThan(6);
    const totals = noTotals();
    await scanAll(store, { required: [{ text: 'absent', closedLeft: true, closedRight: true }] }, { totals });
    expect(totals).toMatchObject({ blocks: 0, skippedBlocks: 1 });
    expect(linesOf(await scanAll(store))).toEqual(Array.from({ length: 800 }, (_, i) => line(i)));
  });

  test('counts metadata, so that no block becomes larger than can be read, also in a file of the first schema', async () => {
    const store = openTestStore();
    const stream = labels({ app: 'shop' });
    const push = (from: number, count: number) => {
      const builder = new EntryBatchBuilder();
      for (let i = from; i < from + count; i++) {
        const metadata = labels({ body: `${i} `.repeat(2500).slice(0, 10_000) });
        builder.add({ timestamp: NOON + BigInt(i) * SECOND, line: 'x', stream, metadata });
      }
      return builder.build();
    };
    const pushes = [...Array.from({ length: 40 }, (_, i) => push(3 * i, 3)), push(120, 100)];
    for (const batch of pushes) await store.append('fake', batch);
    store.sql.write(() => {
      for (const sql of [
        'DROP INDEX blocks_small',
        'CREATE INDEX blocks_small ON blocks (tenant, first) WHERE retired IS NULL AND raw_bytes < 131072',
        'PRAGMA user_version = 1',
      ])
        store.sql.statement<[]>(sql).run();
    });
    const again = openTestStore({ path: store.sql.path });
    await compact(again, { all: true });
    const sizes = again.sql
      .statement<[], { size: number }>('SELECT size FROM blocks WHERE retired IS NULL')
      .all()
      .map(({ size }) => size);
    expect(sizes).toHaveLength(8);
    expect(Math.max(...sizes)).toBeLessThan(400_000);
    expect(await scanAll(again)).toEqual(pushes.flatMap(allSeen));
  });

  test('does not stretch a block over full ones of other days', async () => {
    const store = openTestStore();
    const full = Array.from({ length: 1500 }, (_, i) => `full ${i} ${'x'.repeat(100)}`);
    for (const day of [0n, 1n, 2n]) await store.append('fake', batchOf(full, NOON + day * 24n * HOUR));
    await store.append('fake', batchOf(['late'], NOON - 2n * HOUR));
    await store.append('fake', batchOf(['in time'], NOON + 50n * HOUR));
    await compact(store, { all: true });
    expect(readTotals(store.sql).blocks).toBe(5);
  });

  test('changes nothing for who began to read before, or has seen what arrived', async () => {
    const clock = new ManualClock();
    const store = openTestStore({ clock });
    for (let i = 0; i < 20; i++) await store.append('fake', batchOf([`line ${i}`], NOON + BigInt(i) * SECOND));
    const found: string[] = [];
    for await (const { batch } of store.source('fake').scan(whole, noTotals())) {
      found.push(...linesOf(allSeen(batch)));
      if (found.length > 1) continue;
      await compact(store, { all: true });
      await applyRetention(store, { mostBytes: 0 });
      await purge(store);
    }
    expect(found).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i}`));
    expect(await scanAll(store)).toEqual([]);
  });

  test('two at once merge each block once', async () => {
    const store = openTestStore();
    const other = openTestStore({ path: store.sql.path });
    for (let i = 0; i < 40; i++) await store.append('fake', batchOf([`line ${i}`], NOON + BigInt(i) * SECOND));
    await Promise.all([compact(store, { all: true }), compact(other, { all: true })]);
    expect(linesOf(await scanAll(other))).toEqual(Array.from({ length: 40 }, (_, i) => `line ${i}`));
  });

  test('leaves a damaged block alone, merges the others, its neighbours too, and says so', async () => {
    const store = openTestStore();
    for (let i = 0; i < 20; i++) await store.append('fake', batchOf([`line ${i}`], NOON + BigInt(i) * SECOND));
    for (let i = 0; i < 20; i++) await store.append('other', batchOf([`line ${i}`], NOON + BigInt(i) * SECOND));
    store.sql.write(() => store.sql.statement<[]>('UPDATE blocks SET crc = crc + 1 WHERE id = 3').run());
    await expect(compact(store)).rejects.toMatchObject({ code: 'log.damaged_block' });
    expect(readTenantTotals(store.sql)).toMatchObject([
      { tenant: 'fake', blocks: 2, entries: 20 },
      { tenant: 'other', blocks: 1, entries: 20, streams: 1, first: NOON, last: NOON + 19n * SECOND },
    ]);
  });
});

describe('retention', () => {
  test('removes what is too old, and the oldest where there is too much, and notes what it was of', async () => {
    const clock = new ManualClock(Number(NOON / 1_000_000n));
    const store = openTestStore({ clock });
    for (let i = 0; i < 4; i++) {
      const text = `old ${i}\nother ${i}\n`;
      await store.append('fake', readFrom(1, text, i * text.length, NOON + BigInt(i) * HOUR));
    }
    await store.append('other', batchOf(['new'], NOON + 3n * HOUR, labels({ app: 'new' })));
    clock.advance(3 * 3_600_000);
    expect(await applyRetention(store, { keepMs: 5_400_000 })).toMatchObject({ blocks: 2, entries: 4 });
    expect(linesOf(await scanAll(store))).toEqual(['old 2', 'other 2', 'old 3', 'other 3']);
    expect(store.removed(1)).toEqual([{ from: 0, to: 28, entries: 4 }]);
    const { storedBytes } = readTotals(store.sql);
    expect(await applyRetention(store, { mostBytes: storedBytes - 1 })).toMatchObject({ blocks: 1 });
    expect(store.removed(1)).toEqual([{ from: 0, to: 42, entries: 6 }]);
    const stored: number[] = [];
    for await (const { offsets } of storedOrigins(store, 1)) stored.push(...offsets);
    expect(stored).toEqual([42, 48]);
  });

  test('takes what is of the future as old as its arrival, however far ahead the clock was then', async () => {
    const clock = new ManualClock(Number(NOON / 1_000_000n));
    const store = openTestStore({ clock });
    const [day, year] = [86_400_000, 365 * 86_400_000];
    const nanosNow = () => BigInt(clock.now()) * 1_000_000n;
    await store.append('fake', batchOf(['of a sender whose clock is ahead'], NOON + BigInt(9 * year) * 1_000_000n));
    clock.step(year);
    await store.append('fake', batchOf(['by our clock, a year ahead'], nanosNow()));
    clock.step(-year);
    clock.advance(day);
    await store.append('fake', batchOf(['now'], nanosNow()));
    expect(await applyRetention(store, { keepMs: 2 * day })).toMatchObject({ blocks: 0 });
    clock.advance(day + 1);
    await store.append('fake', batchOf(['later'], nanosNow()));
    expect(await applyRetention(store, { keepMs: 2 * day })).toMatchObject({ blocks: 1 });
    const { storedBytes } = readTotals(store.sql);
    expect(await applyRetention(store, { mostBytes: storedBytes - 1 })).toMatchObject({ blocks: 1 });
    expect(linesOf(await scanAll(store))).toEqual(['now', 'later']);
    clock.step(year);
    await applyRetention(store, { mostBytes: 0 });
    clock.step(-year);
    for (let i = 0; i < 3; i++) {
      await purge(store);
      clock.advance(100_000);
    }
    expect(store.sql.statement<[]>('SELECT id FROM blocks').all()).toEqual([]);
  });

  test('counts from before a leap of the clock, across starts, until the clock comes back or has stayed ahead for a day', async () => {
    const clock = new ManualClock(Number(NOON / 1_000_000n));
    const store = openTestStore({ clock });
    const noon = clock.now();
    const [hour, tenYears] = [3_600_000, 3_650 * 86_400_000];
    const time = new RetentionTime(store);
    expect(await time.look()).toBe(noon);
    clock.advance(hour);
    expect([await time.look(), time.isHeld]).toEqual([noon + hour, false]);
    clock.step(tenYears);
    clock.advance(hour);
    expect([await time.look(), time.isHeld]).toEqual([noon + 2 * hour, true]);
    const restarted = new RetentionTime(store);
    for (let hours = 1; hours < 23; hours++) {
      clock.advance(hour);
      expect([await restarted.look(), restarted.isHeld]).toEqual([noon + (2 + hours) * hour, true]);
    }
    clock.step(-tenYears);
    expect([await time.look(), time.isHeld]).toEqual([noon + 24 * hour, false]);
    clock.step(tenYears);
    for (let hours = 1; hours <= 24; hours++) {
      clock.advance(hour);
      expect([await time.look(), time.isHeld]).toEqual([noon + (24 + hours) * hour, true]);
    }
    clock.advance(hour);
    expect([await time.look(), time.isHeld]).toEqual([clock.now(), false]);
  });

  test('does not believe a clock that is far ahead of the newest entry, at the first look either', async () => {
    const clock = new ManualClock(Number(NOON / 1_000_000n));
    const store = openTestStore({ clock });
    await store.append('fake', batchOf(['one'], NOON));
    clock.step(400 * 86_400_000);
    const time = new RetentionTime(store);
    expect([await time.look(), time.isHeld]).toEqual([Number(NOON / 1_000_000n), true]);
  });

  test('deletes rows and streams only when nobody can be reading them', async () => {
    const clock = new ManualClock(Number(NOON / 1_000_000n));
    const store = openTestStore({ clock });
    const rows = () => store.sql.statement<[], { n: number }>('SELECT count(*) AS n FROM blocks').get()?.n;
    await store.append('fake', batchOf(['one', 'two'], NOON, labels({ app: 'old' })));
    const reading = store.source('fake').scan(whole, noTotals())[Symbol.asyncIterator]();
    await reading.next();
    for (let i = 0; i < 6; i++) {
      clock.advance(40_000);
      if (i === 0) await applyRetention(store, { mostBytes: 0 });
      await purge(store);
    }
    expect(rows()).toBe(1);
    await reading.return?.();
    await purge(store);
    expect(rows()).toBe(0);
    expect(store.sql.statement<[]>('SELECT * FROM streams').all()).toEqual([]);
    await store.append('fake', batchOf(['again'], NOON, labels({ app: 'old' })));
    expect(sortedByTime(await scanAll(store))).toMatchObject([{ line: 'again', stream: '[["app","old"]]' }]);
  });
});

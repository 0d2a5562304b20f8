import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { labelsKey } from '../../../../src/blocks/log/labels.js';
import { arrivals } from '../../../../src/blocks/log/store/arrivals.js';
import { querySql } from '../../../../src/blocks/log/store/sql.js';
import { equals, linesOf, noTotals, openTestStore, scanAll } from './open-store.js';
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

describe('a scan', () => {
  test('gives all entries of a tenant in the range and of the streams asked for, each once, in both directions', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyBatch, { minLength: 1, maxLength: 4 }),
        fc.bigInt({ min: NOON - 10n * SECOND, max: NOON + 100n * SECOND }),
        fc.bigInt({ min: 0n, max: 2n ** 63n }),
        fc.constantFrom('', 'a', 'b', 'c'),
        async (batches, start, span, app) => {
          const store = openTestStore();
          await Promise.all(batches.map((batch) => store.append('fake', batch)));
          await store.append('other', batchOf(['not yours'], NOON));
          const range = { start, end: start + span };
          const streams = new Map([
            ['a', '[["app","a"]]'],
            ['b', '[["app","b"],["host","x"]]'],
          ]);
          const expected = batches
            .flatMap(allSeen)
            .filter(({ timestamp }) => timestamp >= range.start && timestamp < range.end)
            .filter((entry) => app === '' || entry.stream === streams.get(app));
          const matchers = app === '' ? [] : [equals('app', app)];
          for (const direction of ['forward', 'backward'] as const)
            expect(sorted(await scanAll(store, { ...range, matchers, direction }))).toEqual(sorted(expected));
        },
      ),
      { numRuns: 25 },
    );
  });

  test('decompresses only blocks of the time, the streams and the texts asked for', async () => {
    const store = openTestStore();
    const shop = labels({ app: 'shop', host: 'a' });
    const lines = (word: string) => Array.from({ length: 2000 }, (_, i) => `${word} ${i} ${'x'.repeat(i % 40)} done`);
    await store.append('fake', batchOf(lines('first'), NOON, shop));
    await store.append('fake', batchOf(lines('second'), NOON + 10n * HOUR, shop));
    await store.append('fake', batchOf(lines('third'), NOON + 20n * HOUR, labels({ app: 'api' })));
    const ask = async (request: Parameters<typeof scanAll>[1]) => {
      const totals = noTotals();
      const found = await scanAll(store, request, { totals });
      return [found.length, totals.blocks, totals.skippedBlocks];
    };
    expect(await ask({ start: NOON + 10n * HOUR, end: NOON + 11n * HOUR })).toEqual([2000, 1, 0]);
    expect(await ask({ matchers: [equals('app', 'api')] })).toEqual([2000, 1, 2]);
    expect(await ask({ matchers: [equals('app', 'none')] })).toEqual([0, 0, 0]);
    const required = [{ text: 'second 17', closedLeft: true, closedRight: false }];
    expect(await ask({ required })).toEqual([2000, 1, 2]);
    expect(await ask({ matchers: [equals('host', '')] })).toEqual([2000, 1, 2]);
  });

  test('is of the state in which it began, whoever stores meanwhile', async () => {
    const store = openTestStore();
    for (let i = 0; i < 6; i++) await store.append('fake', batchOf([`early ${i}`], NOON + BigInt(i) * SECOND));
    const found: string[] = [];
    const whole = { start: NOON, end: NOON + HOUR, matchers: [], direction: 'forward', required: [] } as const;
    for await (const { batch } of store.source('fake').scan(whole, noTotals())) {
      found.push(...linesOf(allSeen(batch)));
      await store.append('fake', batchOf(['late'], NOON + 30n * SECOND));
    }
    expect(found).toEqual(['early 0', 'early 1', 'early 2', 'early 3', 'early 4', 'early 5']);
    expect(await scanAll(store)).toHaveLength(12);
  });

  test('hands out blocks that overlap so that they can be merged by the frontier', async () => {
    const store = openTestStore();
    await store.append('fake', batchOf(['a1', 'a2', 'a3', 'a4'], NOON));
    await store.append('fake', batchOf(['b1', 'b2'], NOON + SECOND));
    await store.append('fake', batchOf(['c1'], NOON + 60n * SECOND));
    const frontiers: bigint[] = [];
    const whole = { start: NOON, end: NOON + HOUR, matchers: [], direction: 'forward', required: [] } as const;
    for await (const { frontier } of store.source('fake').scan(whole, noTotals()))
      frontiers.push((frontier - NOON) / SECOND);
    expect(frontiers).toEqual([1n, 60n, 3600n]);
  });

  test('leaves a damaged block out, and says so, and so do SQL and arrivals', async () => {
    const store = openTestStore();
    const { damage, sql } = store;
    const after = store.state();
    for (let i = 0; i < 5; i++) await store.append('fake', batchOf([`${i}`], NOON + BigInt(i) * SECOND));
    sql.write(() => sql.statement<[]>('UPDATE blocks SET crc = crc + 1 WHERE id IN (2, 4)').run());
    const totals = noTotals();
    expect(linesOf(await scanAll(store, {}, { totals }))).toEqual(['0', '2', '4']);
    expect(totals).toMatchObject({ blocks: 3, damagedBlocks: 2, entries: 3 });
    expect(damage.error).toMatchObject({
      code: 'log.damaged_block',
      message: expect.stringMatching(/^block 2 .*; and so is another one$/),
    });
    const all: unknown[] = [];
    const asked = querySql(sql.path, 'SELECT line FROM log_entries', ({ rows }) => all.push(...rows));
    await expect(asked).rejects.toMatchObject({ code: 'log.damaged_block' });
    expect(all).toEqual([['0'], ['2'], ['4']]);
    const stop = new AbortController();
    const arrived: string[] = [];
    for await (const arrival of arrivals(store, { tenant: 'fake', after, signal: stop.signal })) {
      if (arrival.kind === 'entries') arrived.push(...linesOf(allSeen(arrival.batch)));
      if (arrived.at(-1) === '4') stop.abort();
    }
    expect(arrived).toEqual(['0', '2', '4']);
  });

  test('ends its work when nobody wants more of it', async () => {
    const store = openTestStore();
    for (let i = 0; i < 5; i++) await store.append('fake', batchOf([`${i}`], NOON + BigInt(i) * SECOND));
    const totals = noTotals();
    const whole = { start: NOON, end: NOON + HOUR, matchers: [], direction: 'backward', required: [] } as const;
    for await (const { batch } of store.source('fake').scan(whole, totals)) {
      expect(linesOf(allSeen(batch))).toEqual(['4']);
      break;
    }
    expect(totals.blocks).toBeLessThan(5);
  });
});

describe('what is stored', () => {
  test('keeps where it was read, in order of time', async () => {
    const store = openTestStore();
    const batch = readFrom(3, 'one\ntwo\nthree\n', 100, NOON);
    await store.append('fake', batch);
    expect(await scanAll(store)).toEqual(sortedByTime(allSeen(batch)));
  });

  test('is stored with what others do in the same transaction, or not at all', async () => {
    const store = openTestStore();
    const prepared = await store.prepare('fake', batchOf(['one'], NOON, labels({ app: 'new' })));
    const undone = store.commit(() => {
      store.insert(prepared);
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    expect(await scanAll(store)).toEqual([]);
    await store.commit(() => {
      store.insert(prepared);
      store.sql.statement<[]>("UPDATE setting SET value = 7 WHERE name = 'lost_arrival'").run();
    });
    expect(await scanAll(store)).toMatchObject([{ line: 'one', stream: labelsKey(labels({ app: 'new' })) }]);
  });

  test('is refused when the file is full; what is small enough is still taken', async () => {
    const store = openTestStore({ maxPages: 90 });
    const stream = labels({ app: 'full' });
    const noise = batchOf([randomBytes(400_000).toString('latin1')], NOON, stream);
    await expect(store.append('fake', noise)).rejects.toMatchObject({ code: 'storage.full' });
    await store.append('fake', batchOf(['small'], NOON, stream));
    expect(await scanAll(store)).toMatchObject([{ line: 'small', stream: labelsKey(stream) }]);
  });
});

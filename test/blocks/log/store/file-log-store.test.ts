import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { EntryBatchBuilder } from '../../../../src/blocks/log/entry-batch.js';
import type { Labels } from '../../../../src/blocks/log/labels.js';
import { openLogStore } from '../../../../src/blocks/log/store.js';
import { systemClock } from '../../../../src/platform/clock.js';
import { temporaryFolder } from '../../../helpers/temporary-folder.js';
import { batchOf, HOUR, labels, NOON, SECOND } from './samples.js';

const range = { start: NOON, end: NOON + HOUR };

async function openLogs() {
  const path = join(temporaryFolder(), 'log.db');
  const open = async (tenant: string) => {
    const logs = await openLogStore({ path, clock: systemClock, tenant });
    onTestFinished(() => logs.close());
    return logs;
  };
  return { mine: await open('mine'), other: await open('other') };
}

async function take<T>(items: AsyncIterable<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) if (taken.push(item) === count) break;
  return taken;
}

describe('the logs of a tenant', () => {
  test('are queried by LogQL: entries, numbers, labels, series; those of another tenant are not seen', async () => {
    const { mine, other } = await openLogs();
    await mine.append(batchOf(['GET /a 200', 'GET /b 500', 'GET /a 500'], NOON, labels({ app: 'shop', host: 'a' })));
    await mine.append(batchOf(['start', 'stop 500'], NOON + SECOND, labels({ app: 'cron' })));
    await other.append(batchOf(['GET /secret 500'], NOON, labels({ app: 'shop', host: 'z' })));
    const lines = async (query: string, direction: 'forward' | 'backward', limit = 10) =>
      (await take(mine.entries({ ...range, query, direction, limit }), 10)).map(({ line }) => line);
    expect(await lines('{app=~".+"} |= "500"', 'forward')).toEqual(['GET /b 500', 'GET /a 500', 'stop 500']);
    expect(await lines('{app="shop"}', 'backward', 2)).toEqual(['GET /a 500', 'GET /b 500']);
    const { result, totals } = await mine.metric({
      ...range,
      end: NOON + HOUR,
      query: 'sum by (app) (count_over_time({app=~".+"}[2h]))',
    });
    expect(result).toMatchObject({
      kind: 'vector',
      series: [
        { labels: { app: 'cron' }, values: [2] },
        { labels: { app: 'shop' }, values: [3] },
      ],
    });
    expect(totals).toMatchObject({ blocks: 2, entries: 5 });
    expect(await mine.labelNames(range)).toEqual(['app', 'host']);
    expect(await mine.labelValues('app', range)).toEqual(['cron', 'shop']);
    expect(await mine.labelValues('app', { start: NOON + HOUR, end: NOON + 2n * HOUR })).toEqual([]);
    expect(await mine.series(['{host="a"}'], range)).toEqual([labels({ app: 'shop', host: 'a' })]);
  });

  test('are found by a value of their metadata, or of their stream, in the blocks that have it alone', async () => {
    const { mine } = await openLogs();
    const add = async (trace: string, from: bigint, stream: Labels) => {
      const builder = new EntryBatchBuilder();
      for (let i = 0; i < 1_000; i++) {
        const metadata = labels({ trace_id: `${trace}-${i}` });
        builder.add({
          timestamp: from + BigInt(i),
          line: `a line of some length ${i} ${'-'.repeat(40)}`,
          stream,
          metadata,
        });
      }
      await mine.append(builder.build());
    };
    for (const [index, trace] of ['aaaa1', 'bbbb2', 'cccc3'].entries())
      await add(trace, NOON + BigInt(index) * SECOND, labels({ app: 'shop' }));
    await add('dddd4', NOON + 4n * SECOND, labels({ app: 'shop', trace_id: 'bbbb2-7' }));
    const ask = async (query: string) => {
      const { result, totals } = await mine.metric({ ...range, query: `sum(count_over_time(${query}[2h]))` });
      return [result.kind === 'scalar' ? [] : result.series.map(({ values }) => values[0]), totals.blocks];
    };
    expect(await ask('{app="shop"} | trace_id="cccc3-500"')).toEqual([[1], 1]);
    expect(await ask('{app="shop"} | trace_id="bbbb2-7"')).toEqual([[1001], 2]);
    expect(await ask('{app="shop"} | trace_id="eeee5-1"')).toEqual([[], 0]);
  });

  test('are followed: what there is, then what arrives, until the signal', async () => {
    const { mine } = await openLogs();
    const stop = new AbortController();
    for (const line of ['one yes', 'two yes', 'three']) await mine.append(batchOf([line], NOON));
    const request = { query: '{app="shop"} |= "yes"', start: NOON, signal: stop.signal };
    const following = take(mine.tail(request), 3);
    const latest = take(mine.tail({ ...request, history: 1 }), 2);
    const ended = take(mine.tail({ ...request, start: NOON + HOUR }), 9);
    await mine.append(batchOf(['no', 'four yes'], NOON));
    expect((await following).map(({ line }) => line)).toEqual(['one yes', 'two yes', 'four yes']);
    expect((await latest).map(({ line }) => line)).toEqual(['two yes', 'four yes']);
    stop.abort();
    expect((await ended).map(({ line }) => line)).toEqual(['four yes']);
  });
});

import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
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

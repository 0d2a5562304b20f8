import { describe, expect, it } from 'vitest';
import { makeLabels } from '../../../../src/blocks/log/labels.js';
import { parseQuery, runMetricQuery } from '../../../../src/blocks/log/logql/index.js';
import { CellCount } from '../../../../src/blocks/log/logql/metric/matrix.js';
import { evaluateRange } from '../../../../src/blocks/log/logql/metric/range-vector.js';
import { makeSteps } from '../../../../src/blocks/log/logql/metric/steps.js';
import { entry, type MemoryEntry, MemorySource, noTotals } from './memory-source.js';

const SECOND = 1_000_000_000n;
const app = (name: string, more: Record<string, string> = {}) => ({ app: name, ...more });

/** `{app="a"} 1@0 2@1` as a table of series, points as value@second. */
async function ask(
  query: string,
  entries: readonly MemoryEntry[],
  [start, end, step]: readonly [number, number, number?],
  blockSize?: number,
) {
  const request = {
    start: BigInt(start) * SECOND,
    end: BigInt(end) * SECOND,
    step: step === undefined ? undefined : BigInt(step) * SECOND,
    now: Date.now,
  };
  const result = await runMetricQuery(new MemorySource(entries, blockSize), query, request, noTotals());
  if (result.kind === 'scalar') return `scalar ${result.value}`;
  const series = result.series.map(({ labels, timestamps, values }) => {
    const names = Object.keys(labels)
      .sort()
      .map((name) => `${name}=${labels[name]}`);
    return `{${names.join(',')}} ${timestamps.map((time, i) => `${Number((values[i] ?? 0).toFixed(6))}@${time / 1000}`).join(' ')}`;
  });
  return series.join(' | ');
}

/** One entry a second from 1 to 10, `v` its second; those of even seconds are of app b. */
const TEN = Array.from({ length: 10 }, (_, i) =>
  entry(i + 1, `v=${i + 1} odd=${i % 2 === 0}`, app(i % 2 === 0 ? 'a' : 'b')),
);

describe('a range', () => {
  it('is open on its left and closed on its right', async () => {
    const entries = [entry(10, 'x', app('a')), entry(15, 'x', app('a')), entry(20, 'x', app('a'))];
    expect(await ask('count_over_time({app="a"}[10s])', entries, [20, 20])).toBe('{app=a} 2@20');
    expect(await ask('count_over_time({app="a"}[10s])', entries, [9, 31, 1])).toBe(
      `{app=a} ${Array.from({ length: 20 }, (_, i) => `${[10, 15, 20].filter((at) => at > i && at <= i + 10).length}@${i + 10}`).join(' ')}`,
    );
  });

  it('slides over any steps as one that is counted anew each time', async () => {
    for (const [range, step] of [
      [3, 1],
      [3, 2],
      [2, 3],
      [5, 5],
      [7, 3],
    ] as const) {
      for (const operation of ['sum', 'min', 'max', 'avg', 'first', 'last', 'stdvar'] as const) {
        const query = (unwrapped: string) =>
          `max without (app, odd) (${operation}_over_time({app=~"a|b"} | logfmt | keep v | unwrap v [${unwrapped}]))`;
        const sliding = await ask(query(`${range}s`), TEN, [0, 13, step]);
        const single: string[] = [];
        for (let at = 0; at <= 13; at += step) {
          const point = await ask(query(`${range}s`), TEN, [at, at], 10);
          if (point !== '') single.push(point.replace('{} ', ''));
        }
        expect([operation, range, step, sliding]).toEqual([operation, range, step, `{} ${single.join(' ')}`]);
      }
    }
  });

  it('may be shifted by an offset', async () => {
    expect(await ask('count_over_time({app="a"}[2s] offset 5s)', TEN, [10, 10])).toBe('{app=a} 1@10');
    expect(await ask('count_over_time({app="a"}[2s] offset -5s)', TEN, [0, 0])).toBe('{app=a} 1@0');
  });
});

describe('functions of ranges', () => {
  const at10 = [10, 10] as const;
  it.each([
    ['rate({app="a"}[10s])', '{app=a} 0.5@10'],
    ['bytes_over_time({app="a"}[10s])', '{app=a} 60@10'],
    ['bytes_rate({app="a"} |= "v" [10s])', '{app=a} 6@10'],
    ['rate({app="a"} | logfmt | unwrap v [10s]) ', '{app=a,odd=true} 2.5@10'],
    ['sum_over_time({app="a"} | logfmt | unwrap v [10s])', '{app=a,odd=true} 25@10'],
    ['avg_over_time({app="a"} | logfmt | unwrap v [10s]) by (app)', '{app=a} 5@10'],
    ['stddev_over_time({app="a"} | logfmt | unwrap v [10s]) by (app)', '{app=a} 2.828427@10'],
    ['quantile_over_time(0.5, {app="a"} | logfmt | unwrap v [10s]) by (app)', '{app=a} 5@10'],
    ['quantile_over_time(0.9, {app=~".+"} | logfmt | unwrap v [10s]) by ()', '{} 9.1@10'],
    ['first_over_time({app="b"} | logfmt | unwrap v [10s]) without (odd)', '{app=b} 2@10'],
    ['last_over_time({app="b"} | logfmt | unwrap v [10s]) by (app)', '{app=b} 10@10'],
    ['absent_over_time({app="none", x="y", z=~"q"}[10s])', '{app=none,x=y} 1@10'],
    ['absent_over_time({app="a"}[10s])', ''],
    ['absent_over_time({app="a"} | unwrap nowhere [10s])', '{app=a} 1@10'],
    ['rate_counter({app=~".+"} | logfmt | unwrap v [10s])', '{app=a,odd=true} 1@10 | {app=b,odd=false} 1@10'],
    ['sum(count_over_time({app=~".+"} | logfmt | v > 5 [10s]))', '{} 5@10'],
    ['sum_over_time({app="a"} | logfmt | unwrap v | v > 5 [10s]) ', '{app=a,odd=true} 16@10'],
  ])('%s', async (query, expected) => {
    expect(await ask(query, TEN, at10)).toBe(expected);
  });

  it('read durations and sizes', async () => {
    const entries = [entry(1, 't=1.5s s=2KB', app('a')), entry(2, 't=500ms s=1KiB', app('a'))];
    expect(
      await ask('sum by (app) (sum_over_time({app="a"} | logfmt | unwrap duration(t) [5s]))', entries, [3, 3]),
    ).toBe('{app=a} 2@3');
    expect(await ask('sum by (app) (sum_over_time({app="a"} | logfmt | unwrap bytes(s) [5s]))', entries, [3, 3])).toBe(
      '{app=a} 3024@3',
    );
  });

  it('count structured metadata as labels', async () => {
    const entries = [entry(1, 'x', app('a'), { t: '1' }), entry(2, 'x', app('a'), { t: '2' }), entry(3, 'x', app('a'))];
    expect(await ask('count_over_time({app="a"}[5s])', entries, [5, 5])).toBe(
      '{app=a,t=1} 1@5 | {app=a,t=2} 1@5 | {app=a} 1@5',
    );
    expect(await ask('sum(count_over_time({app="a"}[5s]))', entries, [5, 5])).toBe('{} 3@5');
    expect(await ask('sum by (t) (count_over_time({app="a"}[5s]))', entries, [5, 5])).toBe(
      '{t=1} 1@5 | {t=2} 1@5 | {} 1@5',
    );
  });

  it('fail where an entry cannot be counted on, unless it is filtered out', async () => {
    const entries = [entry(1, '{"v":"1"}', app('a')), entry(2, '{"v":"x"}', app('a')), entry(3, 'plain', app('a'))];
    const query = (filter: string) => `sum_over_time({app="a"} | json | unwrap v ${filter} [5s])`;
    await expect(ask(query(''), entries, [5, 5])).rejects.toMatchObject({
      code: 'log.pipeline_error',
      message: expect.stringContaining('SampleExtractionErr'),
    });
    expect(await ask(query('| __error__=""'), entries, [5, 5])).toBe('{app=a} 1@5');
    await expect(ask('count_over_time({app="a"} | json [5s])', entries, [5, 5])).rejects.toMatchObject({
      code: 'log.pipeline_error',
    });
    expect(await ask('sum(count_over_time({app="a"} | json [5s]))', entries, [5, 5])).toBe('{} 3@5');
  });
});

describe('aggregations', () => {
  const entries = ['a', 'a', 'a', 'b', 'b', 'c'].map((name, i) =>
    entry(i + 1, 'x', app(name, { zone: name === 'c' ? 'z2' : 'z1' })),
  );
  const counts = 'count_over_time({app=~".+"}[10s])';
  it.each([
    [`sum(${counts})`, '{} 6@10'],
    [`sum by (zone) (${counts})`, '{zone=z1} 5@10 | {zone=z2} 1@10'],
    [`sum without (zone) (${counts})`, '{app=a} 3@10 | {app=b} 2@10 | {app=c} 1@10'],
    [`avg(${counts}) by (zone)`, '{zone=z1} 2.5@10 | {zone=z2} 1@10'],
    [`min(${counts})`, '{} 1@10'],
    [`max by (zone) (${counts})`, '{zone=z1} 3@10 | {zone=z2} 1@10'],
    [`count(${counts})`, '{} 3@10'],
    [`stdvar(${counts})`, '{} 0.666667@10'],
    [`topk(2, ${counts})`, '{app=a,zone=z1} 3@10 | {app=b,zone=z1} 2@10'],
    [`topk by (zone) (1, ${counts})`, '{app=a,zone=z1} 3@10 | {app=c,zone=z2} 1@10'],
    [`bottomk(1, ${counts})`, '{app=c,zone=z2} 1@10'],
    [`sort(sum by (app) (${counts}))`, '{app=c} 1@10 | {app=b} 2@10 | {app=a} 3@10'],
    [`sort_desc(sum by (app) (${counts}))`, '{app=a} 3@10 | {app=b} 2@10 | {app=c} 1@10'],
    [
      `label_replace(sum by (app) (${counts}), "name", "is-$1", "app", "(a|b)")`,
      '{app=a,name=is-a} 3@10 | {app=b,name=is-b} 2@10 | {app=c} 1@10',
    ],
    [`sum by (app) (${counts}) > 1`, '{app=a} 3@10 | {app=b} 2@10'],
    [`sum by (app) (${counts}) > bool 1`, '{app=a} 1@10 | {app=b} 1@10 | {app=c} 0@10'],
    [`2 * sum(${counts}) + 1`, '{} 13@10'],
    [`2 < sum by (app) (${counts})`, '{app=a} 3@10'],
    [
      `sum by (app) (${counts}) / on () group_left sum(${counts})`,
      '{app=a} 0.5@10 | {app=b} 0.333333@10 | {app=c} 0.166667@10',
    ],
    [`sum(${counts}) / on () sum by (app) (${counts})`, 'error'],
    [`sum by (app) (${counts}) / on () sum(${counts})`, 'error'],
    [`sum by (app) (${counts}) and sum by (app) (count_over_time({app="b"}[10s]))`, '{app=b} 2@10'],
    [`sum by (app) (${counts}) unless sum by (app) (count_over_time({app="b"}[10s]))`, '{app=a} 3@10 | {app=c} 1@10'],
    [
      `sum by (app) (count_over_time({app="a"}[10s])) or sum by (app) (${counts})`,
      '{app=a} 3@10 | {app=b} 2@10 | {app=c} 1@10',
    ],
    [`sum(${counts}) / 0`, '{} NaN@10'],
    ['vector(1)+vector(1)', '{} 2@10'],
    ['1 + 2 * 3 ^ 2 ^ 1 % 5', 'scalar 4'],
    ['1 > 2', 'scalar 0'],
  ])('%s', async (query, expected) => {
    if (expected === 'error')
      await expect(ask(query, entries, [10, 10])).rejects.toMatchObject({ code: 'log.bad_query' });
    else expect(await ask(query, entries, [10, 10])).toBe(expected);
  });

  it('have a bound for all ranges of a query together', async () => {
    const expression = parseQuery('count_over_time({app=~".+"}[10s])');
    if (expression.kind !== 'range') throw new Error('it is a range');
    const parts = { source: new MemorySource(entries), totals: noTotals(), signal: undefined, now: Date.now };
    const steps = makeSteps(0n, 1000n * SECOND, SECOND);
    const used = { cells: 0 };
    expect(await evaluateRange(expression, undefined, { ...parts, steps, used })).toHaveLength(3);
    expect(used.cells).toBe(3 * (1001 + 64 + 2));
    used.cells = 16_000_000 - 3000;
    const again = evaluateRange(expression, undefined, { ...parts, steps, used });
    await expect(again).rejects.toMatchObject({
      code: 'log.query_limit',
      message: 'the operands of the query hold more than 16000000 numbers together',
    });
  });

  it('are refused where they would need too much', async () => {
    const many = Array.from({ length: 1000 }, (_, i) => entry(i, `n=${i}`, app('a')));
    const query = 'count_over_time({app="a"} | logfmt [1m])';
    await expect(ask(query, many, [0, 10_900, 1], 100)).rejects.toMatchObject({ code: 'log.query_limit' });
    await expect(ask(query, many, [0, 100_000, 1], 100)).rejects.toMatchObject({ code: 'log.query_limit' });
    expect(await ask(`sum(${query})`, many, [999, 999], 100)).toBe('{} 60@999');
    // A label with a value for each line: few numbers, but many series.
    const unbounded = Array.from({ length: 130_000 }, (_, i) => entry(1, `n=${i}`, app('a')));
    const byLine = 'sum by (n) (count_over_time({app="a"} | logfmt [1m]))';
    await expect(ask(byLine, unbounded, [1, 1], 10_000)).rejects.toMatchObject({ code: 'log.query_limit' });
    // Few series, but of long labels.
    const cells = new CellCount(1);
    const long = makeLabels([['body', 'x'.repeat(40_000_000)]]);
    cells.addSeries(long, '');
    expect(() => cells.addSeries(long, '')).toThrow('the query makes more than 1 series of 1 numbers each');
  });
});

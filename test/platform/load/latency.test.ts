import fc from 'fast-check';
import { build } from 'hdr-histogram-js';
import { describe, expect, test } from 'vitest';
import { toHistogram } from '../../../src/platform/load/hdr.js';
import { HIGHEST_US, LatencyCounts } from '../../../src/platform/load/latency-counts.js';
import { constantRate } from '../../../src/platform/load/schedule.js';
import { Series, type Span } from '../../../src/platform/load/series.js';

const value = fc.oneof(fc.nat(5_000), fc.nat(10_000_000), fc.integer({ min: 2 ** 31 - 5, max: HIGHEST_US }));
const values = fc.array(value, { minLength: 1, maxLength: 200 });

function counted(list: readonly number[]): LatencyCounts {
  const counts = new LatencyCounts();
  for (const us of list) counts.record(us);
  return counts;
}

describe('LatencyCounts', () => {
  test('has the buckets of an HdrHistogram with three digits', () => {
    fc.assert(
      fc.property(values, (list) => {
        const library = build({
          bitBucketSize: 64,
          autoResize: false,
          highestTrackableValue: HIGHEST_US,
          numberOfSignificantValueDigits: 3,
        });
        for (const us of list) library.recordValue(us);
        const { p50Us, p90Us, p99Us, maxUs } = counted(list).point();
        const max = Math.max(...list);
        const expected = [50, 90, 99].map((p) => Math.min(library.getValueAtPercentile(p), max));
        expect([p50Us, p90Us, p99Us, maxUs]).toEqual([...expected, max]);
      }),
      { numRuns: 300 },
    );
  });

  test('its buckets tell each value to within a thousandth', () => {
    fc.assert(
      fc.property(value, (us) => {
        counted([us]).forEach((least) => {
          expect(least).toBeLessThanOrEqual(us);
          expect(us - least).toBeLessThanOrEqual(us / 1000);
        });
      }),
    );
  });

  test('sums add up', () => {
    fc.assert(
      fc.property(values, values, (one, other) => {
        const sum = counted(one);
        sum.add(counted(other));
        expect(sum.point()).toEqual(counted([...one, ...other]).point());
        expect(sum.total).toBe(one.length + other.length);
      }),
      { numRuns: 50 },
    );
  });

  test('what takes longer than it can count is its greatest value', () => {
    expect(counted([1e12, Number.POSITIVE_INFINITY]).point().maxUs).toBe(HIGHEST_US);
    expect(new LatencyCounts().point()).toEqual({ p50Us: 0, p90Us: 0, p99Us: 0, maxUs: 0 });
  });
});

describe('toHistogram', () => {
  test('tells the percentiles, the exact maximum, and the mean', async () => {
    const { summary } = await toHistogram(counted(Array.from({ length: 1000 }, (_, i) => (i + 1) * 1000)));
    expect(summary.count).toBe(1000);
    expect(summary.maxUs).toBe(1_000_000);
    expect(summary.meanUs / 500_500).toBeCloseTo(1, 2);
    const [p50 = 0, , , p99 = 0] = summary.percentilesUs;
    expect(p50 / 500_000).toBeCloseTo(1, 2);
    expect(p99 / 990_000).toBeCloseTo(1, 2);
  });

  test('writes the percentile file that plotters of HdrHistogram read', async () => {
    const lines = (await toHistogram(counted([1000, 2000, 3000]))).hgrm().split('\n');
    expect(lines[0]?.trim()).toBe('Value     Percentile TotalCount 1/(1-Percentile)');
    const rows = lines.filter((line) => /^\s+\d/.test(line)).map((line) => line.trim().split(/\s+/).map(Number));
    expect(rows[0]?.[0]).toBeCloseTo(1, 2);
    expect(rows.at(-1)).toMatchObject([expect.closeTo(3, 2), 1, 3]);
    expect(lines.some((line) => /^#\[Max\s+=\s+3\.0/.test(line))).toBe(true);
  });

  test('of nothing is nothing', async () => {
    expect((await toHistogram(new LatencyCounts())).summary).toMatchObject({ count: 0, minUs: 0, maxUs: 0, meanUs: 0 });
  });
});

describe('constantRate', () => {
  test('request i starts at i / R: no error adds up', () => {
    const schedule = constantRate({ count: 3, perMs: 1000 });
    expect(schedule.startOf(3_000_000)).toBe(1_000_000_000);
    expect(schedule.countBefore(1000)).toBe(3);
    expect(schedule.countBefore(1000.1)).toBe(4);
    expect(schedule.countBefore(0)).toBe(0);
  });

  test('counts what it starts', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 1, max: 60_000 }),
        fc.nat(100_000),
        (count, perMs, ms) => {
          const schedule = constantRate({ count, perMs });
          const before = schedule.countBefore(ms);
          expect(schedule.startOf(before)).toBeGreaterThanOrEqual(ms);
          if (before > 0) expect(schedule.startOf(before - 1)).toBeLessThan(ms);
        },
      ),
    );
  });
});

test('a series of any length stays small and loses no count', () => {
  const series = new Series(8);
  const span = (i: number): Span => ({
    fromMs: i * 1000,
    lengthMs: 1000,
    answered: 1,
    failed: 2,
    classes: [1, 0],
    p50Us: i,
    p90Us: i,
    p99Us: i,
    maxUs: i,
  });
  for (let i = 0; i < 1000; i++) {
    series.push(span(i));
    expect(series.spans.length).toBeLessThanOrEqual(9);
  }
  const total = (of: (one: Span) => number) => series.spans.reduce((sum, one) => sum + of(one), 0);
  expect([
    total((s) => s.answered),
    total((s) => s.failed),
    total((s) => s.lengthMs),
    total((s) => s.classes[0] ?? 0),
  ]).toEqual([1000, 2000, 1_000_000, 1000]);
  expect(series.spans.at(-1)?.maxUs).toBe(999);
  expect(series.spans[0]?.fromMs).toBe(0);
});

import { describe, expect, test } from 'vitest';
import { countRuns } from '../../../../src/blocks/cron/bench/counts.js';
import { benchJobs } from '../../../../src/blocks/cron/bench/jobs.js';
import { residentBytes } from '../../../../src/blocks/cron/bench/memory.js';
import { planBench } from '../../../../src/blocks/cron/bench/plan.js';
import type { Run } from '../../../../src/blocks/cron/run.js';
import { compileSchedule } from '../../../../src/blocks/cron/schedule.js';

const START = Date.UTC(2027, 2, 14, 6);

describe('the jobs of a benchmark', () => {
  test.each([
    [1, 1],
    [1, 7],
    [2, 50],
    [2, 120],
    [1, 130],
  ])('%i are due at each second, of %i that each have their turn', (perSecond, count) => {
    const jobs = benchJobs({ perSecond, count });
    expect(new Set(jobs.map(({ name }) => name)).size).toBe(count);
    const due = new Map<number, number>();
    for (const { name, schedule } of jobs) {
      const { next } = compileSchedule(schedule, { name, createdAt: START });
      const first = next(START - 1);
      expect(first).toBeLessThan(START + 180_000);
      for (let at = first; at !== undefined && at < START + 180_000; at = next(at)) due.set(at, (due.get(at) ?? 0) + 1);
    }
    expect(due.size).toBe(180);
    expect(new Set(due.values())).toEqual(new Set([perSecond]));
  });
});

describe('what is measured', () => {
  const asked = { rate: { count: 120, perMs: 60_000 }, duration: 5_000, warmup: 0, workers: 8, http: false };

  test('is what was asked for, with jobs that are due once a minute each', () => {
    const plan = { perSecond: 2, seconds: 5, warmupMs: 0, workers: 8 };
    expect(planBench(asked)).toEqual({ ...plan, jobs: 120, action: 'command', url: undefined });
    expect(planBench({ ...asked, rate: { count: 2000, perMs: 1000 }, http: true })).toMatchObject({
      ...{ jobs: 100_000, action: 'http' },
    });
  });

  test.each([
    [{ rate: { count: 5, perMs: 60_000 } }, '--rate'],
    [{ rate: { count: 2_001, perMs: 1_000 } }, '--rate'],
    [{ duration: 1_500 }, '--duration'],
    [{ jobs: 1 }, '--jobs'],
    [{ jobs: 7_201 }, '--jobs'],
  ])('is refused where it cannot be: %j', (more, flag) => {
    expect(() => planBench({ ...asked, ...more })).toThrow(
      expect.objectContaining({ code: 'cron.bad_load', hint: expect.stringMatching(`^write ${flag} `) }),
    );
  });
});

describe('what became of what was due', () => {
  const run = (id: number, slot: number, more: Partial<Run> = {}): Run => ({
    ...{
      id,
      job: 'bench-0',
      trigger: 'schedule',
      slot: START + slot,
      dueAt: START + slot + 100,
      state: 'queued',
      reason: '',
    },
    ...{ attempt: 0, fence: 0, outputBytes: 0 },
    ...more,
  });
  const ended = (id: number, slot: number, lateMs: number, state: Run['state'] = 'succeeded') =>
    run(id, slot, { state, startedAt: START + slot + 100 + lateMs, finishedAt: START + slot + 100 + lateMs + 20 });

  /** The ledger's answers, a page at a time. */
  const ledgerOf = (runs: readonly Run[]) => ({
    now: () => START + 10_000,
    runs: async ({
      until = 0,
      before = Number.POSITIVE_INFINITY,
      limit,
    }: {
      until?: number;
      before?: number;
      limit: number;
    }) =>
      runs
        .filter(({ id, slot }) => slot < until && id < before)
        .sort((one, other) => other.id - one.id)
        .slice(0, limit),
  });

  test('what has not started is as late as it is by now, and what nobody has decided upon counts, too', async () => {
    const runs = [ended(1, -1000, 1200), ended(2, 0, 10), ended(3, 0, 30, 'failed'), run(4, 1000), run(5, 5000)];
    const counts = await countRuns(ledgerOf(runs), { from: START, until: START + 2000, perSecond: 2 });
    expect(counts).toMatchObject({ due: 4, started: 2, failed: 1, unstarted: { queued: 1, unsettled: 1 } });
    // The run of before started 300 ms after the beginning.
    expect(counts.startedPerSecond).toBe(1.5);
    expect(counts.endedPerSecond).toBe(1.5);
    expect(counts.lateness.p50Us / 1000).toBeCloseTo(30, 0);
    expect(counts.lateness.maxUs).toBe((10_000 - 1_100) * 1000);
    expect(counts.duration.maxUs).toBe(20_000);
    expect(counts.seconds).toEqual([
      { due: 2, started: 2, latestMs: 30 },
      { due: 2, started: 0, latestMs: 8_900 },
    ]);
  });

  test('nothing that has started is told as such, with no figure that is no number', async () => {
    const counts = await countRuns(ledgerOf([]), { from: START, until: START + 1000, perSecond: 3 });
    expect(counts).toMatchObject({ due: 3, started: 0, unstarted: { unsettled: 3 }, startedPerSecond: 0 });
    expect(counts.lateness).toMatchObject({ maxUs: 9_000_000 });
    expect(counts.duration).toEqual({ p50Us: 0, p90Us: 0, p99Us: 0, maxUs: 0 });
  });

  test('more runs than a page holds are all counted', async () => {
    const runs = Array.from({ length: 2_500 }, (_, index) => ended(index, Math.floor(index / 500) * 1000, 5));
    const counts = await countRuns(ledgerOf(runs), { from: START, until: START + 5000, perSecond: 500 });
    expect(counts).toMatchObject({ due: 2_500, started: 2_500, unstarted: {} });
  });
});

test('the memory of this process is told, and of none that is not there', async () => {
  const bytes = await residentBytes(process.pid);
  expect(bytes).toBeGreaterThan(process.memoryUsage().rss / 2);
  expect(await residentBytes(2 ** 22 + 1)).toBeUndefined();
});

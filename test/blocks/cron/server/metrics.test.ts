import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { CronMetrics, type MetricSources } from '../../../../src/blocks/cron/server/metrics.js';

test('the last success of a job comes from the store: all at first, then what is new; beyond a thousand jobs of all others together', async () => {
  const registry = new Registry();
  const asked: (number | undefined)[] = [];
  let successes = new Map(Array.from({ length: 1_003 }, (_, index) => [`job-${index}`, 1_000 * (index + 1)]));
  const ledger: MetricSources['ledger'] = {
    now: () => 60_000,
    status: async () => ({ jobs: 0, paused: 0, queued: 0, running: 0, day: {}, workers: [] }),
    async lastSuccesses(since) {
      asked.push(since);
      return successes;
    },
  };
  new CronMetrics(registry, { ledger, leads: () => false, running: () => 0 });
  const read = async () => {
    const lines = (await registry.metrics()).matchAll(
      /^ds_cron_last_success_timestamp_seconds\{job="(\S+)"\} (\S+)$/gm,
    );
    return new Map(Array.from(lines, ([, job, seconds]) => [job, Number(seconds)]));
  };
  const first = await read();
  expect([first.size, first.get('job-0'), first.get('job-999'), first.get('other')]).toEqual([1_001, 1, 1_000, 1_003]);
  successes = new Map([['job-0', 2_000_000]]);
  const second = await read();
  expect([second.size, second.get('job-0'), second.get('other')]).toEqual([1_001, 2_000, 1_003]);
  expect(asked).toEqual([undefined, 55_000]);
});

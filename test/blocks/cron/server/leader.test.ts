import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { DueJob, Settlement } from '../../../../src/blocks/cron/ledger.js';
import { Leader, type LeaderOptions } from '../../../../src/blocks/cron/server/leader.js';
import { RunningClock } from '../../../helpers/running-clock.js';
import { jobSpec } from '../contract-world.js';

const SECOND = 1_000;

test('a job whose schedule cannot be read here holds up no other, is told of once, and is not spun on', async () => {
  const clock = new RunningClock();
  const start = clock.now();
  const stop = new AbortController();
  const jobs = new Map(
    ['@fortnightly', '* * * * * *'].map((expression, id): [number, DueJob] => {
      const spec = jobSpec(expression, { schedule: { ...jobSpec('').schedule, expression } });
      return [id, { id, spec, version: 1, createdAt: start, accountedUntil: start, nextAt: start + 1 }];
    }),
  );
  const settled: Settlement[] = [];
  let looks = 0;
  const ledger: LeaderOptions['ledger'] = {
    now: () => clock.now(),
    lead: async (worker) => ({ worker, fence: 1, until: clock.now() + 10 * SECOND }),
    resign: async () => {},
    async due(now) {
      looks++;
      if (now >= start + 10 * SECOND) stop.abort();
      return [...jobs.values()].filter(({ nextAt }) => nextAt <= now);
    },
    atBoot: async () => [],
    nextAt: async () => Math.min(...Array.from(jobs.values(), ({ nextAt }) => nextAt)),
    async settle(_leadership, settlements) {
      for (const settlement of settlements) {
        const { job, accountedUntil, nextAt = 0 } = settlement;
        settled.push(settlement);
        jobs.set(job.id, { ...job, accountedUntil, nextAt });
      }
      return true;
    },
    watchOver: async () => 0,
    prune: async () => 0,
  };
  const told: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line) => void told.push(JSON.parse(line).job) });
  const boot = { isNew: async () => false, remember: async () => {} };
  const times = { leaseMs: 10 * SECOND, keepMs: SECOND };
  await new Leader({ ledger, clock, logger, worker: 'leader', boot, ...times }).run(stop.signal);
  expect(told).toEqual(['@fortnightly']);
  const slots = settled.flatMap((settlement) => settlement.slots.map(({ slot, state }) => [slot - start, state]));
  expect(slots).toEqual(Array.from({ length: 10 }, (_, index) => [(index + 1) * SECOND, 'queued']));
  expect(looks).toBeLessThan(300);
});

import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { DueJob, Settlement } from '../../../../src/blocks/cron/ledger.js';
import { Leader, type LeaderOptions } from '../../../../src/blocks/cron/server/leader.js';
import { RunningClock } from '../../../helpers/running-clock.js';
import { jobSpec } from '../contract-world.js';

const SECOND = 1_000;
const LEASE_MS = 10 * SECOND;

/** A ledger of which each test says what is in it; nothing is due, and nobody else leads. */
function emptyLedger(clock: RunningClock): LeaderOptions['ledger'] {
  return {
    now: () => clock.now(),
    lead: async (worker) => ({ worker, fence: 1, until: clock.now() + LEASE_MS }),
    resign: async () => {},
    due: async () => [],
    atBoot: async () => [],
    nextAt: async () => undefined,
    settle: async () => true,
    watchOver: async () => 0,
    prune: async () => 0,
  };
}

const silent = pino({ level: 'silent' });
const noBoot: LeaderOptions['boot'] = { isNew: async () => false, remember: async () => {} };

const leaderOf = (options: Pick<LeaderOptions, 'ledger' | 'clock'> & Partial<LeaderOptions>) =>
  new Leader({
    ...{ worker: 'leader', leaseMs: LEASE_MS, keepMs: SECOND, boot: noBoot, logger: silent },
    onSettled: () => {},
    onLost: () => {},
    ...options,
  });

function jobOf(id: number, expression: string, at: number): DueJob {
  const spec = jobSpec(`job-${id}`, { schedule: { ...jobSpec('').schedule, expression } });
  return { id, spec, version: 1, createdAt: at, accountedUntil: at, nextAt: at + 1 };
}

test('jobs whose schedule cannot be read here hold up no other, are told of once, and are not spun on', async () => {
  const clock = new RunningClock();
  const start = clock.now();
  const stop = new AbortController();
  // More than are looked at at once, and before the other in order.
  const unreadable = Array.from({ length: 501 }, (_, id) => jobOf(id, '@fortnightly', start));
  const jobs = new Map([...unreadable, jobOf(999, '* * * * * *', start)].map((job) => [job.id, job]));
  let looks = 0;
  const ledger: LeaderOptions['ledger'] = {
    ...emptyLedger(clock),
    async due(now, most) {
      looks++;
      if (now >= start + 10 * SECOND) stop.abort();
      return [...jobs.values()].filter(({ nextAt }) => nextAt <= now).slice(0, most);
    },
    nextAt: async () => Math.min(...Array.from(jobs.values(), ({ nextAt }) => nextAt)),
    async settle(_leadership, settlements) {
      for (const { job, accountedUntil, nextAt = 0 } of settlements)
        jobs.set(job.id, { ...job, accountedUntil, nextAt });
      return true;
    },
  };
  const told: string[] = [];
  const logger = pino({ level: 'error' }, { write: (line) => void told.push(JSON.parse(line).job) });
  const settled: Settlement[] = [];
  await leaderOf({ ledger, clock, logger, onSettled: (some) => settled.push(...some) }).run(stop.signal);
  expect(told).toEqual(unreadable.map(({ spec }) => spec.name));
  const slots = settled.flatMap((settlement) => settlement.slots.map(({ slot, state }) => [slot - start, state]));
  expect(slots).toEqual(Array.from({ length: 10 }, (_, index) => [(index + 1) * SECOND, 'queued']));
  expect(looks).toBeLessThan(300);
});

test('who follows asks a few times a second at most, however much changes, and leads once the lease is given back', async () => {
  const clock = new RunningClock();
  const start = clock.now();
  const stop = new AbortController();
  const asked: number[] = [];
  const leader = leaderOf({
    clock,
    ledger: {
      ...emptyLedger(clock),
      async lead(worker) {
        asked.push(clock.now() - start);
        leader.wake();
        return clock.now() < start + 5 * SECOND ? undefined : { worker, fence: 2, until: clock.now() + LEASE_MS };
      },
      async watchOver() {
        expect(leader.leads).toBe(true);
        stop.abort();
        return 0;
      },
    },
  });
  await leader.run(stop.signal);
  expect(asked.length).toBeGreaterThan(1);
  expect(asked.length).toBeLessThanOrEqual(5 * 4 + 1);
});

test.each([
  ['soon after its start', LEASE_MS, ['boot']],
  ['long after it', 3 * LEASE_MS, []],
])('who takes the lead %s: what is due at the start of the machine', async (_when, afterMs, expected) => {
  const clock = new RunningClock();
  const start = clock.now();
  const stop = new AbortController();
  const settled: string[] = [];
  let isRemembered = false;
  const boot: LeaderOptions['boot'] = {
    isNew: async () => !isRemembered,
    async remember() {
      isRemembered = true;
    },
  };
  const ledger: LeaderOptions['ledger'] = {
    ...emptyLedger(clock),
    lead: async (worker) =>
      clock.now() < start + afterMs ? undefined : { worker, fence: 2, until: clock.now() + LEASE_MS },
    atBoot: async () => [jobOf(1, '@reboot', start)],
    async watchOver() {
      stop.abort();
      return 0;
    },
  };
  const onSettled: LeaderOptions['onSettled'] = (some) => settled.push(...some.map(({ trigger }) => trigger));
  await leaderOf({ ledger, clock, boot, onSettled }).run(stop.signal);
  expect(settled).toEqual(expected);
  expect(isRemembered).toBe(true);
});

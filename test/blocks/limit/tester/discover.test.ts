/** Discoveries in virtual time: what the tester says of servers whose limits are known. */
import { expect, test } from 'vitest';
import { discover } from '../../../../src/blocks/limit/tester/discover.js';
import type { Discovery, Family } from '../../../../src/blocks/limit/tester/finding.js';
import { Session, type SessionOptions } from '../../../../src/blocks/limit/tester/session.js';
import {
  haproxyServer,
  limiterServer,
  type Network,
  phasedWindowServer,
  type Server,
  SimulatedTarget,
  serialServer,
  strictLogServer,
} from './simulated-target.js';

const BUDGET: SessionOptions = { maxRequests: 2000, maxBytes: 1e9, maxTimeMs: 300_000, obeysRetryAfter: false };

async function run(server: Server, network: Network = {}, options: Partial<SessionOptions> = {}) {
  const session = new Session(new SimulatedTarget(server, network), { ...BUDGET, ...options });
  return { session, discovery: await discover(session, () => {}) };
}

function expectFound({ finding }: Discovery, family: Family, count: number, periodMs: number | undefined): void {
  expect(finding?.family).toBe(family);
  expect(Math.abs((finding?.limit.value ?? 0) / count - 1)).toBeLessThanOrEqual(0.05);
  if (periodMs !== undefined)
    expect(Math.abs((finding?.periodMs?.value ?? 0) / periodMs - 1)).toBeLessThanOrEqual(0.05);
}

const ours = (algorithm: Parameters<typeof limiterServer>[0]['algorithm'], count: number, ms: number, burst?: number) =>
  limiterServer({ algorithm, count, periodUs: ms * 1000, ...(burst === undefined ? {} : { burst }) }, 100);

interface Told {
  readonly onWallClock?: boolean;
  readonly countsRefused?: boolean;
  /** Of the network's jitter. */
  readonly seed?: number;
}

const table: readonly [name: string, server: () => Server, Family, count: number, periodMs: number, told?: Told][] = [
  ['GCRA with twice the burst', () => ours('gcra', 10, 2000, 20), 'bucket', 20, 200],
  ['GCRA without a burst', () => ours('gcra', 5, 1000, 1), 'bucket', 1, 200],
  ['fixed window', () => ours('fixed-window', 20, 1000), 'fixed-window', 20, 1000, { onWallClock: true }],
  [
    'fixed window of a phase of its own',
    () => phasedWindowServer(10, 2000, 377),
    'fixed-window',
    10,
    2000,
    { onWallClock: false, seed: 2 },
  ],
  ['anchored window', () => ours('anchored-window', 20, 1000), 'anchored-window', 20, 1000, { countsRefused: false }],
  ['sliding counter', () => ours('sliding-window', 20, 1000), 'sliding-counter', 20, 1000, { countsRefused: false }],
  [
    'the sliding counter of haproxy',
    () => haproxyServer(20, 1000),
    'sliding-counter',
    20,
    1000,
    { countsRefused: true },
  ],
  ['sliding log', () => ours('sliding-log', 10, 2000), 'sliding-log', 10, 2000, { countsRefused: false }],
  ['sliding log of everybody', () => strictLogServer(10, 2000), 'sliding-log', 10, 2000, { countsRefused: true }],
  ['queue of 10', () => ours('leaky-bucket', 20, 1000, 10), 'queue', 10, 50],
];

test.each(table)('%s: family, limit, window, and the truth lies in the intervals', async (...row) => {
  const [, server, family, count, periodMs, { seed = 1, ...told } = {}] = row;
  const { discovery, session } = await run(server(), { seed });
  expectFound(discovery, family, count, periodMs);
  expect(discovery.finding).toMatchObject(told);
  expect(session.requests).toBeLessThan(BUDGET.maxRequests);
  const { limit, periodMs: period } = discovery.finding ?? {};
  expect(limit?.low).toBeLessThanOrEqual(count);
  expect(limit?.high).toBeGreaterThanOrEqual(count);
  expect(period?.low).toBeLessThanOrEqual(periodMs * 1.002);
  expect(period?.high).toBeGreaterThanOrEqual(periodMs * 0.998);
});

test('requests in flight are told from a rate', async () => {
  const { discovery } = await run(ours('concurrency', 5, 60_000), { serviceMs: 100 });
  expectFound(discovery, 'concurrency', 5, undefined);
});

test('on a busy machine a bucket is not taken for a smaller one that fills up before anybody could notice', async () => {
  const { discovery } = await run(ours('gcra', 20, 2000), { stalls: { share: 1, meanMs: 6 }, seed: 3 });
  expectFound(discovery, 'bucket', 20, 100);
});

test('what works on one after another, and refuses who finds it full, is a queue and no limit on requests in flight', async () => {
  const { discovery } = await run(serialServer(8, 50), { stalls: { share: 0.1, meanMs: 5 } });
  expect(discovery.finding?.family).toBe('queue');
  expect(Math.abs((discovery.finding?.periodMs?.value ?? 0) - 50)).toBeLessThan(2.5);
});

test('a distant server is asked no more than a near one is', async () => {
  const { discovery } = await run(ours('anchored-window', 10, 5000), { rttMs: 40, jitterMs: 8 });
  expectFound(discovery, 'anchored-window', 10, 5000);
});

test('no limit: so many were served, and the budget was kept', async () => {
  const { discovery, session } = await run(() => 0, {}, { maxRequests: 500 });
  expect(discovery.finding).toBeUndefined();
  expect(discovery.summary).toMatch(/^\d+ requests in [\d.]+ s, none refused$/);
  expect(session.requests).toBeLessThanOrEqual(500);
});

test('a server that is only slow is no queue', async () => {
  const { discovery } = await run(() => 0, { serviceMs: 60 }, { maxRequests: 300 });
  expect(discovery.finding).toBeUndefined();
});

test('a server whose answers take ever longer is left alone', async () => {
  let asked = 0;
  const { discovery, session } = await run(
    () => (asked++ < 12 ? 0 : 900 + (asked % 3) * 900),
    {},
    { maxTimeMs: 3_600_000 },
  );
  expect(discovery.finding).toBeUndefined();
  expect(discovery.cutShort ?? '').toMatch(/^answers took 1 ms and now take \d+ ms/);
  expect(session.requests).toBeLessThan(100);
});

test('a limit by the hour cannot be seen in a minute: it ends at its budget, and says what it saw', async () => {
  const { discovery, session } = await run(ours('anchored-window', 30, 3_600_000), {}, { maxTimeMs: 60_000 });
  expect(discovery.finding).toBeUndefined();
  expect(discovery.cutShort).toBe('the budget of time is spent');
  expect(discovery.summary).toMatch(/^refused after 30 requests, and still so [\d.]+ s later$/);
  expect(session.nowMs).toBeLessThanOrEqual(60_000);
});

test('Retry-After is obeyed where it is to be: nothing is sent before it has passed', async () => {
  const server = ours('anchored-window', 5, 2000);
  const target = new SimulatedTarget(server);
  const asked: { at: number; retryAfterMs: number | undefined }[] = [];
  const polite = {
    clock: target.clock,
    async send(count: number, concurrency: number) {
      const seen = await target.send(count, concurrency);
      return seen.map((one) => {
        const told = one.accepted ? one : { ...one, retryAfterMs: 700 };
        asked.push({ at: one.sentMs, retryAfterMs: one.accepted ? undefined : one.receivedMs + 700 });
        return told;
      });
    },
  };
  await discover(new Session(polite, { ...BUDGET, maxRequests: 60, obeysRetryAfter: true }), () => {});
  let notBefore = 0;
  for (const { at, retryAfterMs } of asked) {
    expect(at).toBeGreaterThanOrEqual(notBefore);
    notBefore = retryAfterMs ?? notBefore;
  }
});

/**
 * What the script makes of several demands against what engine.ts makes of them, on a real redis-server: limits that
 * change, algorithms that change, shadows, costs, looks, and a clock that steps. The script's one reading of the clock is
 * replaced; the rest of it is what is sent in earnest.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { algorithmNames, defineLimit, hasBurst } from '../../../src/blocks/limit/limit.js';
import type { Demand, Outcome } from '../../../src/blocks/limit/limiter.js';
import { MemoryLimiter } from '../../../src/blocks/limit/memory.js';
import { limitPeer } from '../../../src/blocks/limit/remote/peer.js';
import { blockedKey, hashOf, memberOf } from '../../../src/blocks/limit/remote/redis-keys.js';
import { readInspection } from '../../../src/blocks/limit/remote/redis-records.js';
import { decideScript, inspectScript, limitArguments } from '../../../src/blocks/limit/remote/scripts.js';
import { decodeOutcome } from '../../../src/blocks/limit/wire/decisions.js';
import { systemClock, systemRandom } from '../../../src/platform/clock.js';
import { connect, type RemoteConnection } from '../../../src/platform/protocol/resp-client/connection.js';
import { parseRemoteUrl } from '../../../src/platform/protocol/resp-client/url.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { hasPackages } from '../../helpers/programs.js';
import { type RedisServer, startRedisServer } from '../../helpers/redis-server.js';

const PERIOD_US = 10_000_000;

interface Step {
  readonly waitUs: number;
  readonly peek: boolean;
  readonly demands: readonly Demand[];
}

const limits = fc
  .record({
    algorithm: fc.constantFrom(...algorithmNames),
    count: fc.integer({ min: 1, max: 7 }),
    periodUs: fc.constantFrom(PERIOD_US, PERIOD_US / 3 + 1, 3 * PERIOD_US).map(Math.floor),
    burst: fc.integer({ min: 1, max: 7 }),
  })
  .map(({ burst, ...request }) => defineLimit({ ...request, ...(hasBurst[request.algorithm] ? { burst } : {}) }));

const runs = fc.array(limits, { minLength: 1, maxLength: 4 }).chain((chosen) => {
  const demand: fc.Arbitrary<Demand> = fc.record({
    scope: fc.constantFrom('', 'api'),
    key: fc.constantFrom('ada', 'bob\0'),
    limit: fc.constantFrom(...chosen),
    cost: fc.integer({ min: 0, max: 8 }),
    shadow: fc.boolean(),
  });
  const selector = ({ scope, key }: Demand) => `${scope} ${key}`;
  const step: fc.Arbitrary<Step> = fc.record({
    // Less than the minute after which memory forgets what is as new.
    waitUs: fc.oneof(
      fc.constant(0),
      fc.integer({ min: 0, max: 2 * PERIOD_US }),
      fc.integer({ min: -PERIOD_US, max: 0 }),
    ),
    peek: fc.integer({ min: 0, max: 4 }).map((dice) => dice === 0),
    demands: fc.uniqueArray(demand, { minLength: 1, maxLength: 4, selector }),
  });
  return fc.array(step, { maxLength: 30 });
});

const withoutLeases = ({ decisions, ...outcome }: Outcome) => ({
  ...outcome,
  decisions: decisions.map(({ lease, ...decision }) => ({ ...decision, leased: lease !== undefined })),
});

/** Since the totals and last decisions are the same, so is what `why` tells. */
const sorted = <T extends { readonly scope: string }>(reports: readonly T[]) =>
  [...reports].sort((a, b) => (a.scope < b.scope ? -1 : 1));

describe.skipIf(!hasPackages('redis-server'))('the scripts', () => {
  let server: RedisServer;
  let redis: RemoteConnection;

  beforeAll(async () => {
    server = await startRedisServer();
    const options = { clock: systemClock, peer: limitPeer, connectTimeoutMs: 5000, commandTimeoutMs: 20_000 };
    redis = await connect(parseRemoteUrl(server.url, limitPeer), { ...options, bulkStrings: 'latin1' });
  });
  afterAll(async () => {
    await redis.close();
    await server.stop();
  });

  /** Time is the last two arguments: seconds and microseconds. */
  function timed(lua: string, now: number) {
    const replaced = lua.replace("redis.call('TIME')", '{ ARGV[#ARGV - 1], ARGV[#ARGV] }');
    expect(replaced).not.toBe(lua);
    return { lua: replaced, time: [String(Math.floor(now / 1e6)), String(now % 1e6)] };
  }

  async function decide({ peek, demands }: Step, now: number): Promise<Outcome> {
    const { lua, time } = timed(decideScript(demands.map(({ limit }) => limit.algorithm)).lua, now);
    const members = demands.map(({ key }) => memberOf(key));
    const args = demands.flatMap(({ scope, cost, shadow, limit }, i) => [
      members[i] ?? '',
      ...[scope, cost, shadow ? 1 : 0, i + 1, ...limitArguments(limit)].map(String),
    ]);
    const keys = [blockedKey, ...members.map(hashOf)];
    const mode = peek ? 'peek' : 'check';
    return decodeOutcome(await redis.send(['EVAL', lua, String(keys.length), ...keys, mode, ...args, ...time]));
  }

  async function inspect(key: string, now: number) {
    const { lua, time } = timed(inspectScript.lua, now);
    const member = memberOf(key);
    return readInspection(key, await redis.send(['EVAL', lua, '2', hashOf(member), blockedKey, member, ...time]));
  }

  test('decide, count and remember as the engine does', async () => {
    await fc.assert(
      fc.asyncProperty(runs, async (steps) => {
        await redis.send(['FLUSHALL']);
        const clock = new ManualClock();
        const memory = new MemoryLimiter({ clock, random: systemRandom });
        for (const step of steps) {
          clock.step(step.waitUs / 1000);
          const expected = step.peek ? memory.peekNow(step.demands) : memory.checkNow(step.demands);
          expect(withoutLeases(await decide(step, clock.micros()))).toEqual(withoutLeases(expected));
        }
        for (const key of ['ada', 'bob\0']) {
          const told = sorted((await inspect(key, clock.micros())).reports);
          expect(told).toEqual(sorted(memory.inspectNow(key).reports));
        }
      }),
      { numRuns: 150 },
    );
  });
});

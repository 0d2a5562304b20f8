/** The rules in Lua against those in TypeScript, on a real redis-server: the same states and decisions, to the last bit. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type AlgorithmName,
  algorithmNames,
  defineLimit,
  hasBurst,
  type Limit,
  LONGEST_PERIOD_US,
  MOST_COST,
} from '../../../src/blocks/limit/limit.js';
import { rulesLua } from '../../../src/blocks/limit/remote/lua/index.js';
import { limitPeer } from '../../../src/blocks/limit/remote/peer.js';
import { multiplyDivide } from '../../../src/blocks/limit/rules/arithmetic.js';
import { rulesOf, type State } from '../../../src/blocks/limit/rules/index.js';
import { decodeDecision, encodeDecision } from '../../../src/blocks/limit/wire/decisions.js';
import { systemClock } from '../../../src/platform/clock.js';
import { connect, type RemoteConnection } from '../../../src/platform/protocol/resp-client/connection.js';
import { parseRemoteUrl } from '../../../src/platform/protocol/resp-client/url.js';
import { hasPackages } from '../../helpers/programs.js';
import { type RedisServer, startRedisServer } from '../../helpers/redis-server.js';

const START = 1_750_000_000_000_000;

interface Step {
  /** Since the last step; negative when the clock is set back. */
  readonly wait: number;
  /** Index of the limit that counts. */
  readonly limit: number;
  readonly what: 'check' | 'refund';
  readonly cost: number;
  readonly lease: number;
}

interface Run {
  readonly limits: readonly Limit[];
  readonly steps: readonly Step[];
}

/** Plays the steps of ARGV and tells, after each, the decision, freshAt, whether settle changed something, and the state. */
const PLAY = `
local run = cjson.decode(ARGV[1])
local now = run.start
local counted_by = run.limits[1]
local rule = rules[counted_by.algorithm]
local state = rule.fresh(counted_by, now)
local answers = {}
for _, step in ipairs(run.steps) do
  now = now + step.wait
  local limit = run.limits[step.limit + 1]
  local changed = rule.settle(state, counted_by, limit, now)
  counted_by = limit
  local decided
  if step.what == 'refund' then
    rule.refund(state, limit, now, step.cost, step.lease)
    decided = rule.judge(state, limit, now, 0)
  else
    decided = rule.judge(state, limit, now, step.cost)
    if decided.allowed then rule.take(state, limit, now, step.cost, step.lease) end
  end
  local copy = {}
  for index, value in ipairs(state) do copy[index] = value end
  answers[#answers + 1] = { { decided.allowed and 1 or 0, decided.limit, decided.remaining, decided.retry, decided.reset,
    decided.delay, -1 }, rule.fresh_at(state, limit), changed and 1 or 0, copy }
end
return answers
`;

function play({ limits: [first, ...others], steps }: Run) {
  if (first === undefined) throw new Error('no limit');
  const rules = rulesOf(first.algorithm);
  let now = START;
  let countedBy = first;
  const state: State = rules.fresh(first, now);
  return steps.map(({ wait, limit: index, what, cost, lease }) => {
    now += wait;
    const limit = [first, ...others][index] ?? first;
    const changed = rules.settle(state, countedBy, limit, now);
    countedBy = limit;
    if (what === 'refund') rules.refund(state, limit, now, cost, lease);
    const decision = rules.judge(state, limit, now, what === 'refund' ? 0 : cost);
    if (what === 'check' && decision.allowed) rules.take(state, limit, now, cost, lease);
    return { decision, freshAt: rules.freshAt(state, limit), changed, state: [...state] };
  });
}

const luaLimit = (limit: Limit) => ({
  algorithm: limit.algorithm,
  count: limit.count,
  period: limit.periodUs,
  burst: limit.burst,
  step: limit.stepUs,
  step_fraction: limit.stepFraction,
  fractions: limit.fractions,
  burst_us: limit.burstUs,
  burst_fraction: limit.burstFraction,
});

/** From one a century to 2^26 in a microsecond; periods and counts that share no factor, so that fractions are large. */
function limits(algorithm: AlgorithmName): fc.Arbitrary<Limit> {
  const most = algorithm === 'sliding-log' || algorithm === 'concurrency' ? 200 : MOST_COST;
  const count = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: most }), fc.constant(most));
  const periodUs = fc.oneof(
    fc.integer({ min: 1, max: 1000 }),
    fc.constantFrom(1e6, 60e6, 3600e6, 86_400e6, 30 * 86_400e6),
    fc.maxSafeInteger().map((value) => (Math.abs(value) % LONGEST_PERIOD_US) + 1),
  );
  const burst = fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: MOST_COST }));
  return fc
    .record({ count, periodUs, burst })
    .filter((request) => (request.burst / request.count) * request.periodUs < LONGEST_PERIOD_US)
    .map(({ burst: wanted, ...rate }) =>
      defineLimit({ algorithm, ...rate, ...(hasBurst[algorithm] ? { burst: wanted } : {}) }),
    );
}

/** Waits around the limit's own times, and clocks set back by them. */
function runs(algorithm: AlgorithmName): fc.Arbitrary<Run> {
  return fc.array(limits(algorithm), { minLength: 1, maxLength: 3 }).chain((chosen) => {
    const times = chosen.flatMap(({ stepUs, periodUs, burstUs }) => [stepUs, periodUs, burstUs]);
    const part = fc.tuple(fc.constantFrom(...times), fc.double({ min: 0, max: 2, noNaN: true }));
    const wait = fc.oneof(
      { weight: 3, arbitrary: fc.integer({ min: 0, max: 3 }) },
      {
        weight: 3,
        arbitrary: fc
          .tuple(fc.constantFrom(...times), fc.integer({ min: -1, max: 1 }))
          .map(([t, n]) => Math.max(0, t + n)),
      },
      { weight: 3, arbitrary: part.map(([time, times_]) => Math.floor(Math.min(time * times_, 1e14))) },
      { weight: 1, arbitrary: part.map(([time, times_]) => -Math.floor(Math.min(time * times_, 1e12))) },
    );
    const bursts = chosen.map(({ burst }) => burst);
    const cost = fc.oneof(
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom(...bursts).chain((burst) => fc.integer({ min: 0, max: Math.min(burst + 1, MOST_COST) })),
    );
    const step = fc.record({
      wait,
      limit: fc.integer({ min: 0, max: chosen.length - 1 }),
      what: fc.constantFrom('check' as const, 'check' as const, 'check' as const, 'refund' as const),
      cost,
      lease: fc.integer({ min: 1, max: 12 }),
    });
    return fc.record({ limits: fc.constant(chosen), steps: fc.array(step, { maxLength: 40 }) });
  });
}

describe.skipIf(!hasPackages('redis-server'))('the rules in Lua', () => {
  let server: RedisServer;
  let redis: RemoteConnection;

  beforeAll(async () => {
    server = await startRedisServer();
    const options = { clock: systemClock, peer: limitPeer, connectTimeoutMs: 5000, commandTimeoutMs: 20_000 };
    redis = await connect(parseRemoteUrl(server.url, limitPeer), options);
  });
  afterAll(async () => {
    await redis.close();
    await server.stop();
  });

  async function playInRedis(algorithm: AlgorithmName, run: Run) {
    const json = JSON.stringify({ start: START, limits: run.limits.map(luaLimit), steps: run.steps });
    const reply = await redis.send(['EVAL', rulesLua([algorithm]) + PLAY, '0', json]);
    if (!Array.isArray(reply)) throw new Error('no list');
    return reply.map((answer) => {
      const [decision, freshAt, changed, state] = answer;
      return {
        decision: decodeDecision(decision),
        freshAt: Number(freshAt),
        changed: changed === '1',
        state: state.map(Number),
      };
    });
  }

  test.each(algorithmNames)('%s comes to the same states and decisions as in TypeScript', async (algorithm) => {
    await fc.assert(
      fc.asyncProperty(runs(algorithm), async (run) => {
        expect(await playInRedis(algorithm, run)).toEqual(
          play(run).map((answer) => ({ ...answer, decision: decodeDecision(encodeDecision(answer.decision)) })),
        );
      }),
      { numRuns: 300 },
    );
  });

  test('products beyond 2^53 are divided exactly', async () => {
    const script = `${rulesLua([])}
local answer = {}
for index = 1, #ARGV, 3 do
  local quotient, remainder = multiply_divide(tonumber(ARGV[index]), tonumber(ARGV[index + 1]), tonumber(ARGV[index + 2]))
  answer[#answer + 1] = string.format('%.0f %.0f', quotient, remainder)
end
return answer`;
    const large = fc.oneof(fc.integer({ min: 1, max: 1000 }), fc.bigInt({ min: 1n, max: 2n ** 52n - 1n }).map(Number));
    const cases = fc.array(fc.record({ a: large, b: fc.integer({ min: 0, max: MOST_COST }), c: large }), {
      minLength: 50,
    });
    await fc.assert(
      fc.asyncProperty(cases, async (list) => {
        const fitting = list.filter(({ a, b, c }) => (a / c) * b < 2 ** 52);
        const reply = await redis.send([
          'EVAL',
          script,
          '0',
          ...fitting.flatMap(({ a, b, c }) => [a, b, c]).map(String),
        ]);
        expect(reply).toEqual(
          fitting.map(({ a, b, c }) => {
            expect(multiplyDivide(a, b, c)).toBe(Number((BigInt(a) * BigInt(b)) / BigInt(c)));
            return `${(BigInt(a) * BigInt(b)) / BigInt(c)} ${(BigInt(a) * BigInt(b)) % BigInt(c)}`;
          }),
        );
      }),
      { numRuns: 60 },
    );
  });
});

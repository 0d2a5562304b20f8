/** CL.THROTTLE over a real connection: redis-cell's documented answers as tables, then what nobody should send. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defineLimit, type Limit } from '../../../src/blocks/limit/limit.js';
import type { RateLimiter } from '../../../src/blocks/limit/limiter.js';
import { openMemoryLimiter } from '../../../src/blocks/limit/memory.js';
import { limitPeer } from '../../../src/blocks/limit/remote/peer.js';
import { rulesOf } from '../../../src/blocks/limit/rules/index.js';
import { respCommands } from '../../../src/blocks/limit/server/resp-commands.js';
import { seconds } from '../../../src/blocks/limit/server/throttle.js';
import { systemClock, systemRandom } from '../../../src/platform/clock.js';
import { Latency } from '../../../src/platform/daemon/latency.js';
import { createRespServer, type RespServer } from '../../../src/platform/protocol/resp/index.js';
import { connect, type RemoteConnection } from '../../../src/platform/protocol/resp-client/connection.js';
import { parseRemoteUrl } from '../../../src/platform/protocol/resp-client/url.js';
import { ManualClock } from '../../helpers/manual-clock.js';

/**
 * The table of `TestRateLimit` in throttled's rate_test.go, which redis-cell's `it_rate_limits` repeats: 5 at once, one a
 * second; milliseconds from the start, -1 where there is nothing to wait for.
 */
const TABLE = [
  { atMs: 0, quantity: 6, limited: true, remaining: 5, resetMs: 0, retryMs: -1, why: 'more than the limit, ever' },
  { atMs: 0, quantity: 1, limited: false, remaining: 4, resetMs: 1000, retryMs: -1, why: 'the first' },
  { atMs: 0, quantity: 1, limited: false, remaining: 3, resetMs: 2000, retryMs: -1, why: 'the second' },
  { atMs: 0, quantity: 1, limited: false, remaining: 2, resetMs: 3000, retryMs: -1, why: 'the third' },
  { atMs: 0, quantity: 1, limited: false, remaining: 1, resetMs: 4000, retryMs: -1, why: 'the fourth' },
  { atMs: 0, quantity: 1, limited: false, remaining: 0, resetMs: 5000, retryMs: -1, why: 'the fifth' },
  { atMs: 0, quantity: 1, limited: true, remaining: 0, resetMs: 5000, retryMs: 1000, why: 'one too many' },
  { atMs: 3000, quantity: 1, limited: false, remaining: 2, resetMs: 3000, retryMs: -1, why: 'three came back' },
  { atMs: 3100, quantity: 1, limited: false, remaining: 1, resetMs: 3900, retryMs: -1, why: 'parts of a second' },
  { atMs: 4000, quantity: 1, limited: false, remaining: 1, resetMs: 4000, retryMs: -1, why: 'one more came back' },
  { atMs: 8000, quantity: 1, limited: false, remaining: 4, resetMs: 1000, retryMs: -1, why: 'all came back' },
  { atMs: 9500, quantity: 1, limited: false, remaining: 4, resetMs: 1000, retryMs: -1, why: 'and stays so' },
  { atMs: 9500, quantity: 0, limited: false, remaining: 4, resetMs: 1000, retryMs: -1, why: '0 only looks' },
  { atMs: 9500, quantity: 2, limited: false, remaining: 2, resetMs: 3000, retryMs: -1, why: 'two at once' },
  { atMs: 9500, quantity: 5, limited: true, remaining: 2, resetMs: 3000, retryMs: 3000, why: 'too many at once' },
] as const;

test.each(['gcra', 'token-bucket'] as const)("throttled's table holds for the rules of %s", (algorithm) => {
  const limit: Limit = defineLimit({ algorithm, count: 1, periodUs: 1e6, burst: 5 });
  const rules = rulesOf(algorithm);
  const start = 1_750_000_000_000_000;
  const state = rules.fresh(limit, start);
  for (const { atMs, quantity, limited, remaining, resetMs, retryMs, why } of TABLE) {
    const now = start + atMs * 1000;
    const decision = rules.judge(state, limit, now, quantity);
    const never = decision.retryAfterUs === Number.POSITIVE_INFINITY;
    expect({ why, ...decision }).toMatchObject({ why, allowed: !limited, remaining, resetAfterUs: resetMs * 1000 });
    expect([why, decision.allowed || never ? -1 : decision.retryAfterUs / 1000]).toEqual([why, retryMs]);
    if (decision.allowed) rules.take(state, limit, now, quantity, 0);
  }
});

test('seconds are rounded as redis-cell does: up, after what is below a millisecond has been left out', () => {
  expect([0, 999, 1000, 999_999, 1_000_000, 1_000_999, 1_001_000, 59_000_001, Infinity].map(seconds)).toEqual([
    0, 0, 1, 1, 1, 1, 2, 59, -1,
  ]);
});

describe('CL.THROTTLE', () => {
  let clock: ManualClock;
  let limiter: RateLimiter;
  let server: RespServer;
  let connection: RemoteConnection;

  beforeEach(async () => {
    clock = new ManualClock();
    limiter = openMemoryLimiter({ clock, random: systemRandom });
    const check = limiter.check.bind(limiter);
    const latency = new Latency();
    server = createRespServer({
      commands: respCommands({ clock, limiter, check, latency: () => latency }),
      serverName: 'ds-limit',
      version: '1',
      clock: systemClock,
      info: () => ({}),
    });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const options = { clock: systemClock, peer: limitPeer, connectTimeoutMs: 5000, commandTimeoutMs: 5000 };
    connection = await connect(parseRemoteUrl(`redis://127.0.0.1:${port}`, limitPeer), options);
  });
  afterEach(async () => {
    await connection.close();
    await server.stop(1000);
    await limiter.close();
  });

  const throttle = async (...args: (string | number | Buffer)[]) => {
    const sent = args.map((arg) => (Buffer.isBuffer(arg) ? arg : String(arg)));
    const reply = await connection.send(['CL.THROTTLE', ...sent]);
    return Array.isArray(reply) ? reply.map(Number) : reply;
  };
  const failure = (...args: (string | number | Buffer)[]) =>
    throttle(...args).then(
      (reply) => reply,
      (error: unknown) => error,
    );

  test("answers throttled's table, in whole seconds", async () => {
    let now = 0;
    for (const { atMs, quantity, limited, remaining, resetMs, retryMs, why } of TABLE) {
      clock.advance(atMs - now);
      now = atMs;
      const retry = retryMs < 0 ? -1 : Math.ceil(retryMs / 1000);
      expect([why, await throttle('foo', 4, 1, 1, quantity)]).toEqual([
        why,
        [limited ? 1 : 0, 5, remaining, retry, Math.ceil(resetMs / 1000)],
      ]);
    }
  });

  test("answers the example of redis-cell's README", async () => {
    expect(await throttle('user123', 15, 30, 60)).toEqual([0, 16, 15, -1, 2]);
    expect(await throttle('user124', 15, 30, 60, 1)).toEqual([0, 16, 15, -1, 2]);
    expect(await throttle('user123-write-rate', 5, 10, 60)).toEqual([0, 6, 5, -1, 6]);
  });

  test("answers redis-cell's end-to-end test", async () => {
    expect(await throttle('user123', 0, 1, 2, 1)).toEqual([0, 1, 0, -1, 2]);
    expect(await throttle('user123', 0, 1, 2, 1)).toEqual([1, 1, 0, 2, 2]);
    clock.advance(2000);
    expect(await throttle('user123', 0, 1, 2, 1)).toEqual([0, 1, 0, -1, 2]);
  });

  test('takes new numbers for a key at any time', async () => {
    expect(await throttle('user', 4, 5, 60)).toEqual([0, 5, 4, -1, 12]);
    expect(await throttle('user', 9, 10, 60)).toEqual([0, 10, 7, -1, 18]);
    expect(await throttle('user', 4, 5, 60)).toEqual([0, 5, 2, -1, 30]);
  });

  test('says how long a block lasts', async () => {
    await limiter.block('user', 90e6);
    expect(await throttle('user', 4, 5, 60)).toEqual([1, 5, 5, 90, 0]);
    expect(await throttle('user', 4, 5, 60, 0)).toEqual([1, 5, 5, 90, 0]);
  });

  test('reads numbers as redis-cell does', async () => {
    expect(await throttle('user', '+4', '005', '60', '+1')).toEqual([0, 5, 4, -1, 12]);
  });

  test('more limits than are remembered are still told apart', async () => {
    for (const burst of [...Array(1500).keys(), 0]) {
      expect(await throttle('user', burst, 1e6, 1, 0)).toEqual([0, burst + 1, burst + 1, -1, 0]);
    }
  });

  test.each([
    [[], /^Cell error: Store error: Usage: cl\.throttle <key>/],
    [['key', '1', '2'], /^Cell error: Store error: Usage: cl\.throttle <key>/],
    [['key', '1', '2', '3', '4', '5'], /^Cell error: Store error: Usage: cl\.throttle <key>/],
    [['key', 'many', '2', '3'], /^Cell error: Store error: Couldn't parse as integer: many$/],
    [['key', '1', '', '3'], /^Cell error: Store error: Couldn't parse as integer: $/],
    [['key', '1', '2', '1.5'], /^Cell error: Store error: Couldn't parse as integer: 1\.5$/],
    [['key', '1', '2', '3', '0x10'], /^Cell error: Store error: Couldn't parse as integer: 0x10$/],
    [['key', '1', '2', '9223372036854775808'], /^Cell error: Store error: Couldn't parse as integer: 9223/],
    [['key', '1', '9'.repeat(1_000_000), '3'], /^Cell error: Store error: Couldn't parse as integer: 9{64}$/],
    [['key', '1\0', '2', '3'], /^Cell error: Store error: Couldn't parse as integer: 1\0$/],
    [['key', '1\r\n+OK', '2', '3'], /^Cell error: Store error: Couldn't parse as integer: 1 {2}\+OK$/],
    [['key', '1', '0', '3'], /^Cell error: Store error: Zero rates are not supported$/],
    [['key', '1', '2', '0'], /^Cell error: Store error: Zero rates are not supported$/],
  ])('answers arguments %# as redis-cell would', async (args, text) => {
    expect(await failure(...args)).toMatchObject({ message: expect.stringMatching(text) });
  });

  test.each([
    [['key', '-1', '2', '3'], 'limit.bad_burst'],
    [['key', '67108864', '2', '3'], 'limit.bad_burst'],
    [['key', '9223372036854775807', '2', '3'], 'limit.bad_burst'],
    [['key', '67108863', '1', '3600'], 'limit.bad_burst'],
    [['key', '1', '-2', '3'], 'limit.bad_rate'],
    [['key', '1', '67108865', '3'], 'limit.bad_rate'],
    [['key', '1', '2', '-3'], 'limit.bad_rate'],
    [['key', '1', '2', '1000000000000'], 'limit.bad_rate'],
    [['key', '1', '2', '3', '-1'], 'limit.bad_cost'],
    [['key', '1', '2', '3', '67108865'], 'limit.bad_cost'],
    [['', '1', '2', '3'], 'limit.bad_key'],
    [['k'.repeat(1024 * 1024 + 1), '1', '2', '3'], 'limit.bad_key'],
  ])('refuses arguments %#, which cannot be counted', async (args, code) => {
    expect(await failure(...args)).toMatchObject({ code, kind: 'usage' });
    expect(await limiter.counts()).toEqual({ keys: 0, blocked: 0 });
  });

  test('keys are any bytes, a megabyte of them if need be', async () => {
    const keys = [
      Buffer.from('a'),
      Buffer.from('a\0'),
      Buffer.from('a\0b'),
      Buffer.from([0xff]),
      Buffer.from([0xfe]),
      Buffer.from('\ufffd'),
      Buffer.alloc(1024 * 1024, 'm'),
      Buffer.concat([Buffer.alloc(1024 * 1024 - 1, 'm'), Buffer.from('n')]),
    ];
    for (const key of keys) expect(await throttle(key, 0, 1, 60)).toEqual([0, 1, 0, -1, 60]);
    for (const key of keys) expect(await throttle(key, 0, 1, 60)).toEqual([1, 1, 0, 60, 60]);
  });
});

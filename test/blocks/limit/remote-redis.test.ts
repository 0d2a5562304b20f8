import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { defineLimit } from '../../../src/blocks/limit/limit.js';
import type { Demand } from '../../../src/blocks/limit/limiter.js';
import { openRemoteLimiter, type RemoteLimiter } from '../../../src/blocks/limit/remote/index.js';
import { limitPeer } from '../../../src/blocks/limit/remote/peer.js';
import { systemClock as clock, systemRandom as random } from '../../../src/platform/clock.js';
import { connect, type RemoteConnection } from '../../../src/platform/protocol/resp-client/connection.js';
import { parseRemoteUrl } from '../../../src/platform/protocol/resp-client/url.js';
import { hasPackages } from '../../helpers/programs.js';
import { freePort, type RedisServer, startRedisServer } from '../../helpers/redis-server.js';
import { waitFor } from '../../helpers/wait-for.js';
import { describeLimiterContract } from './contract.js';

const DAY_US = 86_400e6;
const limit = defineLimit({ algorithm: 'gcra', count: 5, periodUs: DAY_US });
const demand = (key: string, changes: Partial<Demand> = {}): Demand => ({ scope: '', key, limit, cost: 1, ...changes });

/** For plain commands. */
const connectAdmin = ({ url }: RedisServer): Promise<RemoteConnection> =>
  connect(parseRemoteUrl(url, limitPeer), { clock, peer: limitPeer, connectTimeoutMs: 5000, commandTimeoutMs: 5000 });

const openLimiter = ({ url }: { readonly url: string }) => openRemoteLimiter(url, { clock, random });

describe.skipIf(!hasPackages('redis-server'))('a limiter in Redis', () => {
  let server: RedisServer;
  let admin: RemoteConnection;

  const redis = (...args: string[]) => admin.send(args);

  beforeAll(async () => {
    server = await startRedisServer(['--appendonly', 'yes', '--appendfsync', 'always']);
    admin = await connectAdmin(server);
  });
  afterAll(async () => {
    await admin.close();
    await server.stop();
  });

  describeLimiterContract('a Redis', async () => {
    await redis('FLUSHALL');
    let limiter = await openLimiter(server);
    return {
      limiter,
      reopen: async () => {
        await limiter.close();
        limiter = await openLimiter(server);
        return limiter;
      },
      cleanup: () => limiter.close(),
    };
  });

  describe('beyond the contract', () => {
    let limiter: RemoteLimiter;

    beforeEach(async () => {
      await redis('FLUSHALL');
      limiter = await openLimiter(server);
    });
    afterEach(() => limiter.close());

    test('says that it is a Redis, and has nothing to warn of where every write is synced', () => {
      expect(limiter.server).toMatchObject({ kind: 'redis', version: expect.stringMatching(/^\d+\.\d+/) });
      expect(limiter.notices).toEqual([]);
    });

    test('keeps all keys under one hash tag', async () => {
      await limiter.check([demand('a'), demand('b', { scope: 'api' })]);
      await limiter.block('c', DAY_US);
      expect(await redis('KEYS', '*')).toHaveLength(3);
      for (const key of [await redis('KEYS', '*')].flat()) expect(key).toMatch(/^\{ds:limit\}:/);
    });

    test('every key that is counted expires, a minute after it is as new', async () => {
      const short = defineLimit({ algorithm: 'fixed-window', count: 5, periodUs: 10e6 });
      await limiter.check([demand('user', { limit: short }), demand('user', { scope: 'b' })]);
      const ttl = Number(await redis('PTTL', '{ds:limit}:key:user'));
      expect(ttl).toBeGreaterThan(DAY_US / 5000);
      expect(ttl).toBeLessThanOrEqual(DAY_US / 5000 + 60_001);
      await limiter.check([demand('other', { limit: short })]);
      expect(Number(await redis('PTTL', '{ds:limit}:key:other'))).toBeLessThanOrEqual(70_001);
      // A look writes nothing, and neither does a refusal of a key that is as new.
      await limiter.peek([demand('nobody')]);
      await limiter.check([demand('nobody', { cost: 6 })]);
      expect(await redis('EXISTS', '{ds:limit}:key:nobody')).toBe('0');
    });

    test('blocks that have ended are swept', async () => {
      for (const key of ['a', 'b', 'c']) await limiter.block(key, 1);
      await waitFor(async () => (await limiter.blocked()).length === 0);
      await limiter.block('d', DAY_US);
      expect(await redis('ZCARD', '{ds:limit}:blocked')).toBe('1');
    });

    test('sends a script again when the server has forgotten it', async () => {
      await limiter.check([demand('user')]);
      await redis('SCRIPT', 'FLUSH');
      expect((await limiter.check([demand('user')])).decisions[0]).toMatchObject({ remaining: 3 });
    });

    test('two clients on one key let exactly the limit through', async () => {
      const other = await openLimiter(server);
      onTestFinished(() => other.close());
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, (_, i) => (i % 2 === 0 ? limiter : other).check([demand('user')])),
      );
      expect(outcomes.filter(({ allowed }) => allowed)).toHaveLength(5);
    });

    test('finds the busiest among many, and counts them all, other keys of the server aside', async () => {
      const keys = Array.from({ length: 1300 }, (_, i) => `user:${i}`);
      await Promise.all(keys.map((key) => limiter.check([demand(key)])));
      await Promise.all(keys.map((key) => redis('SET', key, 'somebody else')));
      for (let i = 0; i < 3; i++) await limiter.check([demand('user:700')]);
      expect(await limiter.counts()).toEqual({ keys: 1300, blocked: 0 });
      const [first, second] = await limiter.top(2);
      expect(first).toMatchObject({ key: 'user:700', allowedTotal: 4 });
      expect(second).toMatchObject({ allowedTotal: 1 });
    });

    test('keeps what it acknowledged through a kill of the server', async () => {
      await limiter.check([demand('user', { cost: 4 })]);
      await admin.close();
      await server.restart();
      admin = await connectAdmin(server);
      const again = await openLimiter(server);
      onTestFinished(() => again.close());
      const isLoaded = () =>
        again.peek([demand('user')]).then(
          () => true,
          () => false,
        );
      await waitFor(isLoaded, { what: 'Redis to have loaded its file' });
      expect((await again.check([demand('user', { cost: 2 })])).allowed).toBe(false);
      expect((await again.check([demand('user')])).allowed).toBe(true);
    });
  });
});

describe.skipIf(!hasPackages('redis-server'))('connecting to a Redis', () => {
  async function start(...settings: string[]): Promise<RedisServer> {
    const server = await startRedisServer(settings);
    onTestFinished(() => server.stop());
    return server;
  }

  test('warns when what was counted may be forgotten', async () => {
    const cases: [settings: string[], notice: RegExp][] = [
      [['--appendonly', 'no'], /appendonly no/],
      [['--appendonly', 'yes', '--appendfsync', 'everysec'], /appendfsync everysec/],
      [['--maxmemory', '100mb', '--maxmemory-policy', 'volatile-ttl'], /volatile-ttl/],
    ];
    for (const [settings, notice] of cases) {
      const limiter = await openLimiter(await start(...settings));
      expect(limiter.notices.join()).toMatch(notice);
      await limiter.close();
    }
  });

  test('works on a node of a cluster, which refuses keys of different slots', async () => {
    const server = await start('--cluster-enabled', 'yes', '--cluster-port', String(await freePort()));
    const admin = await connectAdmin(server);
    await admin.send(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
    await waitFor(async () => String(await admin.send(['CLUSTER', 'INFO'])).includes('cluster_state:ok'));
    await expect(admin.send(['MGET', 'a', 'b'])).rejects.toThrow('CROSSSLOT');
    await admin.close();

    const limiter = await openLimiter(server);
    onTestFinished(() => limiter.close());
    const outcome = await limiter.check([demand('a'), demand('b', { scope: 'api' })]);
    expect(outcome.allowed).toBe(true);
    await limiter.refund(demand('a'));
    await limiter.block('c', DAY_US);
    expect(await limiter.top(10)).toHaveLength(2);
    expect(await limiter.reset('b')).toBe(true);
    expect((await limiter.inspect('a')).reports).toHaveLength(1);
  });

  test('takes the password from the URL or the option, and never repeats it', async () => {
    const server = await start('--requirepass', 'open sesame');
    const inUrl = server.url.replace('redis://', 'redis://:open%20sesame@');
    for (const options of [{ url: inUrl }, { url: server.url, password: 'open sesame' }]) {
      const limiter = await openRemoteLimiter(options.url, { clock, random, ...options });
      expect((await limiter.check([demand('a')])).allowed).toBe(true);
      await limiter.close();
    }
    for (const url of [server.url, server.url.replace('redis://', 'redis://:not-it@')]) {
      const error: unknown = await openLimiter({ url }).catch((failure: unknown) => failure);
      expect(error).toMatchObject({ code: 'peer.auth_required', hint: expect.stringContaining('DS_LIMIT_URL') });
      expect(JSON.stringify([String(error), error])).not.toContain('not-it');
    }
  });

  test('says so when the user may not run scripts', async () => {
    const server = await start();
    const admin = await connectAdmin(server);
    onTestFinished(() => admin.close());
    await admin.send(['ACL', 'SETUSER', 'app', 'on', '>secret', '~*', '+@all', '-@scripting']);
    const limiter = await openLimiter({ url: server.url.replace('redis://', 'redis://app:secret@') });
    onTestFinished(() => limiter.close());
    await expect(limiter.check([demand('a')])).rejects.toMatchObject({
      code: 'peer.auth_required',
      kind: 'peer',
      message: expect.stringMatching(/refused access.*no permissions to run the 'evalsha' command/i),
    });
  });

  test('says so when the server has no memory left', async () => {
    const limiter = await openLimiter(await start('--maxmemory', '1', '--maxmemory-policy', 'noeviction'));
    onTestFinished(() => limiter.close());
    await expect(limiter.check([demand('a')])).rejects.toMatchObject({
      code: 'peer.refused',
      message: expect.stringContaining('OOM'),
    });
  });
});

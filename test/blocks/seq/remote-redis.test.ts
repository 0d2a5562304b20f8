import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openRemoteSequencer, type RemoteSequencer } from '../../../src/blocks/seq/remote/index.js';
import { seqPeer } from '../../../src/blocks/seq/remote/peer.js';
import type { LeaseRequest, WorkerLease } from '../../../src/blocks/seq/sequencer.js';
import { systemClock } from '../../../src/platform/clock.js';
import { connect, type RemoteConnection } from '../../../src/platform/protocol/resp-client/connection.js';
import { parseRemoteUrl } from '../../../src/platform/protocol/resp-client/url.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { hasPackages } from '../../helpers/programs.js';
import { freePort, type RedisServer, startRedisServer } from '../../helpers/redis-server.js';
import { waitFor } from '../../helpers/wait-for.js';
import { describeSequencerContract } from './contract.js';

const HIGHEST = 2n ** 63n - 1n;

/** For plain commands. */
const connectAdmin = ({ url }: RedisServer): Promise<RemoteConnection> =>
  connect(parseRemoteUrl(url, seqPeer), {
    clock: systemClock,
    peer: seqPeer,
    connectTimeoutMs: 5000,
    commandTimeoutMs: 5000,
  });

describe.skipIf(!hasPackages('redis-server'))('a sequencer in Redis', () => {
  let server: RedisServer;
  let admin: RemoteConnection;

  const open = (clock = systemClock) => openRemoteSequencer(server.url, { clock });
  const redis = (...args: string[]) => admin.send(args);

  beforeAll(async () => {
    server = await startRedisServer(['--appendonly', 'yes', '--appendfsync', 'always']);
    admin = await connectAdmin(server);
  });
  afterAll(async () => {
    await admin.close();
    await server.stop();
  });

  const openSubject = async () => {
    await redis('FLUSHALL');
    let sequencer = await open();
    return {
      sequencer,
      reopen: async () => {
        await sequencer.close();
        sequencer = await open();
        return sequencer;
      },
      cleanup: () => sequencer.close(),
    };
  };
  describeSequencerContract('a Redis', openSubject, { hlc: false });

  describe('beyond the contract', () => {
    let sequencer: RemoteSequencer;

    beforeEach(async () => {
      await redis('FLUSHALL');
      sequencer = await open();
    });
    afterEach(() => sequencer.close());

    const request = (changes: Partial<LeaseRequest> = {}): LeaseRequest => ({
      space: 'twitter',
      workers: 1,
      holder: 'test:1',
      ttlMs: 30,
      skewMs: 0,
      reserveMs: 40,
      ...changes,
    });

    test('says that it is a Redis, and has nothing to warn of where every write is synced', () => {
      expect(sequencer.server).toMatchObject({ kind: 'redis', version: expect.stringMatching(/^\d+\.\d+/) });
      expect(sequencer.notices).toEqual([]);
    });

    test('refuses hybrid clock stamps', async () => {
      await expect(sequencer.hlc.tick()).rejects.toMatchObject({ code: 'seq.unsupported_remote' });
      await expect(sequencer.hlc.merge({ wall: 1, logical: 0 }, 10)).rejects.toMatchObject({
        code: 'seq.unsupported_remote',
      });
    });

    test('counts exactly where doubles no longer do', async () => {
      await redis('SET', '{ds:seq}:ticket:big', String(2n ** 53n));
      expect(await sequencer.tickets.take('big', 1n)).toEqual({ first: 2n ** 53n + 1n, last: 2n ** 53n + 1n });
      expect(await sequencer.tickets.current('big')).toBe(2n ** 53n + 1n);

      await redis('SET', '{ds:seq}:gapless:exact', String(HIGHEST - 2n));
      await redis('SET', '{ds:seq}:token', String(2n ** 53n));
      const [first, second] = [
        await sequencer.tickets.reserve('exact', { holder: 'a', ttlMs: 60_000 }),
        await sequencer.tickets.reserve('exact', { holder: 'b', ttlMs: 60_000 }),
      ];
      expect([first.number, second.number]).toEqual([HIGHEST - 1n, HIGHEST]);
      expect([first.token, second.token]).toEqual([2n ** 53n + 1n, 2n ** 53n + 2n]);
      await sequencer.tickets.abort(second);
      await sequencer.tickets.abort(first);
      const again = await sequencer.tickets.reserve('exact', { holder: 'c', ttlMs: 60_000 });
      expect(again.number).toBe(first.number);
      await sequencer.tickets.reserve('exact', { holder: 'c', ttlMs: 60_000 });
      await expect(sequencer.tickets.reserve('exact', { holder: 'd', ttlMs: 60_000 })).rejects.toMatchObject({
        code: 'seq.ticket_exhausted',
      });
    });

    test('hands out the lowest abandoned number as a number, not as text', async () => {
      const reserve = () => sequencer.tickets.reserve('orders', { holder: 'a', ttlMs: 60_000 });
      const tickets = [];
      for (let i = 0; i < 10; i++) tickets.push(await reserve());
      const [nine, ten] = tickets.slice(8);
      if (nine === undefined || ten === undefined) throw new Error('no tickets');
      await sequencer.tickets.abort(ten);
      await sequencer.tickets.abort(nine);
      expect((await reserve()).number).toBe(9n);
      expect((await reserve()).number).toBe(10n);
    });

    test('refuses to pass 2^63 - 1 and stays where it is', async () => {
      await redis('SET', '{ds:seq}:ticket:full', String(HIGHEST - 1n));
      await expect(sequencer.tickets.take('full', 2n)).rejects.toMatchObject({ code: 'seq.ticket_exhausted' });
      expect(await sequencer.tickets.take('full', 1n)).toEqual({ first: HIGHEST, last: HIGHEST });
    });

    test('keeps all keys under one hash tag', async () => {
      await sequencer.workers.lease(request());
      await sequencer.tickets.take('a', 1n);
      await sequencer.tickets.reserve('b', { holder: 'x', ttlMs: 1000 });
      const keys = await redis('KEYS', '*');
      if (!Array.isArray(keys)) throw new Error('no keys');
      expect(keys.length).toBeGreaterThan(8);
      for (const key of keys) expect(key).toMatch(/^\{ds:seq\}:/);
    });

    test('sends a script again when the server has forgotten it', async () => {
      await sequencer.tickets.take('a', 1n);
      await redis('SCRIPT', 'FLUSH');
      expect((await sequencer.tickets.take('a', 1n)).last).toBe(2n);
    });

    test('keeps what it acknowledged through a kill of the server', async () => {
      const lease = await sequencer.workers.lease(request({ ttlMs: 60_000 }));
      const { last } = await sequencer.tickets.take('orders', 7n);
      await admin.close();
      await server.restart();
      admin = await connectAdmin(server);
      await expect(sequencer.tickets.take('orders', 1n)).rejects.toMatchObject({ code: 'peer.unreachable' });
      sequencer = await open();
      expect((await sequencer.tickets.take('orders', 1n)).first).toBe(last + 1n);
      await expect(sequencer.workers.lease(request())).rejects.toMatchObject({ code: 'seq.workers_exhausted' });
      await sequencer.workers.renew(lease, { ttlMs: 60_000, reserveUntil: lease.reservedUntil + 10 });
    });

    test('never reserves an instant of one number twice, for machines whose clocks are hours apart', async () => {
      const clocks = [new ManualClock(Date.now() - 5 * 3_600_000), new ManualClock(Date.now() + 7 * 3_600_000)];
      const machines = await Promise.all(clocks.map((clock) => open(clock)));
      const reserved: { from: number; until: number; token: bigint }[] = [];
      const deadline = performance.now() + 1500;
      await Promise.all(
        machines.map(async (machine, index) => {
          while (performance.now() < deadline) {
            const holder = `machine ${index}`;
            const lease = await machine.workers.lease(request({ holder })).catch(() => undefined);
            if (lease === undefined) continue;
            const until = await useLease(machine, lease, clocks[index]?.now() ?? 0);
            reserved.push({ from: lease.floor, until, token: lease.token });
          }
        }),
      );
      await Promise.all(machines.map((machine) => machine.close()));
      reserved.sort((a, b) => (a.token < b.token ? -1 : 1));
      expect(reserved.length).toBeGreaterThan(4);
      for (const [index, { from }] of reserved.entries()) {
        if (index > 0) expect(from).toBeGreaterThanOrEqual(reserved[index - 1]?.until ?? Number.POSITIVE_INFINITY);
      }
    });

    /** Renews by the machine's own clock, then releases (honestly), or leaves the lease to expire. Returns the end used. */
    async function useLease(machine: RemoteSequencer, lease: WorkerLease, ownNow: number): Promise<number> {
      // On a busy machine 30 ms may run out before the request is sent.
      const refused = (error: unknown) =>
        expect(error).toMatchObject({ code: expect.stringMatching(/^seq\.(clock_ahead|lease_lost)$/) });
      const renewed = (from: WorkerLease, reserveUntil: number) =>
        machine.workers.renew(from, { ttlMs: 30, reserveUntil }).catch((error: unknown) => {
          refused(error);
          return from;
        });
      const own = await renewed(lease, ownNow + 40);
      const longer = await renewed(own, own.reservedUntil + 20);
      if (longer.token % 2n === 0n) return longer.reservedUntil;
      const used = Math.floor((longer.floor + longer.reservedUntil) / 2);
      await machine.workers.release(longer, used).catch(refused);
      return used;
    }
  });
});

describe.skipIf(!hasPackages('redis-server'))('connecting to a Redis', () => {
  test('warns when acknowledged numbers may be lost', async () => {
    const cases: [settings: string[], notice: RegExp][] = [
      [['--appendonly', 'no'], /appendonly no/],
      [['--appendonly', 'yes', '--appendfsync', 'everysec'], /appendfsync everysec/],
      [['--maxmemory', '100mb', '--maxmemory-policy', 'allkeys-lru'], /allkeys-lru/],
    ];
    for (const [settings, notice] of cases) {
      const server = await startRedisServer(settings);
      onTestFinished(() => server.stop());
      const sequencer = await openRemoteSequencer(server.url, { clock: systemClock });
      expect(sequencer.notices.join()).toMatch(notice);
      await sequencer.close();
    }
  });

  test('works on a node of a cluster, which refuses keys of different slots', async () => {
    const busPort = String(await freePort());
    const server = await startRedisServer(['--cluster-enabled', 'yes', '--cluster-port', busPort]);
    onTestFinished(() => server.stop());
    const admin = await connectAdmin(server);
    await admin.send(['CLUSTER', 'ADDSLOTSRANGE', '0', '16383']);
    await waitFor(async () => String(await admin.send(['CLUSTER', 'INFO'])).includes('cluster_state:ok'));
    await expect(admin.send(['MGET', 'a', 'b'])).rejects.toThrow('CROSSSLOT');
    await admin.close();

    const sequencer = await openRemoteSequencer(server.url, { clock: systemClock });
    const request = { space: 'twitter', workers: 4, holder: 'a', ttlMs: 60_000, skewMs: 0, reserveMs: 100 };
    const lease = await sequencer.workers.lease(request);
    await sequencer.workers.renew(lease, { ttlMs: 60_000, reserveUntil: lease.reservedUntil + 1 });
    await sequencer.workers.release(lease);
    expect(await sequencer.workers.list()).toHaveLength(1);
    await sequencer.tickets.take('a', 1n);
    await sequencer.tickets.commit(await sequencer.tickets.reserve('b', { holder: 'a', ttlMs: 1000 }));
    await sequencer.tickets.abort(await sequencer.tickets.reserve('b', { holder: 'a', ttlMs: 1000 }));
    expect(await sequencer.tickets.holes('b')).toHaveLength(1);
    expect(await sequencer.tickets.list()).toHaveLength(2);
    await sequencer.close();
  });

  test('takes the password from the URL or the option, and never repeats it', async () => {
    const server = await startRedisServer(['--requirepass', 'open sesame']);
    onTestFinished(() => server.stop());
    const inUrl = server.url.replace('redis://', 'redis://:open%20sesame@');
    for (const [url, password] of [[inUrl], [server.url, 'open sesame']] as const) {
      const sequencer = await openRemoteSequencer(url, {
        clock: systemClock,
        ...(password === undefined ? {} : { password }),
      });
      expect((await sequencer.tickets.take('a', 1n)).last).toBeGreaterThan(0n);
      await sequencer.close();
    }
    for (const url of [server.url, server.url.replace('redis://', 'redis://:not-it@')]) {
      const error: unknown = await openRemoteSequencer(url, { clock: systemClock }).catch(
        (failure: unknown) => failure,
      );
      expect(error).toMatchObject({ code: 'peer.auth_required' });
      expect(JSON.stringify([String(error), error])).not.toContain('not-it');
    }
  });
});

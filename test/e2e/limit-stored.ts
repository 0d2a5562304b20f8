/** The commands of `ds limit` that use a store, each on a file, on a daemon and on a real Redis: they behave alike. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { type RedisServer, startRedisServer } from '../helpers/redis-server.js';
import { type RunOptions, runDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';

let redis: RedisServer | undefined;

const lines = (text: string) => text.split('\n').filter((line) => line !== '');
const fields = (text: string) => lines(text).map((line) => line.split('\t'));

/** Keys are new for each test, since the Redis is shared. */
let tests = 0;

interface Place {
  readonly options: RunOptions;
  /** Flags that lead to the store. */
  readonly target: readonly string[];
}

const places: Record<'file' | 'daemon' | 'redis', () => Promise<Place>> = {
  file: async () => ({ options: { home: temporaryFolder() }, target: [] }),
  daemon: async () => {
    const off = ['--http', 'off', '--admin', 'off'];
    const { ready } = await startDs(['limit', 'serve', '--listen', '127.0.0.1:0', ...off]);
    return { options: { home: temporaryFolder() }, target: ['--url', ready.endpoints['redis'] ?? ''] };
  },
  redis: async () => {
    return { options: { home: temporaryFolder(), env: { DS_LIMIT_URL: redis?.url ?? '' } }, target: [] };
  },
};

/** `redis` is a server that nobody here wrote: its tests are among those of conformance. */
export function describeStoredLimits(kind: 'file' | 'daemon' | 'redis'): void {
  describe.skipIf(kind === 'redis' && !hasPackages('redis-server'))(`on a ${kind}`, () => {
    if (kind === 'redis') {
      beforeAll(async () => {
        redis = await startRedisServer(['--appendonly', 'yes', '--appendfsync', 'always']);
      });
      afterAll(() => redis?.stop());
    }

    const open = async (more: RunOptions = {}) => {
      const { options: place, target } = await places[kind]();
      const options = { ...place, ...more };
      const run = (verb: string, ...args: string[]) => runDs(['limit', verb, ...target, ...args], options);
      const json = async (verb: string, ...args: string[]): Promise<Record<string, unknown>> => {
        const { stdout } = await run(verb, ...args, '--json');
        return JSON.parse(stdout);
      };
      return { run, json, key: `k${tests++}` };
    };

    test('check allows the limit, refuses what is above it, and says so by its exit code', async () => {
      const { run, key } = await open();
      const first = await run('check', key, '--rate', '5/h', '-n', '5');
      expect([first.code, first.stderr]).toEqual([0, '']);
      expect(fields(first.stdout).map(([state, left, limit, retry]) => [state, left, limit, retry])).toEqual(
        [4, 3, 2, 1, 0].map((left) => ['allowed', String(left), '5', '0']),
      );
      const sixth = await run('check', key, '--rate', '5/h');
      expect([sixth.code, sixth.stderr]).toEqual([1, '']);
      const [state, left, limit, retry] = fields(sixth.stdout)[0] ?? [];
      expect([state, left, limit]).toEqual(['limited', '0', '5']);
      expect(Number(retry)).toBeGreaterThan(0);
      expect(Number(retry)).toBeLessThanOrEqual(720);
    });

    test('check tells everything as JSON', async () => {
      const { run, json, key } = await open();
      expect(await json('check', key, '--rate', '2/h', '--cost', '2')).toEqual({
        ...{ key, cost: 2, state: 'allowed', allowed: true, limit: 2, remaining: 0 },
        ...{ retry_after_ms: 0, reset_after_ms: 3_600_000 },
      });
      const many = lines((await run('check', key, '--rate', '2/h', '-n', '2', '--json')).stdout).map((line) =>
        JSON.parse(line),
      );
      expect(many).toEqual(
        [1, 2].map(() => expect.objectContaining({ allowed: false, state: 'limited', remaining: 0 })),
      );
      expect(many[0].retry_after_ms).toBeGreaterThan(0);
      expect(await json('check', key, '--rate', '2/h', '--cost', '3')).toMatchObject({
        allowed: false,
        retry_after_ms: null,
      });
    });

    test('--wait waits until it is allowed; --timeout bounds it', async () => {
      const { run, key } = await open();
      const waited = await run('check', key, '--rate', '1/500ms', '-n', '3', '--wait');
      expect([waited.code, fields(waited.stdout).map(([state]) => state)]).toEqual([
        0,
        ['allowed', 'allowed', 'allowed'],
      ]);
      await run('check', `${key}-slow`, '--rate', '1/h');
      const bounded = await run('check', `${key}-slow`, '--rate', '1/h', '--wait', '--timeout', '1s');
      expect([bounded.code, fields(bounded.stdout)[0]?.[0]]).toEqual([1, 'limited']);
    });

    test('a leaky bucket tells the delay', async () => {
      const { run, json, key } = await open();
      await run('check', key, '--rate', '1/min', '--burst', '3', '-a', 'leaky-bucket');
      const { delay_ms } = await json('check', key, '--rate', '1/min', '--burst', '3', '-a', 'leaky-bucket');
      expect(delay_ms).toBeGreaterThan(50_000 - 30_000);
      expect(delay_ms).toBeLessThanOrEqual(60_000);
    });

    test('a concurrency limit gives a lease, and refund takes it back', async () => {
      const { run, json, key } = await open();
      const semaphore = [key, '--rate', '1/10min', '--algorithm', 'concurrency'];
      const { lease } = await json('check', ...semaphore);
      expect((await run('check', ...semaphore)).code).toBe(1);
      expect((await run('refund', key, '--lease', String(Number(lease) + 1))).code).toBe(0);
      expect((await run('check', ...semaphore)).code).toBe(1);
      expect(await json('refund', key, '--lease', String(lease))).toMatchObject({
        scope: '',
        key,
        limit: 1,
        remaining: 1,
      });
      expect((await run('check', ...semaphore)).code).toBe(0);
    });

    test('peek and refund know the limit that was counted by, and need one where nothing was', async () => {
      const { run, json, key } = await open();
      const unknown = await run('peek', key);
      expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('--rate')]);
      expect(await json('peek', key, '--rate', '3/h')).toMatchObject({ state: 'allowed', limit: 3, remaining: 2 });
      await run('check', key, '--rate', '3/h', '-n', '3');
      expect((await run('peek', key)).code).toBe(1);
      expect((await run('peek', key, '--cost', '0')).code).toBe(0);
      expect(fields((await run('refund', key, '--cost', '2')).stdout)[0]?.slice(0, 3)).toEqual(['', '2', '3']);
      expect(await json('peek', key)).toMatchObject({ state: 'allowed', remaining: 1 });
      expect((await run('refund', `${key}-new`)).code).toBe(2);
    });

    test('reset forgets; more than one needs --yes', async () => {
      const { run, key } = await open();
      await run('check', key, '--rate', '1/h');
      expect((await run('check', key, '--rate', '1/h')).code).toBe(1);
      expect(await run('reset', key)).toMatchObject({ code: 0, stdout: `${key}\treset\n` });
      expect((await run('check', key, '--rate', '1/h')).code).toBe(0);
      const both = await run('reset', key, `${key}-new`);
      expect([both.code, both.stdout, both.stderr]).toEqual([2, '', expect.stringContaining('--yes')]);
      const sure = await run('reset', key, `${key}-new`, '--yes');
      expect([sure.code, sure.stdout]).toEqual([1, `${key}\treset\n${key}-new\tunknown\n`]);
    });

    test('a blocked key is refused under every limit, listed, and let through when the block is lifted', async () => {
      const { run, json, key } = await open();
      expect((await json('block', key, '--for', '1h'))['blocked_until']).toMatch(/Z$/);
      const refused = await run('check', key, '--rate', '100/s');
      expect([refused.code, fields(refused.stdout)[0]?.[0]]).toEqual([1, 'blocked']);
      expect(Number(fields(refused.stdout)[0]?.[3])).toBeGreaterThan(3_000);
      expect(fields((await run('block', '--list')).stdout).map(([name]) => name)).toContain(key);
      expect((await run('why', key)).code).toBe(0);
      expect((await run('block', key, '--for', '0')).code).toBe(0);
      expect((await run('check', key, '--rate', '100/s')).code).toBe(0);
      expect(fields((await run('block', '--list')).stdout).map(([name]) => name)).not.toContain(key);
    });

    test('why tells the last decisions and what they counted', async () => {
      const { run, json, key } = await open();
      await run('check', key, '--rate', '2/h', '-n', '3');
      const decisions = fields((await run('why', key)).stdout);
      expect(decisions.map(([scope, , verdict, cost, left]) => [scope, verdict, cost, left])).toEqual([
        ['', 'limited', '1', '0'],
        ['', 'allowed', '1', '0'],
        ['', 'allowed', '1', '1'],
      ]);
      expect(await json('why', key)).toMatchObject({
        key,
        scopes: [
          {
            ...{ scope: '', algorithm: 'gcra', rate: '2/h', limit: 2, remaining: 0, allowed: 2, limited: 1 },
            why: expect.stringMatching(/^2 of 2 taken, all given back in .*; the next slot in (29m|30m)/),
            recent: [
              expect.objectContaining({ allowed: false, cost: 1, remaining: 0 }),
              expect.anything(),
              expect.anything(),
            ],
          },
        ],
      });
      const unknown = await run('why', `${key}-new`);
      expect([unknown.code, unknown.stdout]).toEqual([1, '']);
    });

    test('top and stats count keys', async () => {
      const { run, json, key } = await open();
      await run('check', key, '--rate', '1000/h', '-n', '30');
      await run('check', `${key}-b`, '--rate', '1000/h', '-n', '2');
      const top = fields((await run('top', '-n', '1000')).stdout);
      const mine = top.filter(([, name]) => name === key || name === `${key}-b`);
      expect(mine.map(([, name, allowed, limited]) => [name, allowed, limited])).toEqual([
        [key, '30', '0'],
        [`${key}-b`, '2', '0'],
      ]);
      expect(fields((await run('top', '-n', '1')).stdout)).toHaveLength(1);
      const { keys } = await json('stats');
      expect(keys).toBeGreaterThanOrEqual(2);
    });

    // A server decides for all; on a file the processes themselves have to agree.
    const askers = kind === 'file' ? 40 : 12;
    test(`${askers} processes that ask at once get exactly as many as the limit says`, async () => {
      const { run, key } = await open({ timeoutMs: 100_000 });
      const allowed = askers / 4;
      const asked = await Promise.all(
        Array.from({ length: askers }, () => run('check', key, '--rate', `${allowed}/h`)),
      );
      expect(asked.filter(({ code }) => code === 0)).toHaveLength(allowed);
      expect(asked.filter(({ code }) => code === 1)).toHaveLength(askers - allowed);
    }, 120_000);
  });
}

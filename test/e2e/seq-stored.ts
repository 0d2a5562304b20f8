/** The commands that use a store, each on a file, on a daemon and on a real Redis: they behave alike. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { type RedisServer, startRedisServer } from '../helpers/redis-server.js';
import { type RunOptions, runDs, runDsJson, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

let redis: RedisServer | undefined;

const lines = (text: string) => text.split('\n').filter((line) => line !== '');

/** Names are new for each test, since the Redis is shared. */
let tests = 0;

interface Place {
  readonly options: RunOptions;
  /** Flags that lead to the store. */
  readonly target: readonly string[];
  readonly name: string;
}

const places: Record<'file' | 'daemon' | 'redis', () => Promise<Place>> = {
  file: async () => ({ options: { home: temporaryFolder() }, target: [], name: `t${tests++}` }),
  daemon: async () => {
    const daemon = await startDs(['seq', 'serve', '--listen', '127.0.0.1:0', '--http', 'off', '--admin', 'off']);
    const url = daemon.ready.endpoints['redis'] ?? '';
    return { options: { home: temporaryFolder() }, target: ['--url', url], name: `t${tests++}` };
  },
  redis: async () => {
    const url = redis?.url ?? '';
    return { options: { home: temporaryFolder(), env: { DS_SEQ_URL: url } }, target: [], name: `t${tests++}` };
  },
};

/** `redis` is a server that nobody here wrote: its tests are among those of conformance. */
export function describeStoredSequences(kind: 'file' | 'daemon' | 'redis'): void {
  describe.skipIf(kind === 'redis' && !hasPackages('redis-server'))(`on a ${kind}`, () => {
    if (kind === 'redis') {
      beforeAll(async () => {
        redis = await startRedisServer(['--appendonly', 'yes', '--appendfsync', 'always']);
      });
      afterAll(() => redis?.stop());
    }

    const open = async () => {
      const place = await places[kind]();
      const { options, target } = place;
      return {
        ...place,
        run: (...args: string[]) => runDs(['seq', ...args, ...target], options),
        json: (...args: string[]) => runDsJson(['seq', ...args, ...target], options),
      };
    };

    test('next prints unique rising IDs', async () => {
      const { run } = await open();
      const first = await run('next', '-n', '10000');
      const second = await run('next', '-n', '10');
      expect([first.code, second.code, first.stderr]).toEqual([0, 0, '']);
      const ids = lines(first.stdout + second.stdout);
      expect(ids).toHaveLength(10_010);
      expect(ids.map(BigInt).every((id, i, all) => i === 0 || id > (all[i - 1] ?? id))).toBe(true);
    });

    test('next takes other layouts and formats, JSON and a worker number', async () => {
      const { run } = await open();
      expect((await run('next', '-n', '2', '--layout', 'ulid')).stdout).toMatch(/^([0-7][0-9A-HJKMNP-TV-Z]{25}\n){2}$/);
      expect((await run('next', '--format', 'hex')).stdout).toMatch(/^[0-9a-f]{16}\n$/);
      expect((await run('next', '-n', '2', '--json')).stdout).toMatch(/^(\{"id":"\d{19}"\}\n){2}$/);
      const { stdout } = await run('next', '--worker', '777');
      const decoded = await runDsJson(['seq', 'decode', stdout.trim(), '--layout', 'twitter']);
      expect(decoded).toMatchObject({ fields: { datacenter: 777 >> 5, worker: 777 & 31 } });
    });

    test('tickets rise by one, alone and in numbers, across processes', async () => {
      const { run, json, name } = await open();
      expect((await run('ticket', name)).stdout).toBe('1\n');
      expect((await run('ticket', name, '-n', '3')).stdout).toBe('2\n3\n4\n');
      expect(await json('ticket', name)).toEqual({ name, number: '5' });
      const many = await run('ticket', name, '-n', '25000');
      expect(lines(many.stdout)).toHaveLength(25_000);
      expect(lines(many.stdout).at(-1)).toBe('25005');
    });

    test('a gapless number is reserved, seen as a hole, committed, and never given again', async () => {
      const { run, json, name } = await open();
      const [number = '', token = ''] = (await run('ticket', name, '--gapless', '--holder', 'till-4')).stdout
        .trim()
        .split('\t');
      expect(number).toBe('1');
      expect(await json('holes', name)).toMatchObject({
        name,
        holes: [{ number: '1', state: 'reserved', holder: 'till-4', token, expires_at: expect.stringMatching(/Z$/) }],
      });
      expect(await json('commit', name, number, token)).toEqual({ name, number: '1', state: 'committed' });
      expect(await json('holes', name)).toEqual({ name, holes: [] });
      const again = await run('commit', name, number, token);
      expect(again.code).toBe(1);
      expect(again.stderr).toMatch(/^error: .*\nhint: {2}.*ds seq holes/);
      expect((await run('ticket', name, '--gapless')).stdout).toMatch(/^2\t\d+\n$/);
    });

    test('an aborted number, and one whose time ran out, are given again', async () => {
      const { run, name } = await open();
      const [number = '', token = ''] = (await run('ticket', name, '--gapless')).stdout.trim().split('\t');
      expect((await run('abort', name, number, token)).stdout).toBe(`${name} 1 abandoned\n`);
      const second = (await run('ticket', name, '--gapless', '--ttl', '1ms')).stdout.trim().split('\t');
      expect(second[0]).toBe('1');
      expect(second[1]).not.toBe(token);
      await waitFor(async () => (await run('holes', name)).stdout.includes('abandoned'), { timeoutMs: 15_000 });
      expect((await run('ticket', name, '--gapless')).stdout).toMatch(/^1\t/);
      expect((await run('commit', name, '1', second[1] ?? '')).code).toBe(1);
    });

    test('a sequence keeps its kind', async () => {
      const { run, name } = await open();
      await run('ticket', name);
      const { code, stderr } = await run('ticket', name, '--gapless');
      expect(code).toBe(2);
      expect(stderr).toContain(name);
    });

    test('a worker number is leased, listed, renewed and released', async () => {
      const { run, json } = await open();
      const lease = await json(
        'worker',
        'lease',
        '--layout',
        'tsid',
        '--ttl',
        '30s',
        '--holder',
        'api-1',
        '--worker',
        '900',
      );
      expect(lease).toMatchObject({
        layout: 'tsid',
        worker: 900,
        token: expect.stringMatching(/^\d+$/),
        holder: 'api-1',
      });
      const token = String((lease as { token: unknown }).token);
      const taken = await run('worker', 'lease', '--layout', 'tsid', '--worker', '900');
      expect([taken.code, taken.stderr]).toEqual([1, expect.stringContaining('api-1')]);
      expect((await run('worker', 'renew', '900', token, '-l', 'tsid', '--ttl', '40s')).stdout).toMatch(
        /^900\t\d+\t20.*Z\n$/,
      );
      expect(await json('worker', 'list', '--layout', 'tsid')).toMatchObject({
        workers: [{ worker: 900, state: 'leased' }],
      });
      expect((await run('worker', 'release', '900', token, '-l', 'tsid')).stdout).toBe('worker 900 of tsid released\n');
      expect((await run('worker', 'release', '900', token, '-l', 'tsid')).code).toBe(1);
      expect((await run('worker', 'renew', '900', token, '-l', 'tsid')).code).toBe(1);
      expect((await run('worker', 'list', '-l', 'tsid')).stdout).toMatch(/^tsid\t900\treleased\tapi-1\t/);
    });

    test('stats sum up layouts and sequences', async () => {
      const { run, json, name } = await open();
      await run('next');
      await run('ticket', name, '-n', '7');
      const stats = await json('stats');
      expect(stats).toMatchObject({
        layouts: expect.arrayContaining([expect.objectContaining({ layout: 'twitter', workers: 1024 })]),
        tickets: expect.arrayContaining([{ name, kind: 'block', last: expect.any(String), holes: 0 }]),
      });
      expect(lines((await run('stats')).stdout).map((line) => line.split('\t')[0])).toContain('ticket');
    });
  });
}

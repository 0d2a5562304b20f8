/**
 * Two daemons on one file, one of which is killed under load. What either has acknowledged is there at once for clients of the other, no
 * transaction is half there, an element that was moved is in one list, and the one that is left goes on.
 */
import { Redis } from 'ioredis';
import { expect, onTestFinished, test } from 'vitest';
import { type RunningDs, startDs } from '../helpers/run-ds.js';
import { temporaryFolder } from '../helpers/temporary-folder.js';
import { waitFor } from '../helpers/wait-for.js';

const ROUNDS = 3;
const COUNTERS = [0, 1, 2, 3] as const;

const start = (home: string) => startDs(['kv', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off'], { home });

function dial({ ready }: RunningDs): Redis {
  const client = new Redis(ready.endpoints['redis'] ?? '', { retryStrategy: () => null, maxRetriesPerRequest: 0 });
  // The end of the daemon is told by each command, too.
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  return client;
}

/** The other daemon has the file just now: nothing was changed. */
const isLocked = (error: unknown) => error instanceof Error && /^(STORAGE\.LOCKED|EXECABORT)/.test(error.message);

/** Runs `work` again and again, with a number that counts on, until the daemon has gone or `over` says so. */
async function repeat(over: () => boolean, work: (n: number) => Promise<void>, first: number): Promise<void> {
  for (let n = first; !over(); n++) {
    try {
      await work(n);
    } catch (error) {
      if (!isLocked(error)) return;
    }
  }
}

const transaction = (client: Redis, i: number, n: number) =>
  client.multi().set(`string:${i}`, n).hset(`hash:${i}`, 'field', n).zadd(`zset:${i}`, n, 'm').rpush(`list:${i}`, n);

test('what was acknowledged is there for the other one', { timeout: 60_000 }, async () => {
  const home = temporaryFolder();
  const daemons: [RunningDs, RunningDs] = [await start(home), await start(home)];
  const told: number[] = COUNTERS.map(() => 0);
  const pushed = new Set<string>();
  const moved = new Set<string>();
  for (let round = 0; round < ROUNDS; round++) {
    let isOver = false;
    const over = () => isOver;
    const first = Math.max(...told) + 1;
    const load = COUNTERS.map((i) => {
      const client = dial(daemons[i % 2 === 0 ? 0 : 1]);
      const count = async (n: number) => {
        await transaction(client, i, n).exec();
        told[i] = n;
      };
      return repeat(over, count, first);
    });
    const [pusher, mover] = daemons.map(dial);
    const push = async (n: number) => {
      await pusher?.rpush('jobs', `${round}:${n}`);
      pushed.add(`${round}:${n}`);
    };
    const move = async () => {
      const element = await mover?.blmove('jobs', 'done', 'LEFT', 'RIGHT', 0.1);
      if (element) moved.add(element);
    };
    load.push(repeat(over, push, 0), repeat(over, move, 0));
    const enough = () => pushed.size > (round + 1) * 100 && told.every((n) => n > first + 50);
    await waitFor(enough, { timeoutMs: 20_000, what: 'the load' });
    const killed = round % 2 === 0 ? 0 : 1;
    await daemons[killed].stop('SIGKILL');
    // Those of the other daemon go on until now.
    isOver = true;
    await Promise.all(load);

    const left = dial(daemons[1 - killed] ?? daemons[0]);
    await waitFor(async () => (await left.set('alive', round)) === 'OK', { what: 'a write' });
    daemons[killed] = await start(home);
    for (const client of [left, dial(daemons[killed])]) {
      for (const i of COUNTERS) {
        const n = Number(await client.get(`string:${i}`));
        expect(n).toBeGreaterThanOrEqual(told[i] ?? 0);
        expect(Number(await client.hget(`hash:${i}`, 'field'))).toBe(n);
        expect(Number(await client.zscore(`zset:${i}`, 'm'))).toBe(n);
        expect(Number(await client.lindex(`list:${i}`, -1))).toBe(n);
      }
      const [jobs, done] = [await client.lrange('jobs', 0, -1), await client.lrange('done', 0, -1)];
      expect(new Set([...jobs, ...done]).size).toBe(jobs.length + done.length);
      expect([...pushed].filter((element) => !jobs.includes(element) && !done.includes(element))).toEqual([]);
      expect([...moved].filter((element) => !done.includes(element))).toEqual([]);
    }
  }
});

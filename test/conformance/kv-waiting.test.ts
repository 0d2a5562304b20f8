/**
 * Clients that wait, as with a real Redis: the same random commands of several clients go to `ds kv serve` and to redis-server, and after each of
 * them the same clients must have been answered, with the same answers. Pushes within transactions, renamed, copied and stored keys, and
 * databases that take each other's place wake clients, too.
 */
import fc from 'fast-check';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { hasPackages } from '../helpers/programs.js';
import { startRedisServer } from '../helpers/redis-server.js';
import { startDs } from '../helpers/run-ds.js';
import { waitFor } from '../helpers/wait-for.js';

const CLIENTS = 6;
/** Clients that may wait at a time: the others go on. */
const MOST_WAITING = 4;
const STEPS = 600;

type Command = readonly string[];

const list = fc.constantFrom('list:0', 'list:1', 'list:2');
const sortedSet = fc.constantFrom('zset:0', 'zset:1');
const value = fc.nat(30).map(String);
const end = fc.constantFrom('LEFT', 'RIGHT');
const values = fc.array(value, { minLength: 1, maxLength: 3 });
const command = (...parts: (fc.Arbitrary<string | readonly string[]> | string)[]): fc.Arbitrary<Command> =>
  fc.tuple(...parts.map((part) => (typeof part === 'string' ? fc.constant(part) : part))).map((words) => words.flat());

const blocking = fc.oneof(
  command('BLPOP', list, list, '0'),
  command('BRPOP', list, '0'),
  command('BLMOVE', list, list, end, end, '0'),
  command('BRPOPLPUSH', list, list, '0'),
  command('BLMPOP', '0', '2', list, list, end, 'COUNT', '2'),
  command('BZPOPMIN', sortedSet, sortedSet, '0'),
  command('BZPOPMAX', sortedSet, '0'),
  command('BZMPOP', '0', '1', sortedSet, 'MIN', 'COUNT', '2'),
);

const changing = fc.oneof(
  command('LPUSH', list, values),
  command('RPUSH', list, values),
  command('RPUSHX', list, value),
  command('LMOVE', list, list, end, end),
  command('LTRIM', list, '0', '1'),
  command('SORT', list, 'STORE', list),
  command('RENAME', list, list),
  command('RENAMENX', list, list),
  command('COPY', list, list, 'REPLACE'),
  command('COPY', list, list, 'DB', '1', 'REPLACE'),
  command('MOVE', list, '1'),
  command('DEL', list, sortedSet),
  command('PEXPIREAT', list, '1000'),
  command('ZADD', sortedSet, value, value, value, value),
  command('ZINCRBY', sortedSet, '1', value),
  command('ZPOPMIN', sortedSet),
  command('ZUNIONSTORE', sortedSet, '2', sortedSet, sortedSet),
  command('ZRANGESTORE', sortedSet, sortedSet, '0', '1'),
  command('RENAME', sortedSet, sortedSet),
);

const others = fc.constantFrom<Command>(
  ['MULTI'],
  ['EXEC'],
  ['SWAPDB', '0', '1'],
  ['SELECT', '0'],
  ['SELECT', '1'],
  ['FLUSHDB'],
);

const steps = fc.record({
  client: fc.nat(CLIENTS - 1),
  command: fc.oneof(
    { weight: 6, arbitrary: blocking },
    { weight: 8, arbitrary: changing },
    { weight: 2, arbitrary: others },
  ),
});

class Side {
  readonly #clients: Redis[];
  readonly #control: Redis;
  /** Of clients that have not been answered. */
  readonly #asked = new Set<number>();
  readonly #answers = new Map<number, string>();

  constructor(port: number) {
    const dial = () => new Redis(port, '127.0.0.1', { retryStrategy: () => null });
    this.#clients = Array.from({ length: CLIENTS }, dial);
    this.#control = dial();
  }

  get waiting(): readonly number[] {
    return [...this.#asked].sort();
  }

  send(client: number, [name = '', ...args]: Command): void {
    this.#asked.add(client);
    const answered = (answer: string) => {
      this.#asked.delete(client);
      this.#answers.set(client, answer);
    };
    this.#clients[client]?.call(name, ...args).then(
      (reply) => answered(JSON.stringify(reply)),
      (error: Error) => answered(error.message),
    );
  }

  /** Resolves when whoever has no answer is one that the server knows to wait. */
  async settled(): Promise<Record<string, string>> {
    await waitFor(async () => {
      const info = await this.#control.info('clients');
      return Number(/blocked_clients:(\d+)/.exec(info)?.[1]) === this.#asked.size;
    });
    const answers = Object.fromEntries(this.#answers);
    this.#answers.clear();
    return answers;
  }

  end(): void {
    for (const client of [...this.#clients, this.#control]) client.disconnect();
  }
}

describe.skipIf(!hasPackages('redis-server'))('beside redis-server', () => {
  test.each([1, 2, 3])('who waits is answered as there, seed %i', { timeout: 60_000 }, async (seed) => {
    const redis = await startRedisServer();
    onTestFinished(() => redis.stop());
    const { ready } = await startDs(['kv', 'serve', '--listen', '127.0.0.1:0', '--admin', 'off']);
    const ours = new Side(Number(new URL(ready.endpoints['redis'] ?? '').port));
    const theirs = new Side(redis.port);
    onTestFinished(() => {
      ours.end();
      theirs.end();
    });
    const done: string[] = [];
    for (const step of fc.sample(steps, { seed, numRuns: STEPS })) {
      const { waiting } = theirs;
      if (/^B/.test(step.command[0] ?? '') && waiting.length === MOST_WAITING) continue;
      const free = [...Array(CLIENTS).keys()].filter((client) => !waiting.includes(client));
      const client = free[step.client % free.length] ?? 0;
      ours.send(client, step.command);
      theirs.send(client, step.command);
      done.push(`${client}: ${step.command.join(' ')}`);
      const [our, their] = await Promise.all([ours.settled(), theirs.settled()]);
      expect(our, done.slice(-20).join('\n')).toEqual(their);
    }
    expect(done.length).toBeGreaterThan(STEPS / 2);
  });
});

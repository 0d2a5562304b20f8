/** Hashes, sets and sorted sets: the same commands, one after another, to this store and to a real Redis: the same answers. */
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createRedisCommands } from '../../../../src/blocks/kv/redis/index.js';
import { type RedisServer, startRedisServer } from '../../../helpers/redis-server.js';
import { CommandHost, type Plain } from '../command-host.js';
import { collectionScripts } from './collection-scripts.js';

let server: RedisServer;
let host: CommandHost;

beforeAll(async () => {
  server = await startRedisServer();
});

afterAll(async () => {
  await server.stop();
});

beforeEach(() => {
  host = new CommandHost(createRedisCommands({ parameters: [], resetStatistics: () => {} }));
});

afterEach(() => host.close());

async function ofRedis(redis: Redis, name: string, args: readonly string[]): Promise<Plain> {
  try {
    return (await redis.call(name, ...args)) as Plain;
  } catch (error) {
    return `-${(error as Error).message}`;
  }
}

const UNORDERED = /^(hkeys|hvals|hgetall|hrandfield|smembers|sinter|sunion|sdiff|spop|srandmember|zrandmember|.scan)$/i;

/** Fields and members come in any order, of pairs too; doubles are compared as numbers: Redis 7.0 prints 17 digits of them. */
function comparable(name: string, reply: Plain): Plain {
  if (typeof reply === 'string' && reply.startsWith('-ERR wrong number of arguments for')) {
    return '-ERR wrong number of arguments';
  }
  const values = valuesOf(reply);
  return UNORDERED.test(name) && Array.isArray(values) ? values.flat().sort(byText) : values;
}

const byText = (a: Plain, b: Plain): number => (String(a) < String(b) ? -1 : 1);

function valuesOf(reply: Plain): Plain {
  if (Array.isArray(reply)) return reply.map(valuesOf);
  if (typeof reply === 'bigint') return Number(reply);
  if (reply === 'inf') return Number.POSITIVE_INFINITY;
  if (reply === '-inf') return Number.NEGATIVE_INFINITY;
  return typeof reply === 'string' && /^-?\d/.test(reply) ? Number(reply) : reply;
}

async function compare(redis: Redis, line: string): Promise<void> {
  const [name = '', ...args] = line.split(/\s+/).map((word) => (word === '""' ? '' : word));
  const theirs = comparable(name, await ofRedis(redis, name, args));
  expect([line, comparable(name, host.run(name, ...args))]).toEqual([line, theirs]);
}

describe.each([2, 3] as const)('in RESP%i', (protocol) => {
  let redis: Redis;

  beforeAll(() => {
    redis = new Redis(server.port, '127.0.0.1', { protocol });
  });

  afterAll(() => redis.disconnect());

  test.each(Object.entries(collectionScripts))('%s', async (_title, script) => {
    host.protocol = protocol;
    await redis.call('flushall');
    for (const line of script.trim().split('\n')) await compare(redis, line.trim());
  });
});

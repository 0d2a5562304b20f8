/** The same commands, one after another, to this store and to a real Redis: the same answers. */
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createRedisCommands } from '../../../../src/blocks/kv/redis/index.js';
import { type RedisServer, startRedisServer } from '../../../helpers/redis-server.js';
import { CommandHost, type Plain } from '../command-host.js';
import { scripts } from './scripts.js';

let server: RedisServer;
let redis: Redis;
let host: CommandHost;

beforeAll(async () => {
  server = await startRedisServer();
  redis = new Redis(server.port, '127.0.0.1');
});

afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

beforeEach(async () => {
  host = new CommandHost(createRedisCommands({ parameters: [], resetStatistics: () => {} }));
  await redis.call('flushall');
});

afterEach(() => host.close());

async function ofRedis(name: string, args: readonly string[]): Promise<Plain> {
  try {
    return (await redis.call(name, ...args)) as Plain;
  } catch (error) {
    return `-${(error as Error).message}`;
  }
}

/** Keys come in any order. */
function comparable(name: string, reply: Plain): Plain {
  if (Array.isArray(reply) && /^(keys|scan)$/i.test(name)) return [...reply.flat()].sort();
  if (typeof reply === 'string' && reply.startsWith('-ERR wrong number of arguments for')) {
    return reply.includes('|') ? reply : '-ERR wrong number of arguments';
  }
  return typeof reply === 'bigint' ? Number(reply) : reply;
}

test.each(Object.entries(scripts))('%s', async (_title, script) => {
  for (const line of script.trim().split('\n')) {
    const [name = '', ...args] = line
      .trim()
      .split(/\s+/)
      .map((word) => (word === '""' ? '' : word));
    const theirs = comparable(name, await ofRedis(name, args));
    expect([line.trim(), comparable(name, host.run(name, ...args))]).toEqual([line.trim(), theirs]);
  }
});

import { describe, expect, onTestFinished, test } from 'vitest';
import { keyFromBytes } from '../../../src/blocks/limit/key.js';
import { defineLimit } from '../../../src/blocks/limit/limit.js';
import type { RateLimiter } from '../../../src/blocks/limit/limiter.js';
import { openMemoryLimiter } from '../../../src/blocks/limit/memory.js';
import { openRemoteLimiter } from '../../../src/blocks/limit/remote/index.js';
import { respCommands } from '../../../src/blocks/limit/server/resp-commands.js';
import { openLimiterStore } from '../../../src/blocks/limit/store.js';
import { systemRandom as random, systemClock } from '../../../src/platform/clock.js';
import { Latency } from '../../../src/platform/daemon/latency.js';
import { createRespServer } from '../../../src/platform/protocol/resp/index.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { makeTemporaryFolder } from '../../helpers/temporary-folder.js';
import { describeLimiterContract } from './contract.js';

/** The RESP port of a daemon, over any limiter. */
async function serve(limiter: RateLimiter, clock = systemClock) {
  const latency = new Latency();
  const engine = { clock, limiter, check: limiter.check.bind(limiter), latency: () => latency };
  const server = createRespServer({
    commands: respCommands(engine),
    serverName: 'ds-limit',
    version: '1.2.3',
    clock: systemClock,
    info: () => ({}),
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { url: `redis://127.0.0.1:${port}`, stop: () => server.stop(1000) };
}

const open = (url: string) => openRemoteLimiter(url, { clock: systemClock, random });

describeLimiterContract('a daemon in memory', async () => {
  const clock = new ManualClock();
  const behind = openMemoryLimiter({ clock, random });
  const { url, stop } = await serve(behind);
  const limiter = await open(url);
  const cleanup = async () => {
    await limiter.close();
    await stop();
    await behind.close();
  };
  return { limiter, clock, cleanup };
});

describeLimiterContract('a daemon on a file', async () => {
  const folder = makeTemporaryFolder();
  const clock = new ManualClock();
  const start = async () => {
    const store = openLimiterStore({ path: `${folder.path}/limit.db`, clock, random });
    const daemon = await serve(store);
    const limiter = await open(daemon.url);
    const stop = async () => {
      await limiter.close();
      await daemon.stop();
      await store.close();
    };
    return { limiter, stop };
  };
  let running = await start();
  return {
    limiter: running.limiter,
    clock,
    reopen: async () => {
      await running.stop();
      running = await start();
      return running.limiter;
    },
    cleanup: async () => {
      await running.stop();
      folder.remove();
    },
  };
});

describe('a limiter in a ds daemon', () => {
  test('says what it is', async () => {
    const { url, stop } = await serve(openMemoryLimiter({ clock: systemClock, random }));
    const limiter = await open(url);
    onTestFinished(async () => {
      await limiter.close();
      await stop();
    });
    expect(limiter.server).toEqual({ kind: 'ds', version: '1.2.3' });
    expect(limiter.notices).toEqual([]);
  });

  test("brings the daemon's errors back whole: code, kind, message, hint and details", async () => {
    const { url, stop } = await serve(openMemoryLimiter({ clock: systemClock, random, mostKeys: 1 }));
    const limiter = await open(url);
    onTestFinished(async () => {
      await limiter.close();
      await stop();
    });
    const limit = defineLimit({ algorithm: 'gcra', count: 5, periodUs: 86_400e6 });
    await limiter.check([{ scope: '', key: 'first', limit, cost: 1 }]);
    const key = keyFromBytes(Uint8Array.of(0xff, 0x00));
    await expect(limiter.check([{ scope: '', key, limit, cost: 1 }])).rejects.toMatchObject({
      code: 'limit.too_many_keys',
      hint: expect.stringContaining('--db'),
      details: { keys: 1 },
    });
  });
});

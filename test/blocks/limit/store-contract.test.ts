import { join } from 'node:path';
import { openLimiterStore } from '../../../src/blocks/limit/store.js';
import { systemClock, systemRandom } from '../../../src/platform/clock.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { makeTemporaryFolder } from '../../helpers/temporary-folder.js';
import { describeLimiterContract } from './contract.js';

function opener(clock: ManualClock | undefined, options: { oneShot?: boolean; cacheBytes?: number } = {}) {
  const folder = makeTemporaryFolder();
  const open = () =>
    openLimiterStore({
      path: join(folder.path, 'limit.db'),
      clock: clock ?? systemClock,
      random: systemRandom,
      ...options,
    });
  let store = open();
  return {
    limiter: store,
    ...(clock === undefined ? {} : { clock }),
    reopen: async () => {
      await store.close();
      store = open();
      return store;
    },
    cleanup: async () => {
      await store.close();
      folder.remove();
    },
  };
}

describeLimiterContract('the SQLite file', async () => opener(new ManualClock()));
describeLimiterContract('the SQLite file in real time', async () => opener(undefined));
describeLimiterContract('the SQLite file, as one-shot commands use it', async () =>
  opener(new ManualClock(), { oneShot: true }),
);
describeLimiterContract('the SQLite file without memory to spare', async () =>
  opener(new ManualClock(), { cacheBytes: 0 }),
);

import { openMemoryLimiter } from '../../../src/blocks/limit/memory.js';
import { systemClock, systemRandom } from '../../../src/platform/clock.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { describeLimiterContract } from './contract.js';

describeLimiterContract('memory', async () => {
  const clock = new ManualClock();
  const limiter = openMemoryLimiter({ clock, random: systemRandom });
  return { limiter, clock, cleanup: () => limiter.close() };
});

describeLimiterContract('memory in real time', async () => {
  const limiter = openMemoryLimiter({ clock: systemClock, random: systemRandom });
  return { limiter, cleanup: () => limiter.close() };
});

/** What the platform is told of the rate limiter: its options, how to serve it, its line of the tour. Light to load. */
import type { Block } from '../../platform/daemon/block.js';
import { limitOptions } from './server/options.js';
import { tour } from './tour.js';

export const block: Block = {
  name: 'limit',
  summary: 'rate limiter: exact, durable limits for scripts, services and proxies',
  options: limitOptions,
  async serve(options, context) {
    const { startLimitServer } = await import('./server.js');
    return startLimitServer(options, context);
  },
  tour,
};

/** What the platform is told of the key-value store: its options, how to serve it, its lines of the tour. Light to load. */
import type { Block } from '../../platform/daemon/block.js';
import { kvOptions } from './server/options.js';
import { tour } from './tour.js';

export const block: Block = {
  name: 'kv',
  summary: 'key-value store: durable, for every Redis client',
  options: kvOptions,
  async serve(options, context) {
    const { startKvServer } = await import('./server.js');
    return startKvServer(options, context);
  },
  tour,
};

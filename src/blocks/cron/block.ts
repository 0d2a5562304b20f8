/** What the platform is told of the scheduler: its options, how to serve it, its line of the tour. Light to load. */
import type { Block } from '../../platform/daemon/block.js';
import { cronOptions } from './server/options.js';
import { tour } from './tour.js';

export const block: Block = {
  name: 'cron',
  summary: 'scheduler that accounts for every run: crontabs, retries, catch-up, history',
  options: cronOptions,
  async serve(options, context) {
    const { startCronServer } = await import('./server.js');
    return startCronServer(options, context);
  },
  tour,
};

/** What the platform is told of the logs: options, how to serve, lines of the tour. Light to load. */
import type { Block } from '../../platform/daemon/block.js';
import { logOptions } from './server/options.js';
import { tour } from './tour.js';

export const block: Block = {
  name: 'log',
  summary:
    'logs: shipped without losing a line, stored small, asked in LogQL; a collector for Loki, OTLP, Elasticsearch and syslog clients',
  options: logOptions,
  async serve(options, context) {
    const { startLogServer } = await import('./server.js');
    return startLogServer(options, context);
  },
  tour,
};

/** What the platform is told of the name server: its options, how to serve it, its lines of the tour. Light to load. */
import type { Block } from '../../platform/daemon/block.js';
import { dnsOptions } from './server/options.js';
import { tour } from './tour.js';

export const block: Block = {
  name: 'dns',
  summary: 'name server and resolver: zones, forwarding with a cache, service discovery',
  options: dnsOptions,
  async serve(options, context) {
    const { startDnsServer } = await import('./server.js');
    return startDnsServer(options, context);
  },
  tour,
};

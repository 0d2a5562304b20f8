/** What the platform is told of the object store: its options, how to serve it, its lines of the tour. Light to load. */
import type { Block } from '../../platform/daemon/block.js';
import { blobOptions } from './server/options.js';
import { tour } from './tour.js';

export const block: Block = {
  name: 'blob',
  summary: 'object store: S3 in one command, durable, with metadata that can be queried',
  options: blobOptions,
  async serve(options, context) {
    const { startBlobServer } = await import('./server.js');
    return startBlobServer(options, context);
  },
  tour,
};

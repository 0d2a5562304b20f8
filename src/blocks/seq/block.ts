/** What the platform is told of the sequencer: its options, how to serve it, its lines of the tour. Light to load. */
import type { Block } from '../../platform/daemon/block.js';
import { seqOptions } from './server/options.js';
import { tour } from './tour.js';

export const block: Block = {
  name: 'seq',
  summary: 'sequencer: sortable unique IDs and ordered numbers',
  options: seqOptions,
  async serve(options, context) {
    const { startSequencerServer } = await import('./server.js');
    return startSequencerServer(options, context);
  },
  tour,
};

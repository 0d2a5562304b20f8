import { join } from 'node:path';
import { openSequencerStore } from '../../../src/blocks/seq/store.js';
import { systemClock } from '../../../src/platform/clock.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { makeTemporaryFolder } from '../../helpers/temporary-folder.js';
import { describeSequencerContract } from './contract.js';

function opener(clock: ManualClock | undefined) {
  const folder = makeTemporaryFolder();
  const open = () =>
    openSequencerStore({ path: join(folder.path, 'seq.db'), clock: clock ?? systemClock, machine: 'this machine' });
  let store = open();
  return {
    sequencer: store,
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

describeSequencerContract('the SQLite file', async () => opener(new ManualClock()));
describeSequencerContract('the SQLite file in real time', async () => opener(undefined));

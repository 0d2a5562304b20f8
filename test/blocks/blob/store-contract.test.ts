import { join } from 'node:path';
import { openBlobStore } from '../../../src/blocks/blob/store.js';
import { systemClock, systemRandom } from '../../../src/platform/clock.js';
import { makeTemporaryFolder } from '../../helpers/temporary-folder.js';
import { describeBlobContract } from './contract.js';

describeBlobContract('the file', async () => {
  const folder = makeTemporaryFolder();
  const open = () => openBlobStore({ path: join(folder.path, 'blob.db'), clock: systemClock, random: systemRandom });
  let store = open();
  return {
    store,
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
});

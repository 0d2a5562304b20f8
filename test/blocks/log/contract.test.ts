/** The contract of logs (contract.ts) on all that has it. */
import { join } from 'node:path';
import { openRemoteLogs } from '../../../src/blocks/log/remote/index.js';
import { openLogStore } from '../../../src/blocks/log/store.js';
import { systemClock } from '../../../src/platform/clock.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { logStoreContract } from './contract.js';
import { serve } from './server/serve.js';

const now = () => systemClock.now();

logStoreContract(
  'file',
  async () => openLogStore({ path: join(temporaryFolder(), 'log.db'), clock: systemClock, tenant: 'fake' }),
  now,
);

logStoreContract('daemon', async () => openRemoteLogs({ url: (await serve()).url }, { clock: systemClock }), now);

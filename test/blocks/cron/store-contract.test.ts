import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openCronStore } from '../../../src/blocks/cron/store.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { temporaryFolder } from '../../helpers/temporary-folder.js';
import { ledgerContract } from './contract.js';

ledgerContract(async () => {
  const clock = new ManualClock();
  const path = join(temporaryFolder(), 'cron.db');
  return {
    clock,
    async open() {
      const ledger = await openCronStore({ path, clock });
      onTestFinished(() => ledger.close());
      return ledger;
    },
  };
});

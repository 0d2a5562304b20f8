/** What every ledger must do, whichever database it is in. */
import { claimContract } from './contract-claim.js';
import { endingContract } from './contract-ending.js';
import { externalContract } from './contract-external.js';
import { jobContract } from './contract-jobs.js';
import { leaderContract } from './contract-leader.js';
import { settleContract } from './contract-settle.js';
import { viewContract } from './contract-views.js';
import type { Place } from './contract-world.js';

/** `makePlace` is called within each test, and cleans up when it has finished. */
export function ledgerContract(makePlace: () => Promise<Place>): void {
  bookContract(makePlace);
  settleContract(makePlace);
  claimContract(makePlace);
  leaderContract(makePlace);
  externalContract(makePlace);
}

/** Of it what people do with jobs and runs, on ledgers whose side for the scheduler only brings them about. */
export function bookContract(makePlace: () => Promise<Place>): void {
  jobContract(makePlace);
  endingContract(makePlace);
  viewContract(makePlace);
}

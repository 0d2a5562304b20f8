/**
 * Making a copied file this machine's own. What the file knows of must not be repeated, so:
 * - every lease in it ends now, its reservation (high_water) standing: its holder, if there is one, can neither renew
 *   nor release, and the next holder of the number begins above it;
 * - every reserved gapless number is abandoned, so that it is given again under a new token;
 * - tickets and stamps go on above the highest that the file knows.
 * What the original gave out after the copy was made, no one here can know: hence only when it is gone for good.
 */
import type { Store } from '../../../platform/store/store.js';
import { nextToken, readMachine } from './file.js';

export interface AdoptReport {
  /** False when the file was this machine's already, and nothing was changed. */
  readonly adopted: boolean;
  readonly previousMachine: string;
  readonly leasesEnded: number;
  readonly reservationsAbandoned: number;
}

export function adoptFile(store: Store, machine: string, now: number): AdoptReport {
  return store.write(() => {
    const previousMachine = readMachine(store);
    if (previousMachine === machine) {
      return { adopted: false, previousMachine, leasesEnded: 0, reservationsAbandoned: 0 };
    }
    store.statement<[string]>('UPDATE file SET machine = ?').run(machine);
    const leases = store
      .statement<[bigint, number]>(
        'UPDATE worker SET token = ?, released = 1, expires_at = min(expires_at, ?) WHERE NOT released',
      )
      .run(nextToken(store), now);
    const reservations = store
      .statement<[bigint]>('UPDATE gapless SET token = ?, expires_at = 0 WHERE expires_at <> 0')
      .run(nextToken(store));
    return { adopted: true, previousMachine, leasesEnded: leases.changes, reservationsAbandoned: reservations.changes };
  });
}

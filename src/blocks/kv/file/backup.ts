/** A whole copy of the file while others use it. */
import type { Clock } from '../../../platform/clock.js';
import { type BackupReport, backupStore } from '../../../platform/store/backup.js';
import { Keyspace } from '../store/keyspace.js';

/** Errors: `storage.*`, also where there is no such file. */
export function backUpFile(path: string, target: string, clock: Clock): BackupReport {
  const keyspace = new Keyspace({ path, clock, mustExist: true });
  try {
    return backupStore(keyspace.store, target);
  } finally {
    keyspace.close();
  }
}

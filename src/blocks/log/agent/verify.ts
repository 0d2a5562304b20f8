/** Proofs, for commands: loaded when they are asked for. */
import type { Clock } from '../../../platform/clock.js';
import type { DsError } from '../../../platform/errors.js';
import { openStore } from '../../../platform/store/store.js';
import { EntryStore } from '../store/entry-store.js';
import { logFile } from '../store/schema.js';
import { nodeDisk } from './sources/files/node-disk.js';
import { type Verified, verifyPath } from './verify/verify.js';

export { pathsToVerify } from './verify/paths.js';
export type { FileProof, Verified } from './verify/verify.js';

export interface VerifyContext {
  /** Of log.db. */
  readonly db: string;
  /** It was named, and is not made where there is none. */
  readonly mustExist: boolean;
  readonly clock: Clock;
  /** Stored lines may be others than those on disk. */
  readonly allowChanged: boolean;
  /** Hears, at the end, of stored blocks that are damaged: what was in them counts as missing. */
  readonly onDamage: (error: DsError) => void;
}

/** Proves each path in turn; `paths` are absolute. Errors: those of {@link verifyPath}. */
export async function* verifyPaths(
  paths: readonly string[],
  { db, mustExist, clock, allowChanged, onDamage }: VerifyContext,
): AsyncGenerator<Verified> {
  const store = new EntryStore(openStore(logFile, { path: db, mustExist, closing: 'leave' }), clock);
  try {
    for (const path of paths) {
      yield await verifyPath(nodeDisk.resolve(path) ?? path, { store, disk: nodeDisk, allowChanged });
    }
    if (store.damage.error !== undefined) onDamage(store.damage.error);
  } finally {
    await store.close();
  }
}

/**
 * Garbage collection, beside everything else: steps of bounded transactions, between which others have their turn.
 *
 *     1  dead processes    their packs are sealed, their holds let go of
 *     2  dead contents     those without references, and the references to chunks that they had; a chunk without any goes with them
 *     3  packs             those without live chunks are removed, others cut where garbage is at their end, those that are mostly garbage rewritten
 *
 * It is the way out of a full disk, and so goes on where there is no room (../reserve.ts).
 *
 * A clock that steps back makes it wait longer, one that steps forward can shorten the grace, which is for readers in other processes only.
 */
import { removeDeadContents } from './dead-contents.js';
import { buryDeadWriters } from './dead-writers.js';
import { cleanPacks } from './packs.js';
import { DEFAULT_GRACE_MS, type GcCounts, type GcOptions, type GcParts, type GcResult, makePause } from './parts.js';

export type { GcOptions, GcResult } from './parts.js';

export async function collectGarbage(
  given: Omit<GcParts, 'graceMs' | 'counts' | 'write' | 'pause'>,
  options: GcOptions,
  retireGarbage: () => Promise<void>,
): Promise<GcResult> {
  const counts: GcCounts = {
    deadWriters: 0,
    contents: 0,
    chunks: 0,
    packs: 0,
    rewritten: 0,
    freedBytes: 0,
    damagedPacks: 0,
  };
  const { graceMs = DEFAULT_GRACE_MS } = options;
  const { store, reserve } = given;
  const write: GcParts['write'] = (work, how) => reserve.free(() => store.write(work, how));
  const parts: GcParts = { ...given, graceMs, counts, write, pause: makePause(options, counts) };
  options.signal?.throwIfAborted();
  await buryDeadWriters(parts);
  await removeDeadContents(parts);
  await retireGarbage();
  await cleanPacks(parts);
  reserve.restore();
  return { ...counts };
}

/** Contents that nobody refers to, in bounded transactions: a large manifest goes piece by piece, from its end. */
import { releaseChunk } from '../chunk-references.js';
import { deleteContent } from '../contents/content-rows.js';
import { countChunks, decodeManifest, encodeManifest } from '../contents/manifest.js';
import type { GcParts } from './parts.js';

/** Entries of manifests that one transaction lets go of: some 20 ms, for which others wait. */
const ENTRIES_AT_ONCE = 2000;
/** Contents that are looked at for one transaction. */
const CONTENTS_AT_ONCE = 100;

interface DeadRow {
  readonly id: number;
  readonly garbage_since: number;
  readonly manifest: Uint8Array;
}

/** Those without references for longer than the grace, but for what this process reads. */
export async function removeDeadContents(parts: GcParts): Promise<void> {
  const { store, write, clock, graceMs } = parts;
  const until = clock.now() - graceMs;
  const find = store.statement<[number, number, number], DeadRow>(
    `SELECT id, garbage_since, manifest FROM content
     WHERE garbage_since IS NOT NULL AND garbage_since <= ? AND (garbage_since, id) > (?, ?)
     ORDER BY garbage_since, id LIMIT ${CONTENTS_AT_ONCE}`,
  );
  let [since, id] = [Number.MIN_SAFE_INTEGER, 0];
  for (;;) {
    // Found within the transaction that removes them: nobody can have taken one up again in between.
    const seen = write(() => removeSome(parts, find.all(until, since, id)), { sync: 'normal' });
    await parts.pause();
    if (seen === undefined) return;
    [since, id] = seen;
  }
}

/** Returns after which one to go on; undefined when there are none. */
function removeSome(parts: GcParts, rows: readonly DeadRow[]): [since: number, id: number] | undefined {
  let left = ENTRIES_AT_ONCE;
  let after: [number, number] | undefined;
  for (const row of rows) {
    if (!parts.isRead(row.id)) {
      const entries = removeEntries(parts, row, left);
      if (entries === undefined) return after ?? [row.garbage_since, row.id - 1];
      left -= entries;
    }
    after = [row.garbage_since, row.id];
    if (left <= 0) break;
  }
  return after;
}

/** Returns how many it had; undefined where some are left. */
function removeEntries({ store, counts }: GcParts, row: DeadRow, most: number): number | undefined {
  const entries = decodeManifest(row.manifest);
  const going = entries.slice(-most);
  for (const [chunk, count] of countChunks(going)) if (releaseChunk(store, chunk, count) > 0) counts.chunks++;
  if (going.length === entries.length) {
    deleteContent(store, row.id, new Uint8Array(0));
    counts.contents++;
    return entries.length;
  }
  store
    .statement<[Uint8Array, number]>('UPDATE content SET manifest = ? WHERE id = ?')
    .run(encodeManifest(entries.slice(0, -most)), row.id);
  return undefined;
}

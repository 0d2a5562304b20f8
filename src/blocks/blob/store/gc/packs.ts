/**
 * Space that garbage takes in packs that nobody appends to. On a full disk the first steps need no room, and the last one little:
 *
 *     no live chunk         ──▶ row deleted, flushed ──▶ file removed
 *     a file without a row  ──▶ removed once it is older than the grace: its maker died before it had a row
 *     1 MiB of it at its end ─▶ claimed, flushed ──▶ cut off
 *     mostly garbage        ──▶ claimed ──▶ live chunks copied from the end on, and the file cut off behind those that are left (rewrite-pack.ts)
 *
 * Where room is wanted, a pack is rewritten for 1 MiB of garbage. Whoever reads a chunk that has moved looks it up again (contents/chunk-reader.ts).
 */
import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../../../platform/errors.js';
import { translateStorageError } from '../../../../platform/store/errors.js';
import { isWorthRewriting, LEAST_GARBAGE, PACK_NAME, PackAppender } from '../packs/pack-appender.js';
import { endOfChunks } from '../packs/pack-end.js';
import { Writer } from '../packs/writer.js';
import type { GcParts } from './parts.js';
import { cutOff, rewritePack } from './rewrite-pack.js';

/** A file without a row may be of a process that is about to make the row; milliseconds, however short the grace is. */
const SHORTEST_GRACE_MS = 60_000;

interface FreePack {
  readonly id: number;
  readonly name: string;
  readonly live_bytes: number;
}

export async function cleanPacks(parts: GcParts): Promise<void> {
  const { store, folder, random, reserve, clock } = parts;
  for (const pack of freePacks(parts)) {
    if (pack.live_bytes > 0) continue;
    removePack(parts, pack);
    await parts.pause();
  }
  removeStrays(parts);
  const writer = await Writer.create(store, clock);
  const appender = new PackAppender(store, writer, { folder, random, reserve, onlyNew: true });
  try {
    for (const pack of freePacks(parts)) {
      await shrinkPack(parts, appender, pack);
      await parts.pause();
    }
  } finally {
    await appender.close();
  }
}

/** Those first of which the least has to be copied. */
function freePacks({ store }: GcParts): FreePack[] {
  return store.read(() =>
    store
      .statement<[], FreePack>('SELECT id, name, live_bytes FROM pack WHERE writer_id IS NULL ORDER BY live_bytes, id')
      .all(),
  );
}

async function shrinkPack(parts: GcParts, appender: PackAppender, pack: FreePack): Promise<void> {
  const { store, folder, reserve, counts } = parts;
  const { id, live_bytes: live } = pack;
  const path = join(folder, pack.name);
  const size = sizeOf(path);
  if (size === undefined) return;
  const garbageAtEnd = size - store.read(() => endOfChunks(store, id));
  if (garbageAtEnd < LEAST_GARBAGE && !isWorthRewriting(size, live, reserve.isWanted)) return;
  const writerId = reserve.free(() => appender.ensureWriter());
  const end = claim(parts, id, writerId);
  if (end === undefined) return;
  let isEmpty = false;
  try {
    cutOff(parts, path, end);
    if (isWorthRewriting(end, live, reserve.isWanted))
      isEmpty = await rewritePack(parts, appender, { id, path, writerId });
  } finally {
    parts.write(
      () =>
        store
          .statement<[number, number]>('UPDATE pack SET writer_id = NULL WHERE id = ? AND writer_id = ?')
          .run(id, writerId),
      { sync: 'normal' },
    );
  }
  if (isEmpty && removePack(parts, pack)) counts.rewritten++;
}

/**
 * So that nobody appends to it, and no other gc copies it, too. Returns where its last chunk ends, as it is on disk: after a power loss no row
 * comes back whose bytes were cut off. Undefined: it is in use again.
 */
function claim({ store, write }: GcParts, packId: number, writerId: number): number | undefined {
  return write(() => {
    const { changes } = store
      .statement<[number, number]>('UPDATE pack SET writer_id = ? WHERE id = ? AND writer_id IS NULL')
      .run(writerId, packId);
    return changes > 0 ? endOfChunks(store, packId) : undefined;
  });
}

/** Returns false where it is in use again, or not empty. */
function removePack({ store, folder, counts, write }: GcParts, { id, name }: FreePack): boolean {
  const { changes } = write(() =>
    store
      .statement<[number]>(
        `DELETE FROM pack WHERE id = ? AND NOT EXISTS (SELECT 1 FROM chunk WHERE pack_id = pack.id) AND writer_id IS NULL`,
      )
      .run(id),
  );
  if (changes === 0) return false;
  const path = join(folder, name);
  counts.freedBytes += sizeOf(path) ?? 0;
  removeFile(path);
  counts.packs++;
  return true;
}

function removeStrays({ store, folder, clock, graceMs, counts }: GcParts): void {
  const oldest = clock.now() - Math.max(graceMs, SHORTEST_GRACE_MS);
  const find = store.statement<[string], object>('SELECT 1 FROM pack WHERE name = ?');
  for (const name of namesIn(folder)) {
    if (!PACK_NAME.test(name) || store.read(() => find.get(name)) !== undefined) continue;
    const path = join(folder, name);
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined || found.mtimeMs > oldest) continue;
    removeFile(path);
    counts.freedBytes += found.size;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw translateStorageError(error, folder);
  }
}

function sizeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.size;
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw translateStorageError(error, path);
  }
}

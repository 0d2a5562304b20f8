/**
 * Space that garbage takes in packs that nobody appends to.
 *
 *     no live chunk         ──▶ row deleted, flushed ──▶ file removed
 *     mostly garbage        ──▶ claimed ──▶ live chunks copied, flushed ──▶ their rows moved ──▶ as above
 *     a file without a row  ──▶ removed once it is older than the grace: its maker died before it had a row
 *
 * Whoever reads a chunk that has moved looks it up again (contents/chunk-reader.ts).
 */
import { readdirSync, statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../../../platform/errors.js';
import { translateStorageError } from '../../../../platform/store/errors.js';
import { isMostlyGarbage, PACK_NAME, PackAppender } from '../packs/pack-appender.js';
import { Writer } from '../packs/writer.js';
import type { GcParts } from './parts.js';
import { rewritePack } from './rewrite-pack.js';

/** A file without a row may be of a process that is about to make the row; milliseconds, however short the grace is. */
const SHORTEST_GRACE_MS = 60_000;

interface FreePack {
  readonly id: number;
  readonly name: string;
  readonly live_bytes: number;
}

export async function cleanPacks(parts: GcParts): Promise<void> {
  const { store, folder } = parts;
  const writer = await Writer.create(store, parts.clock);
  const appender = new PackAppender(store, writer, { folder, random: parts.random, onlyNew: true });
  try {
    for (const pack of freePacks(parts)) {
      await cleanPack(parts, appender, pack);
      await parts.pause();
    }
  } finally {
    await appender.close();
  }
  removeStrays(parts);
}

function freePacks({ store }: GcParts): FreePack[] {
  return store.read(() =>
    store.statement<[], FreePack>('SELECT id, name, live_bytes FROM pack WHERE writer_id IS NULL ORDER BY id').all(),
  );
}

async function cleanPack(parts: GcParts, appender: PackAppender, pack: FreePack): Promise<void> {
  const size = sizeOf(join(parts.folder, pack.name));
  if (!isMostlyGarbage(size ?? 0, pack.live_bytes) && size !== undefined) return;
  if (pack.live_bytes > 0 && size !== undefined) {
    const whole = await rewritePack(parts, appender, pack.id);
    if (!whole) return;
  }
  if (removePack(parts, pack, size ?? 0) && pack.live_bytes > 0) parts.counts.rewritten++;
}

/** Returns false where it is in use again, or not empty. */
function removePack({ store, folder, counts }: GcParts, { id, name }: FreePack, size: number): boolean {
  const { changes } = store.write(() =>
    store
      .statement<[number]>(
        `DELETE FROM pack WHERE id = ? AND NOT EXISTS (SELECT 1 FROM chunk WHERE pack_id = pack.id) AND writer_id IS NULL`,
      )
      .run(id),
  );
  if (changes === 0) return false;
  removeFile(join(folder, name));
  counts.packs++;
  counts.freedBytes += size;
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

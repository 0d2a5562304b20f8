/** Copies the live chunks of a pack to a new one. */
import { crc32 } from 'node:zlib';
import { LARGEST_CHUNK } from '../../chunking/cutter.js';
import { addLiveBytes } from '../chunk-references.js';
import type { PackAppender, PackPlace } from '../packs/pack-appender.js';
import type { GcParts } from './parts.js';

/** Copied, flushed and moved at once. */
const CHUNKS_AT_ONCE = 64;

interface LiveChunk {
  readonly id: number;
  readonly offset: number;
  readonly stored_length: number;
  readonly crc: number;
}

interface Move extends PackPlace {
  readonly chunk: LiveChunk;
}

/**
 * Resolves to whether nothing is left in it. It is claimed meanwhile, so that nobody appends to it and no other gc copies it, too. Where a
 * chunk is damaged the pack stays: a copy would hide where the damage came from.
 */
export async function rewritePack(parts: GcParts, appender: PackAppender, packId: number): Promise<boolean> {
  const { store, counts } = parts;
  const writerId = appender.ensureWriter();
  if (!claim(parts, packId, writerId)) return false;
  const buffer = new Uint8Array(LARGEST_CHUNK);
  try {
    for (;;) {
      const chunks = store.read(() => liveChunks(parts, packId));
      if (chunks.length === 0) return true;
      const moves = await copyAll(parts, appender, packId, chunks, buffer);
      if (moves === undefined) {
        counts.damagedPacks++;
        return false;
      }
      store.write(() => moveAll(parts, packId, moves), { sync: 'normal' });
      for (const target of new Set(moves.map((move) => move.packId))) appender.leave(target);
      await parts.pause();
    }
  } finally {
    store.write(
      () =>
        store
          .statement<[number, number]>('UPDATE pack SET writer_id = NULL WHERE id = ? AND writer_id = ?')
          .run(packId, writerId),
      { sync: 'normal' },
    );
  }
}

function claim({ store }: GcParts, packId: number, writerId: number): boolean {
  const { changes } = store.write(
    () =>
      store
        .statement<[number, number]>('UPDATE pack SET sealed = 1, writer_id = ? WHERE id = ? AND writer_id IS NULL')
        .run(writerId, packId),
    { sync: 'normal' },
  );
  return changes > 0;
}

function liveChunks({ store }: GcParts, packId: number): LiveChunk[] {
  return store
    .statement<[number, number], LiveChunk>(
      'SELECT id, offset, stored_length, crc FROM chunk WHERE pack_id = ? ORDER BY offset LIMIT ?',
    )
    .all(packId, CHUNKS_AT_ONCE);
}

/** When it resolves the copies are on disk. Undefined: one is damaged. */
async function copyAll(
  { files }: GcParts,
  appender: PackAppender,
  packId: number,
  chunks: readonly LiveChunk[],
  buffer: Uint8Array,
): Promise<Move[] | undefined> {
  const moves: Move[] = [];
  const targets = new Set<number>();
  let isWhole = true;
  for (const chunk of chunks) {
    const bytes = buffer.subarray(0, chunk.stored_length);
    isWhole = (await files.read(packId, chunk.offset, bytes)) && crc32(bytes) === chunk.crc;
    if (!isWhole) break;
    const place = appender.append([bytes], bytes.length);
    if (!targets.has(place.packId)) appender.use(place.packId);
    targets.add(place.packId);
    moves.push({ ...place, chunk });
  }
  if (isWhole) {
    await appender.flush(targets);
    return moves;
  }
  for (const target of targets) appender.leave(target);
  return undefined;
}

/** Within a transaction. A chunk that is gone meanwhile has left its copy as garbage. */
function moveAll({ store }: GcParts, from: number, moves: readonly Move[]): void {
  const update = store.statement<[number, number, number, number]>(
    'UPDATE chunk SET pack_id = ?, offset = ? WHERE id = ? AND pack_id = ?',
  );
  for (const { packId, offset, chunk } of moves) {
    if (update.run(packId, offset, chunk.id, from).changes === 0) continue;
    addLiveBytes(store, packId, chunk.stored_length);
    addLiveBytes(store, from, -chunk.stored_length);
  }
}

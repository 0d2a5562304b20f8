/**
 * Copies the live chunks of a pack to a new one, some at a time, and cuts off what was copied: so that it needs no more room than for those
 * few, whatever the pack has.
 *
 *     pack   │ a │ garbage │ b │ garbage │ c │ d │
 *            │ a │ garbage │ b │                      new pack   │ c │ d │
 *            removed                                  new pack   │ c │ d │ b │ a │
 */
import { statSync, truncateSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { translateStorageError } from '../../../../platform/store/errors.js';
import { LARGEST_CHUNK } from '../../chunking/cutter.js';
import { addLiveBytes } from '../chunk-references.js';
import { checkClaims } from '../packs/claims.js';
import type { PackPlace } from '../packs/open-pack.js';
import type { PackAppender } from '../packs/pack-appender.js';
import { endOfChunks } from '../packs/pack-end.js';
import type { GcParts } from './parts.js';

/** Copied, flushed and moved at once. */
const CHUNKS_AT_ONCE = 64;
/** The same in bytes, beyond a first chunk: an eighth of the reserve that a full disk has for it. */
const BYTES_AT_ONCE = 4 * 1024 * 1024;

interface LiveChunk {
  readonly id: number;
  readonly offset: number;
  readonly stored_length: number;
  readonly crc: number;
}

interface Move extends PackPlace {
  readonly chunk: LiveChunk;
}

/** By the appender's writer, so that nobody appends to it and no other gc copies it. */
interface ClaimedPack {
  readonly id: number;
  readonly path: string;
  readonly writerId: number;
}

/**
 * Of a pack that the caller has claimed. Resolves to whether nothing is left in it: it ends early where the rest is worth keeping. Where a chunk
 * is damaged it stays, with what is before it: a copy would hide where the damage came from.
 * Error: `blob.conflict` where another process took this one for dead: its copies may be cut off, and so nothing is moved to them.
 */
export async function rewritePack(parts: GcParts, appender: PackAppender, pack: ClaimedPack): Promise<boolean> {
  const { store, counts } = parts;
  const buffer = new Uint8Array(LARGEST_CHUNK);
  for (;;) {
    const chunks = store.read(() => lastChunks(parts, pack.id));
    if (chunks.length === 0) return true;
    const moves = await copyAll(parts, appender, pack.id, chunks, buffer);
    if (moves === undefined) {
      counts.damagedPacks++;
      return false;
    }
    // Flushed, as the copies are: what is cut off next was the only place of these chunks until now.
    const { end, live } = parts.write(() => moveAll(parts, pack, moves));
    for (const target of new Set(moves.map((move) => move.packId))) appender.leave(target);
    counts.freedBytes -= moves.reduce((sum, { chunk }) => sum + chunk.stored_length, 0);
    cutOff(parts, pack.path, end);
    await parts.pause();
    if (live > 0 && end - live <= (parts.reserve.isWanted ? 0 : live)) return false;
  }
}

/** A file that is shorter was cut by somebody else, and stays. */
export function cutOff({ counts }: GcParts, path: string, end: number): void {
  try {
    const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= end) return;
    truncateSync(path, end);
    counts.freedBytes += size - end;
  } catch (error) {
    throw translateStorageError(error, path);
  }
}

/** In the order of the file. */
function lastChunks({ store }: GcParts, packId: number): LiveChunk[] {
  const last: LiveChunk[] = [];
  let bytes = 0;
  const rows = store
    .statement<[number, number], LiveChunk>(
      'SELECT id, offset, stored_length, crc FROM chunk WHERE pack_id = ? ORDER BY offset DESC LIMIT ?',
    )
    .all(packId, CHUNKS_AT_ONCE);
  for (const row of rows) {
    bytes += row.stored_length;
    if (last.length > 0 && bytes > BYTES_AT_ONCE) break;
    last.unshift(row);
  }
  return last;
}

/** When it resolves the copies are on disk. Undefined: one is damaged. */
async function copyAll(
  { files, reserve }: GcParts,
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
    const place = reserve.free(() => appender.append([bytes], bytes.length));
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

/** Within a transaction. A chunk that is gone meanwhile has left its copy as garbage. Returns what is left of the pack. */
function moveAll(
  { store }: GcParts,
  { id: from, writerId }: ClaimedPack,
  moves: readonly Move[],
): { end: number; live: number } {
  checkClaims(store, writerId, new Set([from, ...moves.map(({ packId }) => packId)]));
  const update = store.statement<[number, number, number, number]>(
    'UPDATE chunk SET pack_id = ?, offset = ? WHERE id = ? AND pack_id = ?',
  );
  for (const { packId, offset, chunk } of moves) {
    if (update.run(packId, offset, chunk.id, from).changes === 0) continue;
    addLiveBytes(store, packId, chunk.stored_length);
    addLiveBytes(store, from, -chunk.stored_length);
  }
  const left = store
    .statement<[number], { live_bytes: number }>('UPDATE pack SET sealed = 1 WHERE id = ? RETURNING live_bytes')
    .get(from);
  return { end: endOfChunks(store, from), live: left?.live_bytes ?? 0 };
}

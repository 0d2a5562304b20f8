/**
 * Reads a piece of a file, together with what stands right before it, so that what proves that it is the right file comes by the same read:
 *
 *     … ├──── tail ────┤├───────── new ─────────┤
 *       base           from (= position)        to
 *
 * A piece has room for the longest line several times; of a small file no more than it has is allocated.
 */
import type { Disk, OpenFile } from './disk.js';
import { isSameFile } from './disk.js';
import { agrees } from './identity.js';
import { PIECE_BYTES, type Piece } from './piece.js';
import type { PieceMemory } from './piece-memory.js';
import type { TrackedFile } from './tracked-file.js';

/**
 * `changed`: these are not the bytes that were read before; `absent`: no such file is there any more. Throws what the system says.
 */
export function readPiece(
  disk: Disk,
  file: TrackedFile,
  now: number,
  memory: PieceMemory,
): Piece | 'changed' | 'absent' {
  const opened = openDescriptor(disk, file);
  if (opened === undefined) return 'absent';
  const stat = opened.stat();
  const { offset, tail, fingerprint } = file.position;
  if (stat.size < Math.max(offset, fingerprint.length)) return 'changed';
  file.observe(stat, now);
  const fresh = Math.min(PIECE_BYTES, stat.size - offset);
  const bytes = memory.take(tail.length + fresh);
  const base = offset - tail.length;
  const read = opened.read(bytes, bytes.length, base);
  if (read < tail.length || !agrees(tail, bytes.subarray(0, tail.length))) return 'changed';
  // What was seen of it and not read yet.
  const isAhead = fingerprint.length > offset;
  if (isAhead && !agrees(fingerprint, bytes.subarray(0, Math.min(read, fingerprint.length)))) return 'changed';
  // Truncated while it was read: what was got may be of two times.
  if (opened.stat().size < base + read) return 'changed';
  return { bytes, base, from: tail.length, to: read, atEnd: base + read >= stat.size };
}

/** Opens it where it was last seen, if it is still there. */
export function openDescriptor(disk: Disk, file: TrackedFile): OpenFile | undefined {
  if (file.descriptor !== undefined) return file.descriptor;
  const opened = disk.open(file.path);
  if (opened === undefined) return undefined;
  if (!isSameFile(opened.stat(), file)) {
    opened.close();
    return undefined;
  }
  file.descriptor = opened;
  return opened;
}

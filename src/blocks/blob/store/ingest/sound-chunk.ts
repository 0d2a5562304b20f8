/**
 * Before a body counts on a chunk that is there already, its stored bytes are read: a disk may have damaged them, or somebody removed
 * the pack, and the body would be acknowledged and could never be read. A damaged chunk is written again, and with it whatever shares it
 * is whole.
 */
import { closeSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { Store } from '../../../../platform/store/store.js';
import type { PackPlace } from '../packs/open-pack.js';
import { openUnlessMissing } from '../packs/pack-io.js';

export interface ChunkPlace extends PackPlace {
  readonly id: number;
  readonly storedLength: number;
  readonly crc: number;
  /** Of the pack's file. */
  readonly name: string;
}

/** Undefined where no chunk has this SHA-256. */
export function findChunk(store: Store, hash: Uint8Array): ChunkPlace | undefined {
  const find = store.statement<[Uint8Array], ChunkPlace>(
    `SELECT chunk.id, pack_id AS packId, offset, stored_length AS storedLength, crc, pack.name
     FROM chunk JOIN pack ON pack.id = pack_id WHERE hash = ?`,
  );
  return store.read(() => find.get(hash));
}

/** False, too, where gc has moved it meanwhile: to write it once more does no harm. */
export function isSound(folder: string, { name, offset, storedLength, crc }: ChunkPlace): boolean {
  const descriptor = openUnlessMissing(join(folder, name));
  if (descriptor === undefined) return false;
  try {
    const bytes = Buffer.allocUnsafe(storedLength);
    for (let filled = 0; filled < storedLength; ) {
      const count = readSync(descriptor, bytes, filled, storedLength - filled, offset + filled);
      if (count === 0) return false;
      filled += count;
    }
    return crc32(bytes) === crc;
  } catch {
    // A disk that cannot read it: EIO.
    return false;
  } finally {
    closeSync(descriptor);
  }
}

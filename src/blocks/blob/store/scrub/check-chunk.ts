/** Whether a chunk is what was stored: its stored bytes by their CRC, what they mean by the SHA-256 that it is known by. */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Store } from '../../../../platform/store/store.js';
import { decode } from '../contents/chunk-reader.js';
import { RAW } from '../ingest/ingested.js';
import type { PackFiles } from '../packs/pack-files.js';

export interface ChunkRow {
  readonly id: number;
  readonly hash: Uint8Array;
  readonly pack_id: number;
  readonly offset: number;
  readonly stored_length: number;
  readonly length: number;
  readonly codec: number;
  readonly crc: number;
}

export const CHUNK_COLUMNS = 'id, hash, pack_id, offset, stored_length, length, codec, crc';

/** What is wrong with it; undefined: nothing. gc may move it or take it away meanwhile: then it is looked up and read again. */
export async function checkChunk(
  store: Store,
  files: PackFiles,
  row: ChunkRow,
  buffer: Uint8Array,
): Promise<string | undefined> {
  const find = store.statement<[number], ChunkRow>(`SELECT ${CHUNK_COLUMNS} FROM chunk WHERE id = ?`);
  for (let present: ChunkRow = row; ; ) {
    const problem = await problemOf(files, present, buffer);
    if (problem === undefined) return undefined;
    const now = store.read(() => find.get(row.id));
    if (now === undefined) return undefined;
    if (now.pack_id === present.pack_id && now.offset === present.offset) return problem;
    present = now;
  }
}

async function problemOf(files: PackFiles, row: ChunkRow, buffer: Uint8Array): Promise<string | undefined> {
  // A row is read from a file that may be damaged, too.
  if (row.stored_length > buffer.length) return `has an impossible length of ${row.stored_length}`;
  const stored = buffer.subarray(0, row.stored_length);
  if (!(await files.read(row.pack_id, row.offset, stored))) return 'is missing: its pack is gone or too short';
  if (crc32(stored) !== row.crc) return 'has other bytes than were stored (CRC-32)';
  const whole = row.codec === RAW ? stored : await decode(stored, row.length);
  if (whole === undefined) return 'cannot be decoded';
  const hash = createHash('sha256').update(whole).digest();
  return hash.equals(row.hash) ? undefined : 'is not what it is known by (SHA-256)';
}

/** What is stored of a file of the ledger, for who proves that each line is there once. */
import { crc32 } from 'node:zlib';
import type { Store } from '../../../platform/store/store.js';
import { type EntryBatch, lineBytes } from '../entry-batch.js';
import { fileOf } from './block/origins.js';
import { latestBlock } from './block-rows.js';
import { type BlockReader, readSoundBlock } from './read-block.js';

/** Entries of one block that are of the file, in order of their offsets. */
export interface StoredOrigins {
  readonly count: number;
  readonly offsets: Float64Array;
  readonly endOffsets: Float64Array;
  /** Of each stored line: {@link lineHash}. */
  readonly hashes: Uint32Array;
}

export interface RemovedRange {
  readonly from: number;
  readonly to: number;
  /** Entries that were removed within the range. */
  readonly entries: number;
}

/** CRC-32 of a line as it is stored. */
export function lineHash(line: Uint8Array): number {
  return crc32(line);
}

/** Blocks of a page. */
const PAGE = 64;

/**
 * All entries of a file, block by block, in order of the lowest offset of each: blocks may overlap where lines were out of order in time. One
 * block is in memory at a time; all is of one state of the file. What is in damaged blocks is not there. Errors: those of the storage
 * catalogue.
 */
export async function* storedOrigins(store: BlockReader, file: number): AsyncGenerator<StoredOrigins> {
  const { sql } = store;
  const state = sql.read(() => latestBlock(sql));
  let after: FilePartRow = { from: -1, block: -1 };
  for (;;) {
    const parts = sql.read(() =>
      sql
        .statement<[number, number, number, number, number, number], FilePartRow>(
          `SELECT from_offset AS "from", block FROM block_files JOIN blocks ON blocks.id = block
           WHERE file = ? AND (from_offset, block) > (?, ?) AND blocks.id <= ? AND (retired IS NULL OR retired > ?)
           ORDER BY from_offset, block LIMIT ?`,
        )
        .all(file, after.from, after.block, state, state, PAGE),
    );
    for (const { block } of parts) {
      const batch = await readSoundBlock(store, block);
      if (typeof batch === 'object') yield originsOf(batch, file);
    }
    const last = parts.at(-1);
    if (last === undefined) return;
    after = last;
  }
}

/** What retention has removed of a file, in order. */
export function removedRanges(sql: Store, file: number): RemovedRange[] {
  return sql.read(() =>
    sql
      .statement<[number], RemovedRange>(
        'SELECT from_offset AS "from", to_offset AS "to", entries FROM removed WHERE file = ? ORDER BY from_offset',
      )
      .all(file),
  );
}

interface FilePartRow {
  readonly from: number;
  readonly block: number;
}

function originsOf(batch: EntryBatch, file: number): StoredOrigins {
  const { origin } = batch;
  const indexes: number[] = [];
  if (origin !== undefined) for (let i = 0; i < batch.count; i++) if (fileOf(origin, i) === file) indexes.push(i);
  const offsets = origin?.offsets ?? new Float64Array(0);
  indexes.sort((a, b) => (offsets[a] ?? 0) - (offsets[b] ?? 0));
  return {
    count: indexes.length,
    offsets: Float64Array.from(indexes, (index) => offsets[index] ?? 0),
    endOffsets: Float64Array.from(indexes, (index) => origin?.endOffsets[index] ?? 0),
    hashes: Uint32Array.from(indexes, (index) => lineHash(lineBytes(batch, index))),
  };
}

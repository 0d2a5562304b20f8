/**
 * The tables. Timestamps of entries are nanoseconds since the Unix epoch, times of the store's own doings milliseconds; NULL is «none».
 *
 *     streams       labels that entries have in common, each once; entries name them by number
 *     blocks        entries, some 256 KB in each (store/block/codec.ts), compressed, with the filter of their tokens
 *     totals        of the blocks of a tenant that are not retired
 *     block_files   which bytes of which file of the ledger a block has the lines of
 *     removed       the same of entries that retention has removed
 *     scans         long readings under way: what they may still read stays
 *
 * A block never changes. Merging some into a larger one, and retention, retire blocks: rows stay for a while for who reads by an older state.
 *
 *     state S (the highest id when reading began) sees a block where  id <= S  and  (retired is NULL  or  retired > S)
 *
 *     blocks 1 2 3, then 4 made of 1 and 2 (their retired = 4):    S = 3 sees 1 2 3, S = 4 sees 3 4
 *
 * So readings see one state, page by page and without a transaction that would keep the write-ahead log from being shortened. `arrival` is the
 * id that the first of a block's entries arrived with: of blocks that begin at the same time the one that came first is read first. A block
 * of level 0 is as it arrived: who follows arrivals reads these alone, in order of id, retired or not, and meets each entry once.
 *
 * People ask views, which stay as they are when tables change: views.ts.
 */
import type { StoreDefinition } from '../../../platform/store/migrate.js';
import { AGENT_TABLES } from './agent/tables.js';
import { views } from './views.js';

/** Blocks with smaller payloads are merged into larger ones. Stands in an index: a new value wants a new version of the schema. */
export const SMALL_BLOCK_BYTES = 131_072;

const migrations: readonly string[] = [
  `
    -- stream_removals: changes when streams were removed. lost_arrival: the highest id of a block of level 0 that was deleted.
    CREATE TABLE setting (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    INSERT INTO setting (name, value) VALUES ('stream_removals', 0), ('lost_arrival', 0);

    -- labels: canonical JSON, a list of names and values (labels.ts). first, last: of its entries, or further.
    CREATE TABLE streams (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      tenant TEXT NOT NULL,
      labels TEXT NOT NULL,
      first INTEGER NOT NULL,
      last INTEGER NOT NULL,
      UNIQUE (tenant, labels)
    ) STRICT;

    -- raw_bytes: of lines. level: how often its entries were merged. retired: the highest id when that was done; 0: by retention.
    -- codec, size, crc: of the data (block/compression.ts). streams: ids, 32 bits each, in the order in which the data names them. filter:
    -- NULL where there is none. The data is last: who reads the rest does not read through it.
    CREATE TABLE blocks (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      tenant TEXT NOT NULL,
      first INTEGER NOT NULL,
      last INTEGER NOT NULL,
      arrival INTEGER NOT NULL,
      arrived_at INTEGER NOT NULL,
      entries INTEGER NOT NULL,
      raw_bytes INTEGER NOT NULL,
      stored_bytes INTEGER NOT NULL,
      level INTEGER NOT NULL,
      retired INTEGER,
      retired_at INTEGER,
      codec INTEGER NOT NULL,
      size INTEGER NOT NULL,
      crc INTEGER NOT NULL,
      streams BLOB NOT NULL,
      filter BLOB,
      data BLOB NOT NULL
    ) STRICT;
    -- All that choosing blocks asks for, so that no row is read of those that are not chosen.
    CREATE INDEX blocks_forward ON blocks (tenant, first, arrival, last, retired);
    CREATE INDEX blocks_backward ON blocks (tenant, last, arrival, first, retired);
    CREATE INDEX blocks_small ON blocks (tenant, first) WHERE retired IS NULL AND raw_bytes < 131072;
    CREATE INDEX blocks_retired ON blocks (retired_at) WHERE retired IS NOT NULL;

    CREATE TABLE totals (
      tenant TEXT PRIMARY KEY,
      blocks INTEGER NOT NULL,
      entries INTEGER NOT NULL,
      raw_bytes INTEGER NOT NULL,
      stored_bytes INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE block_files (
      file INTEGER NOT NULL,
      from_offset INTEGER NOT NULL,
      block INTEGER NOT NULL,
      to_offset INTEGER NOT NULL,
      entries INTEGER NOT NULL,
      PRIMARY KEY (file, from_offset, block)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX block_files_of_block ON block_files (block);
    CREATE TABLE removed (
      file INTEGER NOT NULL,
      from_offset INTEGER NOT NULL,
      to_offset INTEGER NOT NULL,
      entries INTEGER NOT NULL,
      PRIMARY KEY (file, from_offset)
    ) STRICT, WITHOUT ROWID;

    -- since: when the reading began. until: it has gone when it has not said otherwise by then.
    CREATE TABLE scans (id INTEGER PRIMARY KEY AUTOINCREMENT, since INTEGER NOT NULL, until INTEGER NOT NULL) STRICT;

    ${AGENT_TABLES}
    ${views}
  `,
  `
    -- By the payload: what has few bytes of lines may have many of metadata.
    DROP INDEX blocks_small;
    CREATE INDEX blocks_small ON blocks (tenant, first) WHERE retired IS NULL AND size < ${SMALL_BLOCK_BYTES};
  `,
];

export const logFile: StoreDefinition = {
  block: 'log',
  /** «DsLg» */
  applicationId: 0x44734c67,
  migrations,
};

/**
 * The limiter's file:
 *
 *     journal (a row per commit)                     bucket (a row per key and scope)
 *     ┌────────────────────────────────────┐         ┌────────────────────────────────────────────────────────┐
 *     │ id       rises by 1                │  fold   │ key, scope   key of the row, as bytes                  │
 *     │ entries  every entry that the      │────────▶│ journal_id   the journal row that the record is from   │
 *     │          commit changed, as a whole│         │ fresh_at     µs since the epoch: then it may be deleted│
 *     └────────────────────────────────────┘         │ demands      allowed and refused, for `top`            │
 *                                                    │ record       see record.ts                             │
 *     fold (one row)              block              └────────────────────────────────────────────────────────┘
 *     ┌────────────────────────┐  ┌─────────────────────────┐
 *     │ folded_to   journal id │  │ key, until_us           │   The truth about a key: the newest entry of it in the
 *     └────────────────────────┘  └─────────────────────────┘   journal; where there is none, its bucket row.
 *
 * A commit appends one row, whatever it changed: what it costs is the flush and a page or two. Folding moves many
 * commits' entries at once, each key once and in the order of the tree; then the rows are deleted. Measured with 50
 * keys of 100,000 changed by each commit (Node 20, better-sqlite3 12, synchronous=FULL, /dev/vda):
 *
 *     upserts of the 50 rows          468 commits/s     2.1 ms: 50 pages into the WAL, and again into the file
 *     one journal row of 4 kB       2,704 commits/s     0.4 ms; with the folding see bench/limit/serve.ts
 *
 * Any process may fold at any time, and several at once. Four rules keep them from undoing each other's work:
 *   1. A bucket row is overwritten only from a later journal row than the one it has.
 *   2. What lies at or below `folded_to` is in the buckets already and is left alone.
 *   3. Who has folded everything up to a row deletes up to there and raises `folded_to`, in one transaction.
 *   4. A fresh key's row is deleted only when its journal_id is at or below `folded_to`; a reset writes an empty record,
 *      which is deleted by the same rule. So no old entry can come back after its successor is gone.
 *
 * WITHOUT ROWID: the key is the row's place, so a lookup reads one tree instead of two.
 */
import type { StoreDefinition } from '../../../platform/store/migrate.js';

export const limiterFile: StoreDefinition = {
  block: 'limit',
  // 'DsLm' in ASCII.
  applicationId: 0x44734c6d,
  migrations: [
    `
    CREATE TABLE journal (
      id INTEGER PRIMARY KEY,
      entries BLOB NOT NULL
    ) STRICT;

    CREATE TABLE bucket (
      key BLOB NOT NULL,
      scope BLOB NOT NULL,
      journal_id INTEGER NOT NULL,
      fresh_at INTEGER NOT NULL,
      demands INTEGER NOT NULL,
      record BLOB NOT NULL,
      PRIMARY KEY (key, scope)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE block (
      key BLOB PRIMARY KEY,
      until_us INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE fold (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      folded_to INTEGER NOT NULL
    ) STRICT;
    INSERT INTO fold (id, folded_to) VALUES (1, 0);
    `,
  ],
};

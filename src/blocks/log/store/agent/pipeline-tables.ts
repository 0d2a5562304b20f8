/**
 * What the agent's pipelines keep in log.db. A pipeline is one sink with its own read positions, transforms and buffer.
 *
 *     pipelines     one row each: who runs it (a lease), totals since it was made, its last trouble
 *     ledger        which bytes of which file became which entries, in which batch, and when that was acknowledged
 *     buffers       batches on their way to a sink that is not this file
 *     dead_letters  entries that a sink refused for good
 *
 *     ledger of (pipeline, file):   [0 ─────────── 81920) acknowledged   [81920 ─ 90112) batch 7   [90112 ─ 98304) batch 8
 *                                   one row, however many batches it was   one row a batch, until it is acknowledged
 *
 * Rows of the ledger that are next to each other and acknowledged are one row, so that it grows by files and not by lines. In `ledger`,
 * lines = entries + continuation lines; entries = handed on + the sum of `dropped`.
 */

/** SQL of version 1. Times are milliseconds since the Unix epoch. */
export const PIPELINE_TABLES = `
  CREATE TABLE pipelines (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    sink TEXT NOT NULL,
    -- Random: batch ids are made of it and of next_batch, and are those of no other file.
    uid TEXT NOT NULL,
    next_batch INTEGER NOT NULL DEFAULT 1,
    holder_pid INTEGER,
    holder_identity TEXT,
    -- What it may buffer, and what it does when that is full; absent for the store itself.
    capacity_bytes INTEGER,
    when_full TEXT,
    read_lines INTEGER NOT NULL DEFAULT 0,
    read_entries INTEGER NOT NULL DEFAULT 0,
    read_bytes INTEGER NOT NULL DEFAULT 0,
    delivered_entries INTEGER NOT NULL DEFAULT 0,
    delivered_bytes INTEGER NOT NULL DEFAULT 0,
    -- JSON: entries by reason.
    dropped TEXT NOT NULL DEFAULT '{}',
    retries INTEGER NOT NULL DEFAULT 0,
    failures_in_row INTEGER NOT NULL DEFAULT 0,
    last_error TEXT,
    last_error_at INTEGER,
    last_delivered_at INTEGER,
    entries_per_second REAL NOT NULL DEFAULT 0,
    bytes_per_second REAL NOT NULL DEFAULT 0,
    seen_at INTEGER
  ) STRICT;

  CREATE TABLE ledger (
    pipeline INTEGER NOT NULL,
    file INTEGER NOT NULL,
    from_offset INTEGER NOT NULL,
    to_offset INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    -- JSON: entries by reason.
    dropped TEXT NOT NULL,
    first_batch INTEGER NOT NULL,
    last_batch INTEGER NOT NULL,
    -- Absent while it waits in the buffer.
    acknowledged_at INTEGER,
    PRIMARY KEY (pipeline, file, from_offset)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX ledger_waiting ON ledger (pipeline, first_batch) WHERE acknowledged_at IS NULL;

  CREATE TABLE buffers (
    pipeline INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    buffered_at INTEGER NOT NULL,
    entries INTEGER NOT NULL,
    line_bytes INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    data BLOB NOT NULL,
    PRIMARY KEY (pipeline, batch)
  ) STRICT;

  CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pipeline INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    refused_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    entries INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    data BLOB NOT NULL
  ) STRICT;
`;

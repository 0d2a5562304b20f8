/**
 * What the ledger knows of files.
 *
 *     files     one row for each content that a pipeline read: a file that is truncated and begins anew is another one, a file that is
 *               renamed, copied away before a truncation or compressed stays the same one, wherever its bytes are now
 *     watched   which names a pipeline has looked for: what lies beside them at the first look is history, later it is rotated
 *
 * States of a file:
 *
 *     open     its bytes are at `path`, in this inode; read up to `offset`
 *     done     a compressed file that was read to its end: it does not grow
 *     gone     deleted, or its inode has other content by now. A copy that goes on at `offset` makes it open again, or done
 *     copy     a copy of `copy_of`, which is there itself: not read
 *     ignored  compressed before the pipeline began: not read
 */

/** SQL of version 1. */
export const FILE_TABLES = `
  CREATE TABLE files (
    -- Never used again: entries in the store name it.
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    pipeline INTEGER NOT NULL,
    -- What it is a rotated form of, by its name; else its own path.
    family TEXT NOT NULL,
    path TEXT NOT NULL,
    first_path TEXT NOT NULL,
    -- Decimal: they may have 64 bits. birth: nanoseconds, 0 where the file system does not say.
    device TEXT NOT NULL,
    inode TEXT NOT NULL,
    birth TEXT NOT NULL,
    compressed INTEGER NOT NULL,
    state TEXT NOT NULL,
    copy_of INTEGER,
    -- What was there before it was not read.
    begun INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    fingerprint_length INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    tail_length INTEGER NOT NULL,
    tail TEXT NOT NULL,
    -- How lines become entries, for who reads them again: lines, multiline, docker.
    framing TEXT NOT NULL
  ) STRICT;
  CREATE INDEX files_of_pipeline ON files (pipeline, state);
  CREATE INDEX files_of_family ON files (family);

  CREATE TABLE watched (
    pipeline INTEGER NOT NULL,
    pattern TEXT NOT NULL,
    PRIMARY KEY (pipeline, pattern)
  ) STRICT, WITHOUT ROWID;
`;

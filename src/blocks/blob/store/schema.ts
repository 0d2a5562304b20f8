/**
 * The tables. Times are milliseconds since the epoch; NULL is «none». Keys compare by their UTF-8 bytes, which is S3's order.
 *
 *     bucket ──┬──▶ object   the current version of each key, and no delete marker: what a list reads, in its order
 *              ├──▶ history  all other versions and all delete markers, the newest of a key first
 *              └──▶ upload ──▶ part
 *                                │
 *     object, history, part ─────┴──▶ content   immutable bytes, counted by who refers to them
 *                                        │
 *                                        ├── inline      a small content's bytes, here in the file
 *                                        └── manifest ─▶ chunk   counted by the entries of manifests ─▶ pack   a file
 *
 *     hold    what an upload under way counts on: a chunk that was there before it. It is counted like an entry of a manifest
 *     writer  a process that appends to packs; a pack has one at a time, or none
 *
 * object and history have the same columns, so that a version moves from one to the other as it is. Their `rank` falls with
 * each write to the bucket: the newest version of a key has the lowest.
 *
 * A manifest is a row of entries, each two or three varints (LEB128):
 *
 *     chunk id × 2 + partial    length    [first byte within the chunk, where partial = 1]
 *
 * so that a part that was copied out of the middle of an object shares its chunks.
 *
 * People ask views, which stay as they are when tables change: views.ts.
 */
import type { StoreDefinition } from '../../../platform/store/migrate.js';
import { views } from './views.js';

const VERSION_COLUMNS = `
      bucket_id INTEGER NOT NULL,
      key TEXT NOT NULL,
      rank INTEGER NOT NULL,
      version_id TEXT NOT NULL,
      content_id INTEGER,
      size INTEGER NOT NULL,
      etag TEXT NOT NULL,
      modified_at INTEGER NOT NULL,
      attributes TEXT`;

const migrations: readonly string[] = [
  `
    CREATE TABLE setting (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;

    -- sequence: of the last write, the negative of its rank. objects, bytes: current versions. versions, version_bytes: history.
    -- grants: JSON of whose it is and to whom it is open (bucket-grants.ts).
    CREATE TABLE bucket (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      created_at INTEGER NOT NULL,
      versioning TEXT NOT NULL,
      snapshot_of TEXT,
      grants TEXT,
      sequence INTEGER NOT NULL,
      objects INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      versions INTEGER NOT NULL,
      version_bytes INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE bucket_document (
      bucket_id INTEGER NOT NULL REFERENCES bucket (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      xml TEXT NOT NULL,
      PRIMARY KEY (bucket_id, name)
    ) STRICT, WITHOUT ROWID;

    -- version_id: '' of the version that S3 calls null, made while versioning was off or suspended; a key has at most one.
    -- content_id: NULL of a delete marker.
    -- attributes: JSON of what is not usual (attributes.ts).
    CREATE TABLE object (${VERSION_COLUMNS},
      PRIMARY KEY (bucket_id, key)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE history (${VERSION_COLUMNS},
      PRIMARY KEY (bucket_id, key, rank)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX history_null ON history (bucket_id, key) WHERE version_id = '';

    CREATE TABLE upload (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      public_id TEXT NOT NULL UNIQUE,
      bucket_id INTEGER NOT NULL,
      key TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      attributes TEXT
    ) STRICT;
    CREATE INDEX upload_of_key ON upload (bucket_id, key, id);
    CREATE TABLE part (
      upload_id INTEGER NOT NULL,
      number INTEGER NOT NULL,
      content_id INTEGER NOT NULL,
      size INTEGER NOT NULL,
      etag TEXT NOT NULL,
      modified_at INTEGER NOT NULL,
      checksum TEXT,
      PRIMARY KEY (upload_id, number)
    ) STRICT, WITHOUT ROWID;

    -- refs: rows of object, history and part. manifest: NULL of an inline one. parts: JSON, of an upload in parts: [[number, size, checksum]].
    -- garbage_since: when the last row let go of it.
    CREATE TABLE content (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      refs INTEGER NOT NULL,
      size INTEGER NOT NULL,
      manifest BLOB,
      parts TEXT,
      garbage_since INTEGER
    ) STRICT;
    CREATE INDEX content_garbage ON content (garbage_since) WHERE garbage_since IS NOT NULL;
    -- crc: CRC-32.
    CREATE TABLE inline (content_id INTEGER PRIMARY KEY, crc INTEGER NOT NULL, data BLOB NOT NULL) STRICT;

    -- hash: SHA-256 of the chunk. codec: 0 as it is, 1 Brotli. crc: CRC-32 of the stored bytes. A chunk without refs has no row.
    CREATE TABLE chunk (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      hash BLOB NOT NULL UNIQUE,
      refs INTEGER NOT NULL,
      pack_id INTEGER NOT NULL,
      offset INTEGER NOT NULL,
      stored_length INTEGER NOT NULL,
      length INTEGER NOT NULL,
      codec INTEGER NOT NULL,
      crc INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX chunk_of_pack ON chunk (pack_id, offset);

    -- name: of the file. live_bytes: stored bytes of its chunks. writer_id: who may append; sealed: nobody will again.
    CREATE TABLE pack (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE,
      live_bytes INTEGER NOT NULL,
      writer_id INTEGER,
      sealed INTEGER NOT NULL
    ) STRICT;
    -- identity: of the process; namespace: in which its pid means something (packs/writer.ts).
    CREATE TABLE writer (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      pid INTEGER NOT NULL,
      identity TEXT,
      namespace TEXT,
      seen_at INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE hold (
      writer_id INTEGER NOT NULL,
      upload TEXT NOT NULL,
      chunk_id INTEGER NOT NULL,
      count INTEGER NOT NULL,
      PRIMARY KEY (writer_id, upload, chunk_id)
    ) STRICT, WITHOUT ROWID;

    -- Requests that were refused with 403, the last ones: for ds blob explain. evidence: JSON (sigv4).
    CREATE TABLE refusal (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      request_id TEXT NOT NULL UNIQUE,
      at INTEGER NOT NULL,
      evidence TEXT NOT NULL
    ) STRICT;

    -- The last scrub: where it came to, so that one that was broken off goes on, and what it found. stage: which of its walks;
    -- pack_id and position: the last chunk, or content, that it has read.
    CREATE TABLE scrub (
      id INTEGER PRIMARY KEY CHECK (id = 1),
      started_at INTEGER NOT NULL,
      finished_at INTEGER,
      stage TEXT NOT NULL,
      pack_id INTEGER NOT NULL,
      position INTEGER NOT NULL,
      chunks INTEGER NOT NULL,
      bytes INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE damage (
      kind TEXT NOT NULL,
      id INTEGER NOT NULL,
      problem TEXT NOT NULL,
      PRIMARY KEY (kind, id)
    ) STRICT, WITHOUT ROWID;

    ${views}
  `,
];

export const blobFile: StoreDefinition = {
  block: 'blob',
  /** «DsBl» */
  applicationId: 0x4473426c,
  migrations,
};

/** Where the packs of a database file are. */
export function packFolder(databasePath: string): string {
  return `${databasePath}-packs`;
}

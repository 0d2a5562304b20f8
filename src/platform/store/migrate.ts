/**
 * Schema versions. A file says in its header who made it (`application_id`) and how far its schema has come
 * (`user_version`):
 *
 *     empty file ──────────┐
 *     ours, version n ─────┴─▶ BEGIN IMMEDIATE, look again, run migrations n+1 … latest, set both, COMMIT
 *     ours, latest ──────────▶ nothing to do
 *     ours, above latest ────▶ storage.newer_schema, untouched
 *     somebody else's ───────▶ storage.foreign_file, untouched
 *
 * The second look makes it safe for two processes to open a new file at once: the loser of the lock finds the work done.
 */
import type Database from 'better-sqlite3';
import { storageErrors } from './errors.js';
import { keep, readPragma } from './keep.js';

export interface StoreDefinition {
  /** The block's name, for messages. */
  readonly block: string;
  /** 32-bit number in the file's header that tells this block's files from all others. */
  readonly applicationId: number;
  /** SQL of each version, the first entry leading to version 1. Append only: what was released is never edited. */
  readonly migrations: readonly string[];
}

interface Header {
  readonly applicationId: number;
  readonly version: number;
}

/** True when the file is of this block and up to date. Throws for files that must not be touched. */
export function isCurrent(db: Database.Database, path: string, definition: StoreDefinition): boolean {
  const latest = definition.migrations.length;
  const { applicationId, version } = readHeader(db);
  if (applicationId === definition.applicationId) {
    if (version > latest) throw newerSchema(path, version, latest);
    return version === latest;
  }
  // What was read may be of two moments, before and after another process created the schema: look at one snapshot.
  if (!db.inTransaction) return db.transaction(() => isCurrent(db, path, definition))();
  if (applicationId === 0 && version === 0 && isEmpty(db)) return false;
  throw storageErrors.error('storage.foreign_file', `${path} is not a ${definition.block} file of ds`, {
    hint: 'name another file with --db PATH',
    details: { path, application_id: applicationId },
  });
}

/**
 * Brings the file to the latest version. `initialise` runs in the transaction that creates the schema, for rows that
 * a new file starts with.
 */
export function migrate(
  db: Database.Database,
  path: string,
  definition: StoreDefinition,
  initialise: (() => void) | undefined,
): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    if (!isCurrent(db, path, definition)) {
      const { version } = readHeader(db);
      for (const sql of definition.migrations.slice(version)) db.exec(sql);
      db.exec(`PRAGMA application_id = ${definition.applicationId}`);
      db.exec(`PRAGMA user_version = ${definition.migrations.length}`);
      if (version === 0) initialise?.();
    }
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/** Not under a lock: whoever goes on to write looks again within its transaction. */
function readHeader(db: Database.Database): Header {
  return {
    applicationId: Number(readPragma(db, 'application_id')),
    version: Number(readPragma(db, 'user_version')),
  };
}

function isEmpty(db: Database.Database): boolean {
  return keep(db.prepare('SELECT 1 FROM sqlite_schema LIMIT 1')).get() === undefined;
}

function newerSchema(path: string, version: number, latest: number) {
  return storageErrors.error(
    'storage.newer_schema',
    `${path} has schema version ${version}, and this ds knows versions up to ${latest}`,
    { hint: 'use the newer ds that wrote it, or name another file with --db PATH', details: { path, version, latest } },
  );
}

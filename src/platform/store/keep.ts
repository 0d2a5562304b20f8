/**
 * Keeps SQLite's native objects from the garbage collector until the thread ends.
 *
 * better-sqlite3 12 wraps databases and statements in node::ObjectWrap, and on Node 24.19 and later the process aborts
 * when the collector frees one (`RemoveEnvironmentCleanupHook … (env) != nullptr`). better-sqlite3 13 has other
 * wrappers, but does not run on Node 20. What is kept is bounded: a database and some forty statements for each store
 * that a process opens.
 */
import type Database from 'better-sqlite3';

const kept = new Set<object>();

export function keep<Native extends object>(native: Native): Native {
  kept.add(native);
  return native;
}

/** As `db.pragma(source, { simple: true })`, whose statement would be left to the collector. */
export function readPragma(db: Database.Database, source: string): unknown {
  return keep(db.prepare(`PRAGMA ${source}`))
    .pluck()
    .get();
}

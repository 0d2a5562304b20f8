import { createRequire } from 'node:module';

/**
 * The compiled SQLite. Named here, because better-sqlite3 otherwise searches for it with the `bindings` package, which
 * tries a list of places and reads a stack trace: 5 ms of processor time against 1 ms (`process.cpuUsage` around the
 * first `new Database`), in a command whose Node starts in 40 ms. Undefined where it lies elsewhere; then that search has
 * its turn.
 */
export function addonPath(): string | undefined {
  try {
    return createRequire(import.meta.url).resolve('better-sqlite3/build/Release/better_sqlite3.node');
  } catch {
    return undefined;
  }
}

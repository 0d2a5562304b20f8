/** Folders for files of ds, entered by their owner alone. */
import { existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * As mkdir with `recursive`, which in Node 20 never returns, and fills the memory, where a folder cannot be made
 * although its parent is there (below /proc, for one). Throws the system's error.
 */
export function makeFolder(path: string): void {
  if (existsSync(path)) return;
  const parent = dirname(path);
  if (parent !== path) makeFolder(parent);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Somebody else made it meanwhile.
    if (!existsSync(path)) throw error;
  }
}

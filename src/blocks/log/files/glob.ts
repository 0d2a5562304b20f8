/** Files by patterns (agent/sources/files/glob.ts), as they are now: for those who quote them, and for shells that do not know them. */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expandBraces, isGlob, matchesSegment } from '../agent/sources/files/glob.js';

/** Files that one pattern may name, and folders that are looked into for it. */
const MOST_FOUND = 100_000;
/** Of `**`: a loop of symbolic links is not followed, and nobody has more. */
const DEEPEST = 32;

/** Names in order; none where nothing is there. Error: `log.bad_glob`. */
export async function glob(typed: string): Promise<string[]> {
  const walk = new Walk();
  for (const pattern of expandBraces(typed)) {
    const parts = pattern.split('/');
    const isAbsolute = parts[0] === '';
    await walk.from(isAbsolute ? '/' : '', isAbsolute ? parts.slice(1) : parts, 0);
  }
  return [...new Set(walk.found)].sort();
}

class Walk {
  readonly found: string[] = [];
  #looked = 0;

  async from(folder: string, parts: readonly string[], depth: number): Promise<void> {
    const [part, ...rest] = parts;
    if (part === undefined || depth > DEEPEST || this.found.length >= MOST_FOUND) return;
    if (part === '**') return this.#anyDepth(folder, parts, depth);
    if (!isGlob(part) && rest.length > 0) return this.from(join(folder, part), rest, depth + 1);
    for (const entry of await this.#list(folder)) {
      if (!matchesSegment(part, entry.name)) continue;
      const path = join(folder, entry.name);
      // A link may lead to a folder; one that leads to a file has nothing in it.
      if (rest.length > 0 && (entry.isDirectory() || entry.isSymbolicLink())) await this.from(path, rest, depth + 1);
      if (rest.length === 0 && !entry.isDirectory()) this.found.push(path);
    }
  }

  /** `**` is nothing, or a folder and `**` again. */
  async #anyDepth(folder: string, parts: readonly string[], depth: number): Promise<void> {
    const rest = parts.slice(1);
    await this.from(folder, rest.length === 0 ? ['*'] : rest, depth);
    for (const entry of await this.#list(folder)) {
      if (entry.isDirectory() && !entry.name.startsWith('.'))
        await this.from(join(folder, entry.name), parts, depth + 1);
    }
  }

  async #list(folder: string): Promise<Dirent[]> {
    if (this.#looked++ >= MOST_FOUND) return [];
    // A folder that is not there, or that is not for us, has no files for us.
    return readdir(folder || '.', { withFileTypes: true }).catch(() => []);
  }
}

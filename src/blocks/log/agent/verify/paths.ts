/** Files that are to be proved, as they are typed: names and patterns, expanded as `ds log ship` does it. */
import { resolve } from 'node:path';
import { isGlob } from '../sources/files/glob.js';
import { Listing } from '../sources/files/listing.js';
import { nodeDisk } from '../sources/files/node-disk.js';

/** Absolute, each once; a pattern that no file has the name of stands for itself. Error: `log.bad_glob`. */
export function pathsToVerify(typed: readonly string[]): string[] {
  return [...new Set(typed.flatMap((text) => namesOf(resolve(text))))];
}

function namesOf(path: string): readonly string[] {
  // A file may be called like a pattern.
  if (!isGlob(path) || nodeDisk.stat(path) !== undefined) return [path];
  const { sightings } = new Listing(nodeDisk, [path]).list([]);
  const matched = sightings.filter(({ patterns }) => patterns.length > 0).map((sighting) => sighting.path);
  return matched.length === 0 ? [path] : matched.sort();
}

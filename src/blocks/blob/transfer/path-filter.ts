/** Which paths of a tree are meant. */
import { globMatcher } from './glob.js';

export interface PathPatterns {
  /** Where there are any, a path has to match one. */
  readonly include?: readonly string[] | undefined;
  /** A path that matches one is not meant, whatever else it matches. */
  readonly exclude?: readonly string[] | undefined;
}

/**
 * A pattern without a slash is for the name at the end of a path, wherever that is: `*.tmp`. One with a slash is for the whole path, from the
 * beginning: `build/**`, `/README`. Error: `blob.invalid_argument`.
 */
export function pathFilter({ include = [], exclude = [] }: PathPatterns): (path: string) => boolean {
  const included = include.map(pathMatcher);
  const excluded = exclude.map(pathMatcher);
  return (path) =>
    (included.length === 0 || included.some((matches) => matches(path))) && !excluded.some((matches) => matches(path));
}

function pathMatcher(pattern: string): (path: string) => boolean {
  if (!pattern.includes('/')) {
    const matches = globMatcher(pattern);
    return (path) => matches(path.slice(path.lastIndexOf('/') + 1));
  }
  return globMatcher(pattern.startsWith('/') ? pattern.slice(1) : pattern);
}

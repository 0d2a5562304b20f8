/** Paths for people: from the folder that they are in, where that is shorter. */
import { relative } from 'node:path';

export function pathFromHere(path: string): string {
  const short = relative('', path);
  return short.length < path.length ? short : path;
}

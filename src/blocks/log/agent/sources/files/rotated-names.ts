/**
 * Which names may be rotated forms of a file. A name is taken apart from its end:
 *
 *     app.log.2.gz                 → app.log.2, app.log
 *     app.log-20261126.gz          → app.log-20261126, app.log
 *     app-2026-11-26.log           → app.log
 *     app.1.log.gz                 → app.1.log, app.log
 *     app.log.old                  → app.log
 *
 * Only a name says nothing: `worker-1.log` is no rotated `worker.log` where there is no such file, and identity.ts wants bytes as a proof
 * before anything is taken for read.
 */
import { basename, dirname, join } from 'node:path';

export const GZIP_SUFFIX = '.gz';

/** Numbers, dates and times, with what stands between their parts. */
const NUMBER_AT_END = /[.\-_]\d[\d\-_.T:]*$/;
const NUMBER_BEFORE_EXTENSION = /[.\-_]\d[\d\-_.T:]*(?=\.[A-Za-z]{1,8}$)/;
const OLD = /\.(?:old|prev|bak|orig)$/;

/** Paths of what `path` may be a rotated form of, the likeliest (most stripped) first; without `path` itself. */
export function possibleOriginals(path: string): string[] {
  const folder = dirname(path);
  const names: string[] = [];
  let name = basename(path);
  if (name.endsWith(GZIP_SUFFIX) && name.length > GZIP_SUFFIX.length) {
    name = name.slice(0, -GZIP_SUFFIX.length);
    names.push(name);
  }
  for (const pattern of [OLD, NUMBER_AT_END, NUMBER_BEFORE_EXTENSION]) {
    const stripped = name.replace(pattern, '');
    if (stripped === name || stripped === '') continue;
    name = stripped;
    names.push(name);
  }
  return names.reverse().map((original) => join(folder, original));
}

/** What a file is a rotated form of, by its name; itself where it is none of the files that are followed. */
export function familyOf(path: string, isFollowed: (path: string) => boolean): string {
  return possibleOriginals(path).find(isFollowed) ?? path;
}

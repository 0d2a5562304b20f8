/**
 * Which files there are for the patterns that were asked for, and what lies beside them and may be a rotated form of them.
 *
 *     /var/log/app.log        named: followed wherever its symbolic link leads
 *     /var/log/app/*.log      matched: links to files are followed, links to folders not by `**`, so that no loop is entered
 *     /var/log/app.log.2.gz   beside: a rotated form of a followed file, by its name
 *
 * Folders say when a name in them came, went or changed. While none did, looking at them is all there is to do. A folder whose
 * time of change is new is listed once more at the next look: names may have changed after it was listed, within the same tick of
 * the file system's clock.
 */
import { dirname, join } from 'node:path';
import { logErrors } from '../../../errors.js';
import type { Disk, FileStat, FolderEntry } from './disk.js';
import { expandBraces, isGlob, matchesSegment } from './glob.js';
import { possibleOriginals } from './rotated-names.js';

export interface Sighting {
  /** Without symbolic links. */
  readonly path: string;
  readonly stat: FileStat;
  /** The patterns that it was named or matched by; none: it lies beside. */
  readonly patterns: readonly string[];
}

export interface Listed {
  readonly sightings: readonly Sighting[];
  /** Paths that are followed, there or not, with their patterns. */
  readonly followed: ReadonlyMap<string, readonly string[]>;
  /** What could not be looked at. */
  readonly troubles: ReadonlyMap<string, unknown>;
}

const MOST_FILES = 100_000;
const DEEPEST = 32;

interface Folder {
  readonly modified: bigint;
  /** It had not changed since the look before the one that listed it. */
  readonly isSettled: boolean;
}

export class Listing {
  readonly #disk: Disk;
  readonly #patterns: ReadonlyMap<string, readonly (readonly string[])[]>;
  #folders = new Map<string, Folder>();

  constructor(disk: Disk, patterns: readonly string[]) {
    this.#disk = disk;
    this.#patterns = new Map(patterns.map((pattern) => [pattern, segmentsOf(pattern)]));
  }

  /** Whether names may be others than at the last list(). */
  hasChanged(): boolean {
    if (this.#folders.size === 0) return true;
    for (const [path, { modified, isSettled }] of this.#folders) {
      if (!isSettled || this.#modified(path) !== modified) return true;
    }
    return false;
  }

  /** All there is now. `alsoFollowed`: files of the ledger, whose rotated forms are looked for though they may be gone themselves. */
  list(alsoFollowed: Iterable<string>): Listed {
    return new Look(this.#disk, this.#patterns, this.#folders, (folders) => {
      this.#folders = folders;
    }).all(alsoFollowed);
  }

  #modified(path: string): bigint | undefined {
    try {
      return this.#disk.stat(path)?.modified ?? 0n;
    } catch {
      // Told of by the list that follows.
      return undefined;
    }
  }
}

/** One look at everything; each folder is listed once. */
class Look {
  readonly #entries = new Map<string, readonly FolderEntry[]>();
  readonly #folders = new Map<string, Folder>();
  readonly #followed = new Map<string, string[]>();
  readonly #troubles = new Map<string, unknown>();
  #files = 0;

  constructor(
    readonly disk: Disk,
    readonly patterns: ReadonlyMap<string, readonly (readonly string[])[]>,
    readonly before: ReadonlyMap<string, Folder>,
    readonly keep: (folders: Map<string, Folder>) => void,
  ) {}

  all(alsoFollowed: Iterable<string>): Listed {
    for (const [pattern, alternatives] of this.patterns) {
      if (!isGlob(pattern) || this.#stat(pattern)?.kind === 'file') this.#follow(pattern, pattern);
      else for (const segments of alternatives) this.#walk('/', segments, 0, pattern);
    }
    const wanted = new Set(this.#followed.keys());
    for (const path of alsoFollowed) wanted.add(path);
    const sightings: Sighting[] = [];
    for (const [path, patterns] of this.#followed) this.#see(path, patterns, sightings);
    for (const folder of new Set([...wanted].map((path) => dirname(path)))) {
      for (const { name, kind } of this.#list(folder)) {
        const path = join(folder, name);
        const isBeside = kind === 'file' && !this.#followed.has(path);
        if (isBeside && possibleOriginals(path).some((original) => wanted.has(original)))
          this.#see(path, [], sightings);
      }
    }
    this.keep(this.#folders);
    return { sightings, followed: this.#followed, troubles: this.#troubles };
  }

  #walk(folder: string, segments: readonly string[], depth: number, pattern: string): void {
    const [segment = '', ...rest] = segments;
    const isLast = rest.length === 0;
    if (segment === '**') {
      this.#walk(folder, rest, depth, pattern);
      if (depth >= DEEPEST) return;
      for (const { name, kind } of this.#list(folder)) {
        if (kind === 'folder' && !name.startsWith('.')) this.#walk(join(folder, name), segments, depth + 1, pattern);
      }
      return;
    }
    if (!isGlob(segment)) {
      const path = join(folder, segment);
      if (!isLast) this.#walk(path, rest, depth, pattern);
      else if (this.#stat(path)?.kind === 'file') this.#follow(path, pattern);
      return;
    }
    for (const { name, kind } of this.#list(folder)) {
      if (!matchesSegment(segment, name)) continue;
      const path = join(folder, name);
      if (!isLast) {
        if (kind === 'folder' || kind === 'link') this.#walk(path, rest, depth, pattern);
      } else if (kind === 'file') this.#add(path, pattern);
      else if (kind === 'link' && this.#stat(path)?.kind === 'file') this.#follow(path, pattern);
    }
  }

  #follow(path: string, pattern: string): void {
    this.#add(this.#guarded(path, () => this.disk.resolve(path)) ?? path, pattern);
  }

  #add(path: string, pattern: string): void {
    if (this.#files++ >= MOST_FILES) {
      throw logErrors.error('log.bad_glob', `${JSON.stringify(pattern)} matches more than ${MOST_FILES} files`);
    }
    const patterns = this.#followed.get(path);
    if (patterns === undefined) this.#followed.set(path, [pattern]);
    else if (!patterns.includes(pattern)) patterns.push(pattern);
  }

  #see(path: string, patterns: readonly string[], sightings: Sighting[]): void {
    const stat = this.#stat(path);
    if (stat?.kind === 'file') sightings.push({ path, stat, patterns });
    else if (stat !== undefined) this.#troubles.set(path, new Error('it is not a regular file'));
  }

  #stat(path: string): FileStat | undefined {
    return this.#guarded(path, () => this.disk.stat(path));
  }

  #list(folder: string): readonly FolderEntry[] {
    const known = this.#entries.get(folder);
    if (known !== undefined) return known;
    const modified = this.#stat(folder)?.modified ?? 0n;
    const before = this.before.get(folder);
    this.#folders.set(folder, { modified, isSettled: before?.modified === modified });
    const entries = this.#guarded(folder, () => this.disk.list(folder)) ?? [];
    this.#entries.set(folder, entries);
    return entries;
  }

  #guarded<T>(path: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#troubles.set(path, error);
      return undefined;
    }
  }
}

function segmentsOf(pattern: string): string[][] {
  return expandBraces(pattern).map((one) => one.split('/').filter((segment) => segment !== ''));
}

/**
 * A look at all there is: what it has seen, and what was decided of it. Decisions are written in one transaction, and applied to the files in
 * memory after that.
 */
import type { FilePlace, NewFile } from '../../../store/agent/files.js';
import type { Verdict } from './judge.js';
import type { Listed, Sighting } from './listing.js';
import type { TrackedFile } from './tracked-file.js';

export interface Seen {
  readonly listed: Listed;
  /** Sightings by inode; those that are found to be known files are taken away. */
  readonly unknown: Map<string, Sighting>;
  /** What is wrong with a path. */
  readonly troubles: Map<string, string>;
  /** On the monotonic clock, milliseconds. */
  readonly now: number;
}

/** A known file is at another place, or in another state. */
export interface Decision {
  readonly file: TrackedFile;
  readonly place: FilePlace;
  readonly apply: () => void;
}

/** A file that gets its number when it is in the ledger. */
export interface Added {
  readonly file: TrackedFile;
  readonly entry: NewFile;
}

export function placeOf({ path, device, inode, birth, compressed, state, copyOf }: TrackedFile): FilePlace {
  return { path, device, inode, birth, compressed, state, copyOf };
}

export function gone(file: TrackedFile): Decision {
  const apply = () => {
    file.state = 'gone';
    file.isSuspect = false;
    file.pendingSince = undefined;
    file.close();
  };
  return { file, place: { ...placeOf(file), state: 'gone' }, apply };
}

export function done(file: TrackedFile): Decision {
  const apply = () => {
    file.state = 'done';
    file.close();
  };
  return { file, place: { ...placeOf(file), state: 'done' }, apply };
}

export function renamed(file: TrackedFile, path: string): Decision {
  const apply = () => {
    file.path = path;
  };
  return { file, place: { ...placeOf(file), path }, apply };
}

export function moved(verdict: Verdict & { kind: 'moved' }, { path, stat }: Sighting, now: number): Decision {
  const { from, compressed, atEnd } = verdict;
  const { device, inode, birth } = stat;
  // What was handed out may not be on disk yet: then it is read to its end once more, which is found at once.
  const state = compressed && atEnd && from.committed === from.position.offset ? 'done' : 'open';
  const place: FilePlace = { path, device, inode, birth, compressed, state };
  return { file: from, place, apply: () => from.moveTo(place, stat, now) };
}

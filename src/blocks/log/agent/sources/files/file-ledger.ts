/** Where the follower keeps what it knows; over log.db, and in memory in tests. */
import type { Store } from '../../../../../platform/store/store.js';
import { type FilePlace, Files, type KnownFile, type NewFile } from '../../../store/agent/files.js';

/** One step: all of it is written, or nothing. */
export interface FileChanges {
  readonly watched: readonly string[];
  readonly moved: readonly { readonly number: number; readonly place: FilePlace }[];
  readonly added: readonly NewFile[];
}

export interface FileLedger {
  load(): readonly KnownFile[];
  isWatched(pattern: string): boolean;
  /** Resolves when it is on disk, with the numbers of the files that were added. */
  write(changes: FileChanges): Promise<readonly number[]>;
}

/** `commit` runs its work in a transaction and resolves when that is on disk. */
export function fileLedger(store: Store, pipeline: number, commit: <T>(work: () => T) => Promise<T>): FileLedger {
  const files = new Files(store, pipeline);
  return {
    load: () => files.load(),
    isWatched: (pattern) => files.isWatched(pattern),
    write: (changes) =>
      commit(() => {
        for (const pattern of changes.watched) files.watch(pattern);
        for (const { number, place } of changes.moved) files.move(number, place);
        return changes.added.map((file) => files.add(file));
      }),
  };
}

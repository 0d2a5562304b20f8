/**
 * The one way in which the tables of buckets and objects are written: in steps that are in a transaction of their own or of many, and whose
 * promises resolve when what they wrote is on disk.
 */
import { GroupCommit } from '../../../platform/store/group-commit.js';
import type { Store } from '../../../platform/store/store.js';

export class Writes {
  readonly #group: GroupCommit;

  constructor(store: Store) {
    this.#group = new GroupCommit(store);
  }

  /** Steps that are not on disk yet. */
  get pending(): number {
    return this.#group.pending;
  }

  /** `work` is synchronous, and leaves transactions alone. What it throws undoes what it wrote. */
  run<T>(work: () => T): Promise<T> {
    return this.#group.run(work);
  }

  /** Resolves when all is on disk. New steps are refused from now on. */
  close(): Promise<void> {
    return this.#group.close();
  }
}

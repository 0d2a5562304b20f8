/** The writes of buckets, objects and uploads: steps of a group commit, told apart by what they do where the disk is full (reserve.ts). */
import { PipelinedCommit } from '../../../platform/store/pipelined-commit.js';
import type { Store } from '../../../platform/store/store.js';
import type { Reserve } from './reserve.js';

export class Writes {
  readonly #commit: PipelinedCommit;
  readonly #reserve: Reserve;
  #isChecked = false;

  constructor(file: Store, reserve: Reserve) {
    this.#commit = new PipelinedCommit(file);
    this.#reserve = reserve;
  }

  /** Steps that are not on disk yet. */
  get pending(): number {
    return this.#commit.pending;
  }

  /** What takes room: refused with `storage.full` while the reserve is given back. `work` as of {@link PipelinedCommit.run}. */
  run<T>(work: () => T): Promise<T> {
    return this.#commit.run(() => {
      this.#checkReserve();
      return work();
    });
  }

  /** What makes room, or leads to it: it goes on where the disk is full. `work` may be run twice; the first time it was undone. */
  free<T>(work: () => T): Promise<T> {
    return this.#reserve.freeLater(() => this.#commit.run(work));
  }

  /** Resolves when all is on disk. New steps are refused from now on. */
  close(): Promise<void> {
    return this.#commit.close();
  }

  /** Once for the steps of a group, which are run in one go: to look at its file takes a tenth of what a PUT of 1 KB takes. */
  #checkReserve(): void {
    if (this.#isChecked) return;
    this.#reserve.check();
    this.#isChecked = true;
    queueMicrotask(() => {
      this.#isChecked = false;
    });
  }
}

/** What transfers need from outside, and what they tell while they go on. */
import type { Clock, Random } from '../../../platform/clock.js';

export interface TransferProgress {
  /** Bytes, those of an earlier attempt among them. */
  readonly done: number;
  /** Undefined where nobody knows. */
  readonly total: number | undefined;
}

export interface TransferContext {
  readonly clock: Clock;
  readonly random: Random;
  /** `$DS_HOME`: records of broken transfers are in it. */
  readonly home: string;
  /**
   * The server's URL, where the store is one's: then large files go in parts, several at a time, and a broken transfer goes on. Undefined for a file
   * of this process.
   */
  readonly server?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /** Parts at once of one file. Default {@link PARTS_AT_ONCE}. */
  readonly parallel?: number | undefined;
}

export const PARTS_AT_ONCE = 4;
/** A file of more bytes goes in parts, where there is a server. */
export const MOST_IN_ONE = 16 * 1024 * 1024;
/** Bytes of a part, of files that are not too large for it. */
export const PART_BYTES = 8 * 1024 * 1024;

/** Counts bytes, and tells. */
export class ProgressMeter {
  readonly #total: number | undefined;
  readonly #tell: TransferContext['onProgress'];
  #done = 0;

  constructor({ onProgress }: Pick<TransferContext, 'onProgress'>, total: number | undefined) {
    this.#tell = onProgress;
    this.#total = total;
  }

  /** Negative: what has to be moved again. */
  add(bytes: number): void {
    this.#done += bytes;
    this.#tell?.({ done: this.#done, total: this.#total });
  }
}

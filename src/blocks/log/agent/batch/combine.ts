/** What the agent makes of the batches of its sources: larger ones, and with more labels. */
import { type EntryBatch, lineBytesTotal } from '../../entry-batch.js';
import { concatenate } from '../../entry-batches.js';
import { emptyLabels, type Labels } from '../../labels.js';

/** A block of the store: of larger batches nothing is gained by a copy. */
const LARGE_BYTES = 256 * 1024;

/** Neighbours together where they are small, all of one origin or of none. */
export function joinSmall(batches: readonly EntryBatch[]): EntryBatch[] {
  const joined: EntryBatch[] = [];
  let small: EntryBatch[] = [];
  let bytes = 0;
  const close = () => {
    if (small.length > 0) joined.push(concatenate(small));
    small = [];
    bytes = 0;
  };
  for (const batch of batches) {
    small.push(batch);
    bytes += lineBytesTotal(batch);
    if (bytes >= LARGE_BYTES) close();
  }
  close();
  return joined;
}

/** Adds labels to every stream. What a stream has is kept: a source knows better than a flag. */
export class LabelAdder {
  readonly #labels: Labels;
  readonly #isEmpty: boolean;
  /** So that a stream is one object however often it comes. */
  readonly #labelled = new WeakMap<Labels, Labels>();

  constructor(labels: Labels) {
    this.#labels = labels;
    this.#isEmpty = Object.keys(labels).length === 0;
  }

  add(batch: EntryBatch): EntryBatch {
    return this.#isEmpty ? batch : { ...batch, streams: batch.streams.map((stream) => this.#labelledOf(stream)) };
  }

  #labelledOf(stream: Labels): Labels {
    let labelled = this.#labelled.get(stream);
    if (labelled === undefined) {
      labelled = Object.assign(emptyLabels(), this.#labels, stream);
      this.#labelled.set(stream, labelled);
    }
    return labelled;
  }
}

/** What becomes of a chunk before it is written: labels, transforms, and what the ledger has to know of it. */
import type { Clock } from '../../../../platform/clock.js';
import { type EntryBatch, lineBytesTotal } from '../../entry-batch.js';
import { concatenate } from '../../entry-batches.js';
import type { Labels } from '../../labels.js';
import { NANOS_PER_MS } from '../../nanos.js';
import { type Counts, mergeCounts, NO_COUNTS, sumOf } from '../../store/agent/counts.js';
import type { Transform } from '../../transform/transform.js';
import { LabelAdder } from '../batch/combine.js';
import type { Checkpoint, SourceChunk } from '../source.js';

/** A chunk that is to be committed. */
export interface Item {
  readonly batch: EntryBatch;
  /** Of lines, in memory until it is written. */
  readonly bytes: number;
  readonly lines: number;
  /** As they came, before transforms. */
  readonly entriesRead: number;
  readonly dropped: Counts;
  readonly checkpoint?: Checkpoint;
  /** Where the range of bytes begins that ends at the checkpoint; undefined where the chunk has no entries to tell. */
  readonly from?: number | undefined;
  readonly onSafe?: (() => void) | undefined;
}

export interface InletOptions {
  readonly clock: Clock;
  readonly labels: Labels;
  readonly transforms: readonly Transform[];
}

/** Nanoseconds: whatever a transform waits for is over by then. */
const FAR_FUTURE = 1n << 62n;

export class Inlet {
  readonly #clock: Clock;
  readonly #labels: LabelAdder;
  readonly #transforms: readonly Transform[];
  #lost: Counts = NO_COUNTS;

  constructor({ clock, labels, transforms }: InletOptions) {
    this.#clock = clock;
    this.#labels = new LabelAdder(labels);
    this.#transforms = transforms;
  }

  item({ entries, checkpoint, lines, onSafe }: SourceChunk): Item {
    const { batch, dropped } = this.#transformed(this.#labels.add(entries), 0);
    return this.#withLost({
      batch,
      bytes: lineBytesTotal(batch),
      lines,
      entriesRead: entries.count,
      dropped,
      ...(checkpoint !== undefined && { checkpoint, from: entries.origin?.offsets[0] }),
      ...(onSafe !== undefined && { onSafe }),
    });
  }

  /** Entries that were thrown away before they came here: the next item tells of them. */
  lose(entries: number, reason: string): void {
    this.#lost = mergeCounts(this.#lost, { [reason]: entries });
  }

  /** What transforms have held back for long enough. */
  flush(): Item[] {
    return this.#flush(this.#now());
  }

  /** At the end: what transforms still hold back, and what was lost after the last item. */
  finish(): Item[] {
    const items = this.#flush(FAR_FUTURE);
    if (items.length > 0 || this.#lost === NO_COUNTS) return items;
    return [this.#withLost({ batch: concatenate([]), bytes: 0, lines: 0, entriesRead: 0, dropped: NO_COUNTS })];
  }

  /** Each piece goes through the transforms behind it. */
  #flush(now: bigint): Item[] {
    const items: Item[] = [];
    for (const [index, transform] of this.#transforms.entries()) {
      const held = transform.flush?.(now);
      if (held === undefined || held.count === 0) continue;
      const { batch, dropped } = this.#transformed(held, index + 1);
      items.push(this.#withLost({ batch, bytes: lineBytesTotal(batch), lines: 0, entriesRead: 0, dropped }));
    }
    return items;
  }

  #withLost(item: Item): Item {
    if (this.#lost === NO_COUNTS) return item;
    const lost = this.#lost;
    this.#lost = NO_COUNTS;
    return { ...item, entriesRead: item.entriesRead + sumOf(lost), dropped: mergeCounts(item.dropped, lost) };
  }

  get holdsBack(): boolean {
    return this.#transforms.some(({ flush }) => flush !== undefined);
  }

  #transformed(entries: EntryBatch, first: number): { readonly batch: EntryBatch; readonly dropped: Counts } {
    if (this.#transforms.length === first) return { batch: entries, dropped: NO_COUNTS };
    const now = this.#now();
    const lost: Record<string, number> = {};
    let batch = entries;
    for (const transform of this.#transforms.slice(first)) {
      const output = transform.apply(batch, now);
      batch = output.batch;
      for (const [reason, count] of output.dropped ?? []) lost[reason] = (lost[reason] ?? 0) + count;
    }
    return { batch, dropped: lost };
  }

  #now(): bigint {
    return BigInt(this.#clock.now()) * NANOS_PER_MS;
  }
}

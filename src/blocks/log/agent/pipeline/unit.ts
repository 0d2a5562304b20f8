/** What is committed together: items in the order in which their entries are in the batch, and their rows of the ledger. */

import { type Counts, mergeCounts, NO_COUNTS } from '../../store/agent/counts.js';
import type { Ledger } from '../../store/agent/ledger.js';
import type { Progress } from '../../store/agent/pipelines.js';
import type { Item } from './inlet.js';
import type { CheckpointKeeper } from './pipeline.js';

/** Items of one file, in order, or all those of no file. */
export interface Group {
  readonly file: number | undefined;
  readonly items: readonly Item[];
}

/** By number of the file, those of none at the end: as the ledger lists the rows of a batch. */
export function groupByFile(items: readonly Item[]): Group[] {
  const groups = new Map<number, Item[]>();
  for (const item of items) {
    const file = item.checkpoint?.file ?? Number.POSITIVE_INFINITY;
    const group = groups.get(file);
    if (group === undefined) groups.set(file, [item]);
    else group.push(item);
  }
  return [...groups]
    .sort(([one], [other]) => one - other)
    .map(([file, own]) => ({ file: Number.isFinite(file) ? file : undefined, items: own }));
}

export interface Written {
  readonly groups: readonly Group[];
  readonly batch: number;
  /** Milliseconds; absent where the entries wait for a sink. */
  readonly acknowledgedAt?: number | undefined;
  /** Why none of the entries was kept. */
  readonly lost?: string | undefined;
}

/** Within the transaction that has the entries. */
export function recordRead(
  { groups, batch, acknowledgedAt, lost }: Written,
  ledger: Ledger,
  keeper: CheckpointKeeper,
): void {
  for (const { items } of groups) {
    for (const { checkpoint, from = checkpoint && ledger.endOf(checkpoint.file), ...item } of items) {
      if (checkpoint === undefined) continue;
      const { file, offset: to } = checkpoint;
      const kept = lost === undefined ? item.batch.count : 0;
      const dropped = lost === undefined ? item.dropped : withLost(item, lost);
      const isWaiting = kept > 0 && acknowledgedAt === undefined;
      if (from !== undefined && from < to) {
        const range = { file, from, to, lines: item.lines, entries: kept, dropped };
        ledger.add(range, batch, isWaiting ? undefined : (acknowledgedAt ?? 0));
      }
      keeper.save(checkpoint);
    }
  }
}

export function progressOf(
  groups: readonly Group[],
  lost?: string,
): Required<Pick<Progress, 'lines' | 'entries' | 'bytes' | 'dropped'>> {
  let lines = 0;
  let entries = 0;
  let bytes = 0;
  let dropped: Counts = NO_COUNTS;
  for (const { items } of groups) {
    for (const item of items) {
      lines += item.lines;
      entries += item.entriesRead;
      bytes += item.bytes;
      dropped = mergeCounts(dropped, lost === undefined ? item.dropped : withLost(item, lost));
    }
  }
  return { lines, entries, bytes, dropped };
}

function withLost({ dropped, batch }: Pick<Item, 'dropped' | 'batch'>, reason: string): Counts {
  return batch.count === 0 ? dropped : mergeCounts(dropped, { [reason]: batch.count });
}

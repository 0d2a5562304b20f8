/**
 * Files as a source in order of time, with the help of a {@link TimeMap}. Of several families the one goes on that is behind.
 */

import type { EntryBatch } from '../entry-batch.js';
import type { EntrySource, ScannedBatch, ScanRequest, ScanTotals } from '../entry-source.js';
import { ALL_TIME } from '../log-store.js';
import { type FileContext, picked, streamLabels, wholeBatch } from './file-source.js';
import { LineTimes } from './line-times.js';
import type { LogFile } from './log-file.js';
import type { TimeMap } from './time-map.js';

export interface MappedFamily {
  readonly files: readonly LogFile[];
  readonly map: TimeMap;
}

/** A batch of one family; no later one of it has an entry before `frontier`. */
interface FamilyBatch {
  readonly batch: EntryBatch;
  readonly frontier: bigint;
}

interface Head {
  readonly batches: AsyncGenerator<FamilyBatch>;
  frontier: bigint;
}

export class TimedFileSource implements EntrySource {
  constructor(
    private readonly families: readonly MappedFamily[],
    private readonly context: FileContext,
  ) {}

  /** Forward only: `direction` is that of metric queries. */
  async *scan(request: ScanRequest, totals: ScanTotals): AsyncGenerator<ScannedBatch> {
    const heads = this.families.map(
      (family): Head => ({ batches: this.#batches(family, request, totals), frontier: ALL_TIME.start }),
    );
    try {
      for (let open = heads; open.length > 0; ) {
        const head = open.reduce((least, other) => (other.frontier < least.frontier ? other : least));
        const { done, value } = await head.batches.next();
        if (done === true) {
          open = open.filter((other) => other !== head);
          continue;
        }
        head.frontier = value.frontier;
        yield scanned(value.batch, request, leastFrontier(open));
      }
    } finally {
      for (const { batches } of heads) await batches.return(undefined);
    }
  }

  async *#batches({ files, map }: MappedFamily, request: ScanRequest, totals: ScanTotals): AsyncGenerator<FamilyBatch> {
    for (const file of files) {
      const stream = streamLabels(file);
      const isSelected = request.matchers.every((matcher) => matcher.matches(stream[matcher.name] ?? ''));
      if (!isSelected || !map.touches(file, request)) {
        totals.skippedBlocks++;
        continue;
      }
      const times = new LineTimes(this.context.zone, this.context.now, file.writtenAt);
      for await (const piece of file.pieces(this.context.signal)) {
        const batch = sorted(wholeBatch(piece, times, stream));
        totals.blocks++;
        totals.bytes += piece.bytes.length;
        totals.entries += batch.count;
        yield { batch, frontier: map.leastFrom(file, piece.offset + piece.bytes.length) };
      }
    }
  }
}

function leastFrontier(heads: readonly Head[]): bigint {
  let least = ALL_TIME.end;
  for (const { frontier } of heads) if (frontier < least) least = frontier;
  return least;
}

function scanned(batch: EntryBatch, { start, end }: ScanRequest, frontier: bigint): ScannedBatch {
  return { batch, from: firstFrom(batch, start), to: firstFrom(batch, end), selected: [true], frontier };
}

/** Index of the first entry that is not before `time`. */
function firstFrom({ count, timestamps }: EntryBatch, time: bigint): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timestamps[middle] ?? 0n) < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** By time, equal ones as they lie; the same object where they are. */
function sorted(batch: EntryBatch): EntryBatch {
  const { count, timestamps } = batch;
  let i = 1;
  while (i < count && (timestamps[i] ?? 0n) >= (timestamps[i - 1] ?? 0n)) i++;
  if (i >= count) return batch;
  const indexes = Uint32Array.from({ length: count }, (_, index) => index);
  indexes.sort((a, b) => compare(timestamps[a] ?? 0n, timestamps[b] ?? 0n) || a - b);
  return picked(batch, indexes);
}

const compare = (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0);

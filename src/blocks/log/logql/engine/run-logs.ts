/** Runs a query for entries over a source. */
import { streamOf } from '../../entry-batch.js';
import type { Direction, EntrySource, ScannedBatch, ScanTotals } from '../../entry-source.js';
import type { Entry } from '../../log-store.js';
import type { Now } from '../pipeline/format-stages.js';
import { parseLogSelector } from '../syntax/parser.js';
import { CompiledSelector, isSelectedAt } from './compiled-selector.js';
import { TimeOrder } from './time-order.js';

export interface LogQueryRequest {
  /** Nanoseconds since the Unix epoch; included. */
  readonly start: bigint;
  /** Not included. */
  readonly end: bigint;
  /** Entries at most; absent: all. */
  readonly limit?: number | undefined;
  readonly direction: Direction;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of entries that may be held to put them into order; absent: 256 MB. */
  readonly mostHeld?: number | undefined;
  /** For templates that ask for it. */
  readonly now: Now;
}

/**
 * Entries in order of time (of a file as it lies on disk: in its own order). Throws `log.bad_query` at the first entry that is asked for,
 * and the signal's reason when it is aborted.
 */
export async function* runLogQuery(
  source: EntrySource,
  query: string,
  { start, end, limit, direction, signal, mostHeld, now }: LogQueryRequest,
  totals: ScanTotals,
): AsyncGenerator<Entry, void, undefined> {
  const selector = new CompiledSelector(parseLogSelector(query), undefined, now);
  const order = new TimeOrder(direction, limit ?? Number.POSITIVE_INFINITY, mostHeld);
  if (order.isDone) return;
  const { matchers, required, requiredValues } = selector;
  const inTime = source.order !== 'arrival';
  for await (const scanned of source.scan({ start, end, matchers, direction, required, requiredValues }, totals)) {
    signal?.throwIfAborted();
    if (inTime) collect(scanned, selector, order, direction);
    else for (const entry of selectedEntries(scanned, selector, order.left)) order.add(entry);
    yield* inTime ? order.drain(scanned.frontier) : order.take();
    if (order.isDone) return;
  }
  signal?.throwIfAborted();
  yield* order.drain();
}

/** Adds the entries of a batch that can still be wanted: those of a batch are in order of time, so that the first ones suffice. */
function collect(scanned: ScannedBatch, selector: CompiledSelector, order: TimeOrder, direction: Direction): void {
  const { batch, from, to } = scanned;
  const candidates = selector.candidates(batch, from, to);
  const count = candidates === undefined ? to - from : candidates.length;
  let found = 0;
  order.beginBatch();
  for (let n = 0; n < count && found < order.left; n++) {
    const nth = direction === 'forward' ? n : count - 1 - n;
    const index = candidates === undefined ? from + nth : (candidates[nth] ?? 0);
    if (!isSelectedAt(scanned, index)) continue;
    if (order.isBeyond(batch.timestamps[index] ?? 0n)) return;
    const entry = entryAt(scanned, selector, index);
    if (entry === undefined) continue;
    order.add(entry);
    found++;
  }
}

function selectedEntries(scanned: ScannedBatch, selector: CompiledSelector, limit: number): Entry[] {
  const { batch, from, to } = scanned;
  const candidates = selector.candidates(batch, from, to);
  const count = candidates === undefined ? to - from : candidates.length;
  const entries: Entry[] = [];
  for (let n = 0; n < count && entries.length < limit; n++) {
    const index = candidates === undefined ? from + n : (candidates[n] ?? 0);
    const entry = isSelectedAt(scanned, index) ? entryAt(scanned, selector, index) : undefined;
    if (entry !== undefined) entries.push(entry);
  }
  return entries;
}

/** The entry as the query answers it; undefined where it is filtered out. */
export function entryAt(
  { batch }: Pick<ScannedBatch, 'batch'>,
  selector: CompiledSelector,
  index: number,
): Entry | undefined {
  const state = selector.process(batch, index);
  if (state === undefined) return undefined;
  const stream = streamOf(batch, index);
  const metadata = batch.metadata?.[index];
  return { timestamp: state.timestamp, line: state.line, labels: state.labels.toLabels(), stream, metadata };
}

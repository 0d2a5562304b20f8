/**
 * The lines around those that a query selects, in the order of the file, as `grep -C` has them; one reading.
 *
 * The query is run on the lines with their numbers in place of their times: an entry that it selects says by it which line it was,
 * whatever was made of its text.
 *
 *     piece     … 97 98 99 [100 101 102] 103 …      what was read and may still be shown is kept
 *     matches        98            102
 *     shown       97 98 99     101 102 103          before and after: 1
 */
import type { EntryBatch } from '../entry-batch.js';
import { lineText } from '../entry-batch.js';
import { type EntrySource, noTotals, type ScannedBatch, type ScanRequest, type ScanTotals } from '../entry-source.js';
import { ALL_TIME, type Entry, type TimeRange } from '../log-store.js';
import { runLogQuery } from '../logql/index.js';
import type { ContextLine, ContextRequest } from '../report/context.js';
import { type FileContext, streamLabels, wholeBatch } from './file-source.js';
import { LineTimes } from './line-times.js';
import type { LogFile } from './log-file.js';

export async function* fileContext(
  files: readonly LogFile[],
  { query, before, after, start, end, limit = Infinity, signal }: ContextRequest,
  context: FileContext,
): AsyncGenerator<ContextLine> {
  const lines = new NumberedLines(files, context, before);
  const totals = noTotals();
  const range = {
    ...ALL_TIME,
    direction: 'forward' as const,
    now: () => context.now,
    ...(signal !== undefined && { signal }),
  };
  /** Numbers of lines: the next that was not shown, and the end of what is to be shown. */
  let next = 0;
  let until = 0;
  let left = limit;
  for await (const { timestamp } of runLogQuery(lines, query, range, totals)) {
    const number = Number(timestamp);
    if (left === 0 || !lines.isWithin(number, { start, end })) continue;
    while (next < Math.min(until, number)) yield { kind: 'context', entry: lines.entry(next++) };
    const from = Math.max(next, number - before);
    if (next > 0 && from > next) yield { kind: 'gap' };
    for (next = from; next < number; next++) {
      if (lines.has(next)) yield { kind: 'context', entry: lines.entry(next) };
    }
    yield { kind: 'match', entry: lines.entry(number) };
    next = number + 1;
    until = next + after;
    lines.keep(next, until);
    if (--left === 0) lines.stopAt(until);
  }
  while (next < until && lines.has(next)) yield { kind: 'context', entry: lines.entry(next++) };
}

interface Kept {
  readonly first: number;
  /** With the lines' own times. */
  readonly batch: EntryBatch;
}

/** All lines of files, numbered from 0; those that may still be asked for are kept. */
class NumberedLines implements EntrySource {
  readonly order = 'arrival';
  #kept: Kept[] = [];
  #count = 0;
  #stop = Infinity;
  /** Numbers of lines that are still to be shown: from, and before. */
  #wanted: readonly [number, number] = [0, 0];

  constructor(
    private readonly files: readonly LogFile[],
    private readonly context: FileContext,
    private readonly before: number,
  ) {}

  async *scan({ matchers, start }: ScanRequest, totals: ScanTotals): AsyncGenerator<ScannedBatch> {
    for (const file of this.files) {
      const stream = streamLabels(file);
      if (!matchers.every((matcher) => matcher.matches(stream[matcher.name] ?? ''))) continue;
      const times = new LineTimes(this.context.zone, this.context.now, file.writtenAt);
      for await (const piece of file.pieces(this.context.signal)) {
        const batch = wholeBatch(piece, times, stream);
        totals.entries += batch.count;
        const first = this.#add(batch);
        const timestamps = BigInt64Array.from({ length: batch.count }, (_, i) => BigInt(first + i));
        if (first >= this.#stop) return;
        yield { batch: { ...batch, timestamps }, from: 0, to: batch.count, selected: [true], frontier: start };
      }
    }
  }

  /** These will be asked for; of others only what a later match may have before it. */
  keep(from: number, until: number): void {
    this.#wanted = [from, until];
  }

  /** Lines from this number on are not needed. */
  stopAt(number: number): void {
    this.#stop = number;
  }

  has(number: number): boolean {
    return this.#keptWith(number) !== undefined;
  }

  isWithin(number: number, { start, end }: TimeRange): boolean {
    const { batch, index } = this.#find(number);
    const time = batch.timestamps[index] ?? 0n;
    return time >= start && time < end;
  }

  entry(number: number): Entry {
    const { batch, index } = this.#find(number);
    const stream = batch.streams[0] ?? {};
    return { timestamp: batch.timestamps[index] ?? 0n, line: lineText(batch, index), labels: stream, stream };
  }

  #find(number: number): { readonly batch: EntryBatch; readonly index: number } {
    const kept = this.#keptWith(number);
    if (kept === undefined) throw new RangeError(`line ${number} is not kept`);
    return { batch: kept.batch, index: number - kept.first };
  }

  #keptWith(number: number): Kept | undefined {
    return this.#kept.findLast(({ first, batch }) => first <= number && number < first + batch.count);
  }

  #add(batch: EntryBatch): number {
    const first = this.#count;
    const [from, until] = this.#wanted;
    this.#count += batch.count;
    this.#kept = this.#kept.filter((kept) => {
      const end = kept.first + kept.batch.count;
      return end > first - this.before || (kept.first < until && end > from);
    });
    this.#kept.push({ first, batch });
    return first;
  }
}

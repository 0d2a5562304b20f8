/**
 * When the pieces of files were written: one reading ahead of a query that must be answered in order of time (a rate, a histogram). It
 * costs the time of a search once more, and a few numbers a piece; in return the query holds back only what may still be joined by a
 * late line.
 *
 *     piece          1        2        3        4
 *     its times    10…14    13…20    12…19    20…25
 *     least after    12       12       20        –        no later entry of the file is before it: the frontier
 */
import { ALL_TIME, type TimeRange } from '../log-store.js';
import { type FileContext, streamLabels, wholeBatch } from './file-source.js';
import { LineTimes } from './line-times.js';
import type { LogFile } from './log-file.js';

interface PieceTimes {
  readonly file: LogFile;
  readonly offset: number;
  readonly first: bigint;
  readonly last: bigint;
}

/** Of the files of one family, in their order. */
export class TimeMap {
  /** The least time in this piece and all that follow. */
  readonly #leastFrom: readonly bigint[];

  private constructor(private readonly pieces: readonly PieceTimes[]) {
    const least: bigint[] = [];
    let soFar = ALL_TIME.end;
    for (let i = pieces.length - 1; i >= 0; i--) {
      const { first } = pieces[i] ?? { first: soFar };
      if (first < soFar) soFar = first;
      least[i] = soFar;
    }
    this.#leastFrom = least;
  }

  static async of(files: readonly LogFile[], context: FileContext): Promise<TimeMap> {
    const pieces: PieceTimes[] = [];
    for (const file of files) {
      const times = new LineTimes(context.zone, context.now, file.writtenAt);
      const stream = streamLabels(file);
      for await (const piece of file.pieces(context.signal)) {
        const { timestamps } = wholeBatch(piece, times, stream);
        pieces.push({ file, offset: piece.offset, ...spanOf(timestamps) });
      }
      if (times.found === 0) context.onUntimed?.(file);
    }
    return new TimeMap(pieces);
  }

  /** From the first entry to behind the last; undefined where there is none. */
  get span(): TimeRange | undefined {
    if (this.pieces.length === 0) return undefined;
    let end = ALL_TIME.start;
    for (const { last } of this.pieces) if (last > end) end = last;
    return { start: this.#leastFrom[0] ?? end, end: end + 1n };
  }

  /** No entry of the family from this place on is before this time. */
  leastFrom(file: LogFile, offset: number): bigint {
    // The piece that the place is in counts whole.
    const at = this.pieces.findLastIndex((piece) => piece.file === file && piece.offset <= offset);
    return this.#leastFrom[Math.max(0, at)] ?? ALL_TIME.end;
  }

  /** No entry of the files behind this one is before this time. */
  leastAfter(file: LogFile): bigint {
    return this.#leastFrom[this.pieces.findLastIndex((piece) => piece.file === file) + 1] ?? ALL_TIME.end;
  }

  /** Whether a file may have entries of the range. */
  touches(file: LogFile, { start, end }: TimeRange): boolean {
    return this.pieces.some((piece) => piece.file === file && piece.last >= start && piece.first < end);
  }
}

function spanOf(timestamps: BigInt64Array): { readonly first: bigint; readonly last: bigint } {
  let [first, last] = [ALL_TIME.end, ALL_TIME.start];
  for (const time of timestamps) {
    if (time < first) first = time;
    if (time > last) last = time;
  }
  return { first, last };
}

/**
 * When the lines of one file were written: each line's own timestamp where it has one, else that of the last line before it which has
 * (a stack trace belongs to what it follows), else the time when the file was written.
 */
import { NanosColumn, type Now, nowOf } from '../transform/timestamp/epoch.js';
import { TimestampReader } from '../transform/timestamp/reader.js';
import type { Zone } from '../transform/timestamp/zone.js';
import type { LineColumns } from './piece.js';

const LINE_FEED = 0x0a;
const NANOS_PER_SECOND = 1_000_000_000n;
/** Lines before one that has no time that are looked at for one, where they were not looked at before: a long stack trace has fewer. */
const LOOKED_BACK = 256;
/** Lines at the beginning of a file without a timestamp, after which it has none: to search a line in vain takes some 10 µs. */
const GIVEN_UP = 1_000;

export class LineTimes {
  readonly #reader: TimestampReader;
  readonly #now: Now;
  #seconds: number;
  #nanos: number;
  #misses = 0;
  /** Lines that had a timestamp of their own. */
  found = 0;

  /** @param now milliseconds since the Unix epoch, for timestamps without a year */
  constructor(zone: Zone, now: number, writtenAt: bigint) {
    this.#reader = new TimestampReader(zone);
    this.#now = nowOf(Math.floor(now / 1000));
    this.#seconds = Number(writtenAt / NANOS_PER_SECOND);
    this.#nanos = Number(writtenAt % NANOS_PER_SECOND);
  }

  /** A timestamp for each line. @param everyLine whether `lines` are all lines of the piece, one after the other */
  of(bytes: Buffer, lines: LineColumns, everyLine: boolean): BigInt64Array {
    const { count, starts, ends } = lines;
    const timestamps = new BigInt64Array(count);
    const column = new NanosColumn(timestamps);
    let seen = 0;
    for (let i = 0; i < count; i++) {
      const start = starts[i] ?? 0;
      if (!this.#read(bytes, start, ends[i] ?? 0) && !everyLine) this.#lookBack(bytes, start, seen);
      seen = ends[i] ?? 0;
      column.set(i, this.#seconds, this.#nanos);
    }
    // For what the next piece begins with.
    if (!everyLine) this.#lookBack(bytes, bytes.length, seen);
    return timestamps;
  }

  #read(bytes: Buffer, start: number, end: number): boolean {
    if (this.#misses === GIVEN_UP) return false;
    if (!this.#reader.read(bytes, start, end, this.#now)) {
      if (this.found === 0) this.#misses++;
      return false;
    }
    this.#seconds = this.#reader.seconds;
    this.#nanos = this.#reader.nanos;
    this.found++;
    return true;
  }

  /** Takes the time of the nearest line before `start` that has one, down to `least`. */
  #lookBack(bytes: Buffer, start: number, least: number): void {
    let end = start - 1;
    for (let i = 0; i < LOOKED_BACK && end > least; i++) {
      const begin = bytes.lastIndexOf(LINE_FEED, end - 1) + 1;
      if (begin < least || this.#read(bytes, begin, end)) return;
      end = begin - 1;
    }
  }
}

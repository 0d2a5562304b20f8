/**
 * Reads the timestamps of the lines of one stream.
 *
 *     kept layouts  ──one reads──▶  it is tried first on the next line
 *        │ none
 *        ▼
 *     search of the line  ──found──▶  kept, before the others
 *        │ nothing
 *        ▼
 *     false: the line has no timestamp of its own (a stack trace's)
 */
import { isEntrySecond } from '../../nanos.js';
import { type Now, toEpochSeconds } from './epoch.js';
import { TimeFields } from './fields.js';
import { FORMS, type Form } from './forms.js';
import { findLayout, type Layout } from './layout.js';
import type { Zone } from './zone.js';

/** Layouts that are kept of a stream: several programs may write one file. */
const KEPT = 4;

export class TimestampReader {
  /** Of the last line that was read: seconds since the Unix epoch, and nanoseconds of the second. */
  seconds = 0;
  nanos = 0;
  /** Where in the buffer the timestamp is. */
  start = 0;
  end = 0;

  readonly #fields = new TimeFields();
  readonly #layouts: Layout[] = [];

  constructor(
    /** Of timestamps that do not say how far from UTC they are. */
    private readonly zone: Zone,
    private readonly forms: readonly Form[] = FORMS,
  ) {}

  /** False where the line has none, or one that no entry can have. `now` is for a year that is missing. */
  read(line: Buffer, start: number, end: number, now: Now): boolean {
    const fields = this.#fields;
    for (let i = 0; i < this.#layouts.length; i++) {
      const layout = this.#layouts[i];
      if (layout === undefined || !layout.read(line, start, end, fields)) continue;
      if (i > 0) this.#prefer(layout, i);
      return this.#take(now);
    }
    const found = findLayout(line, start, end, fields, this.forms);
    if (found === undefined) return false;
    this.#layouts.unshift(found);
    if (this.#layouts.length > KEPT) this.#layouts.pop();
    return this.#take(now);
  }

  #prefer(layout: Layout, index: number): void {
    this.#layouts.splice(index, 1);
    this.#layouts.unshift(layout);
  }

  #take(now: Now): boolean {
    const seconds = toEpochSeconds(this.#fields, this.zone, now);
    if (!isEntrySecond(seconds)) return false;
    this.seconds = seconds;
    this.nanos = this.#fields.nanos;
    this.start = this.#fields.start;
    this.end = this.#fields.end;
    return true;
  }
}

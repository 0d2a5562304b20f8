/**
 * `dedupe=10s`: of lines of one stream that are the same, but for their timestamps, the first within the window passes, and the others are
 * counted. An entry follows that says how many they were.
 *
 *     first ──▶ passes; repeats within the window of its time ──▶ dropped, counted
 *       │ a repeat after the window, too many lines are remembered, or flush() after the window
 *       ▼
 *     «message repeated 41 times: [ … ]», with the time of the last repeat   (where there were repeats)
 *
 * The window is of the entries' own time, so that old files give what the live log would have. A clock that steps by more than the window, in
 * either direction, begins anew.
 */
import { type EntryBatch, EntryBatchBuilder } from '../entry-batch.js';
import { emptyLabels, type Labels } from '../labels.js';
import { NANOS_PER_MS } from '../nanos.js';
import { Kept, keepEntries } from './columns.js';
import { StreamStates } from './stream-states.js';
import { nowOf } from './timestamp/epoch.js';
import { TimestampReader } from './timestamp/reader.js';
import { UTC } from './timestamp/zone.js';
import type { Transform, TransformOutput } from './transform.js';

/** Lines that are remembered, of all streams, and their bytes; longer ones always pass. */
const MOST_LINES = 20_000;
const MOST_BYTES = 8 * 1024 * 1024;
const LONGEST_LINE = 4096;
const NANOS_PER_SECOND = 1_000_000_000n;

interface Seen {
  readonly key: string;
  readonly stream: Labels;
  readonly line: Buffer;
  readonly metadata: Labels | undefined;
  readonly lines: Map<string, Seen>;
  /** By the entries' own time. */
  readonly first: bigint;
  last: bigint;
  /** When the first was shipped. */
  readonly shipped: bigint;
  repeats: number;
}

interface StreamState {
  readonly reader: TimestampReader;
  readonly lines: Map<string, Seen>;
}

export class DedupeTransform implements Transform {
  readonly name: string;
  readonly about: string;
  readonly #window: bigint;
  readonly #streams = new StreamStates<StreamState>(() => ({ reader: new TimestampReader(UTC), lines: new Map() }));
  /** All that is remembered, oldest first. */
  readonly #order = new Set<Seen>();
  #bytes = 0;
  #summaries = new EntryBatchBuilder();

  constructor(text: string, windowMs: number) {
    this.name = `dedupe ${text}`;
    this.about = `of lines that are the same within ${text} one passes, then the number of the others`;
    this.#window = BigInt(windowMs) * NANOS_PER_MS;
  }

  apply(batch: EntryBatch, now: bigint): TransformOutput {
    const states = batch.streams.map((stream) => this.#streams.of(stream));
    const nowSeconds = nowOf(Number(now / NANOS_PER_SECOND));
    const kept = new Kept(batch);
    for (let i = 0; i < batch.count; i++) {
      const state = states[batch.streamOf?.[i] ?? 0];
      const [start, end] = [batch.starts[i] ?? 0, batch.ends[i] ?? 0];
      if (state === undefined || end - start > LONGEST_LINE) {
        kept.add(i);
        continue;
      }
      const key = keyOf(batch.bytes, start, end, state.reader, nowSeconds);
      if (this.#isFirst(batch, i, key, state.lines, now)) kept.add(i);
    }
    return keepEntries(batch, kept.indexes(), 'duplicate');
  }

  /** Counts of repeats whose window is over, by the time of shipping. */
  flush(now: bigint): EntryBatch | undefined {
    for (const seen of this.#order) {
      const age = now - seen.shipped;
      if (age >= this.#window || age < -this.#window) this.#forget(seen);
    }
    if (this.#summaries.count === 0) return undefined;
    const batch = this.#summaries.build();
    this.#summaries = new EntryBatchBuilder();
    return batch;
  }

  #isFirst(batch: EntryBatch, index: number, key: string, lines: Map<string, Seen>, now: bigint): boolean {
    const timestamp = batch.timestamps[index] ?? 0n;
    const seen = lines.get(key);
    if (seen !== undefined) {
      const age = timestamp - seen.first;
      if (age < this.#window && age > -this.#window) {
        seen.repeats++;
        seen.last = timestamp;
        return false;
      }
      this.#forget(seen);
    }
    const stream = batch.streams[batch.streamOf?.[index] ?? 0];
    if (stream === undefined) return true;
    const line = Buffer.from(batch.bytes.subarray(batch.starts[index], batch.ends[index]));
    const metadata = batch.metadata?.[index];
    const added: Seen = {
      key,
      stream,
      line,
      metadata,
      lines,
      first: timestamp,
      last: timestamp,
      shipped: now,
      repeats: 0,
    };
    lines.set(key, added);
    this.#order.add(added);
    this.#bytes += 2 * line.length;
    for (const oldest of this.#order) {
      if (this.#order.size <= MOST_LINES && this.#bytes <= MOST_BYTES) break;
      this.#forget(oldest);
    }
    return true;
  }

  #forget(seen: Seen): void {
    this.#order.delete(seen);
    if (seen.lines.get(seen.key) === seen) seen.lines.delete(seen.key);
    this.#bytes -= 2 * seen.line.length;
    if (seen.repeats === 0) return;
    const times = seen.repeats === 1 ? 'once' : `${seen.repeats} times`;
    const metadata = emptyLabels();
    Object.assign(metadata, seen.metadata, { repeated: String(seen.repeats) });
    this.#summaries.add({
      timestamp: seen.last,
      line: Buffer.concat([Buffer.from(`message repeated ${times}: [ `), seen.line, Buffer.from(' ]')]),
      stream: seen.stream,
      metadata,
    });
  }
}

/** The line without its timestamp. */
function keyOf(
  bytes: Buffer,
  start: number,
  end: number,
  reader: TimestampReader,
  now: ReturnType<typeof nowOf>,
): string {
  if (!reader.read(bytes, start, end, now)) return bytes.toString('latin1', start, end);
  return `${bytes.toString('latin1', start, reader.start)}\0${bytes.toString('latin1', reader.end, end)}`;
}

/** Collects the entries of a request into a batch. What is beyond the bounds is refused entry by entry, and told. */
import { type EntryBatch, EntryBatchBuilder } from '../entry-batch.js';
import { emptyLabels, type Labels, labelsKey } from '../labels.js';
import { isEntryTime } from '../nanos.js';
import { checkEntries, tooLarge } from './bad-body.js';
import { type Cleaned, cleanMetadata, cleanStream } from './clean.js';
import { LARGEST_METADATA_TOTAL, LONGEST_LINE, MOST_STREAMS } from './limits.js';
import { Refusals } from './refusals.js';

/** What a body was decoded into. */
export interface Decoded {
  readonly batch: EntryBatch;
  readonly refusals: Refusals;
}

/** Of metadata that is more than an entry may have, as far as it was looked at. */
const REFUSED_SIZE = 2 * 1024;

export class Intake {
  readonly refusals = new Refusals();
  readonly #builder = new EntryBatchBuilder();
  readonly #streams = new Map<string, Labels>();
  #announced = 0;
  #asked = 0;
  #metadata = 0;

  get count(): number {
    return this.#builder.count;
  }

  /** Entries that are about to be looked at, whatever becomes of them. Error: `log.too_large`. */
  announce(count: number): void {
    this.#announced += count;
    checkEntries(this.#announced);
  }

  /** The labels to give to {@link add}: the same object for the same ones. Error: `log.too_large` for too many streams. */
  stream(given: Readonly<Record<string, string>>): Cleaned {
    // The same one again and again costs as much as an entry.
    checkEntries(++this.#asked);
    const cleaned = cleanStream(given);
    if (cleaned.reason !== undefined) return cleaned;
    const key = labelsKey(cleaned.labels);
    const known = this.#streams.get(key);
    if (known !== undefined) return { labels: known };
    if (this.#streams.size >= MOST_STREAMS) throw tooLarge(`the request has more than ${MOST_STREAMS} streams`);
    this.#streams.set(key, cleaned.labels);
    return cleaned;
  }

  /** Returns whether it was taken. Metadata is as the sender gave it. Error: `log.too_large` for too much of it. */
  add(
    stream: Labels,
    timestamp: bigint,
    line: string | Uint8Array,
    metadata: Readonly<Record<string, string>> | undefined,
  ): boolean {
    const size = typeof line === 'string' ? lineSize(line) : line.length;
    if (size > LONGEST_LINE) {
      this.refusals.add('line_too_long', lineTooLong(size));
      return false;
    }
    if (!isEntryTime(timestamp)) {
      this.refusals.add('bad_timestamp', `the timestamp ${timestamp} is none that an entry can have: 1677 to 2262`);
      return false;
    }
    if (metadata === undefined) {
      this.#builder.add({ timestamp, line, stream });
      return true;
    }
    const cleaned = cleanMetadata(metadata);
    this.#metadata += cleaned.reason === undefined ? cleaned.size : REFUSED_SIZE;
    if (this.#metadata > LARGEST_METADATA_TOTAL)
      throw tooLarge(`the structured metadata of the request is more than ${LARGEST_METADATA_TOTAL} characters`);
    if (cleaned.reason !== undefined) {
      this.refusals.add(cleaned.reason, cleaned.message);
      return false;
    }
    this.#builder.add({ timestamp, line, stream, metadata: cleaned.labels });
    return true;
  }

  finish(): Decoded {
    return { batch: this.#builder.build(), refusals: this.refusals };
  }
}

export function lineTooLong(size: number): string {
  return `a line has ${size} bytes, more than ${LONGEST_LINE}`;
}

/** Exact only where it matters: a character is three bytes at most. */
function lineSize(line: string): number {
  return line.length * 3 > LONGEST_LINE ? Buffer.byteLength(line) : line.length;
}

/** An object with text for values as labels; a scalar becomes text, `undefined` for anything else. */
export function textPairs(given: unknown): Record<string, string> | undefined {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
  const pairs = emptyLabels();
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'string') pairs[name] = value;
    else if (typeof value === 'number' || typeof value === 'boolean') pairs[name] = String(value);
    else if (value !== null) return undefined;
  }
  return pairs;
}

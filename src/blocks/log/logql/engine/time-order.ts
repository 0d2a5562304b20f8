/**
 * Puts entries into order of time as their batches come: what a source says can no longer be preceded is handed out, the rest waits.
 * With a limit no more than that many wait, and never more bytes than they may have.
 *
 *     batches   [1 4 7] frontier 1    [2 3] frontier 3    [5 9] frontier 9
 *     out       –                     1 2                 3 4 5 7              (then, at the end, 9)
 */
import type { Direction } from '../../entry-source.js';
import { logErrors } from '../../errors.js';
import { sizeOfLabels } from '../../labels.js';
import type { Entry } from '../../log-store.js';

/** Bytes of entries that wait, unless told otherwise: a thousand full blocks that overlap. */
const MOST_WAITING_BYTES = 256 * 1024 * 1024;
/** Bytes of an entry beside its text. */
const ENTRY_OVERHEAD = 100;
/** Of a label of an entry that has labels of its own. */
const LABEL_OVERHEAD = 16;

export class TimeOrder {
  readonly #forward: boolean;
  readonly #mostBytes: number;
  #left: number;
  #waiting: Entry[] = [];
  #waitingBytes = 0;
  #sorted = true;
  /** Of the last entry that would be handed out, were there no more. */
  #cutoff: bigint | undefined;

  constructor(direction: Direction, limit: number, mostBytes = MOST_WAITING_BYTES) {
    this.#forward = direction === 'forward';
    this.#mostBytes = mostBytes;
    this.#left = limit;
  }

  /** Whether as many as the limit says have been handed out. */
  get isDone(): boolean {
    return this.#left <= 0;
  }

  /** How many entries can still be wanted. */
  get left(): number {
    return this.#left;
  }

  /** Before the entries of a batch: what later entries must be better than is found out once for all of them. */
  beginBatch(): void {
    this.#sort();
    this.#cutoff = this.#waiting[this.#left - 1]?.timestamp;
  }

  /** Whether an entry of this time would come behind so many others that it is not wanted. */
  isBeyond(timestamp: bigint): boolean {
    const cutoff = this.#cutoff;
    return cutoff !== undefined && (this.#forward ? timestamp >= cutoff : timestamp <= cutoff);
  }

  /** Error: `log.query_limit`, where those that wait are too much. */
  add(entry: Entry): void {
    const last = this.#waiting[this.#waiting.length - 1];
    if (last !== undefined && this.#compare(last, entry) > 0) this.#sorted = false;
    this.#waiting.push(entry);
    this.#waitingBytes += sizeOf(entry);
    // Twice as many, so that sorting costs little for each.
    if (this.#waiting.length > 2 * this.#left + 1000) this.#cut();
    if (this.#waitingBytes > this.#mostBytes) this.#cutToBytes();
  }

  /** Takes out what nothing can precede any more; without a frontier, all. */
  drain(frontier?: bigint): Entry[] {
    this.#sort();
    let count = frontier === undefined ? this.#waiting.length : this.#countBefore(frontier);
    count = Math.min(count, this.#left);
    this.#left -= count;
    return this.#out(count);
  }

  /** Takes out all in the order they were added in. */
  take(): Entry[] {
    this.#left -= this.#waiting.length;
    this.#sorted = true;
    return this.#out(this.#waiting.length);
  }

  #out(count: number): Entry[] {
    const entries = this.#waiting.splice(0, count);
    for (const entry of entries) this.#waitingBytes -= sizeOf(entry);
    return entries;
  }

  #countBefore(frontier: bigint): number {
    let [low, high] = [0, this.#waiting.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const timestamp = this.#waiting[middle]?.timestamp ?? 0n;
      if (this.#forward ? timestamp < frontier : timestamp > frontier) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #cut(): void {
    this.#sort();
    for (const entry of this.#waiting.splice(Math.min(this.#waiting.length, this.#left))) {
      this.#waitingBytes -= sizeOf(entry);
    }
  }

  #cutToBytes(): void {
    this.#cut();
    if (this.#waitingBytes <= this.#mostBytes) return;
    throw logErrors.error(
      'log.query_limit',
      `the query would hold more than ${this.#mostBytes} bytes of entries to put them into order`,
      { hint: 'ask for fewer entries, a shorter time, or a more specific selector' },
    );
  }

  #sort(): void {
    // Stable: of equal times the one that came first stays first.
    if (!this.#sorted) this.#waiting.sort((left, right) => this.#compare(left, right));
    this.#sorted = true;
  }

  #compare(left: Entry, right: Entry): number {
    if (left.timestamp === right.timestamp) return 0;
    return left.timestamp < right.timestamp === this.#forward ? -1 : 1;
  }
}

/** Labels of the stream are those of others, too, and what the entry's labels have of its metadata is there once. */
function sizeOf({ line, labels, stream, metadata }: Entry): number {
  let size = ENTRY_OVERHEAD + line.length + sizeOfLabels(metadata);
  if (labels === stream) return size;
  for (const name in labels) {
    const value = labels[name] ?? '';
    size += LABEL_OVERHEAD;
    if (value !== stream[name] && value !== metadata?.[name]) size += name.length + value.length;
  }
  return size;
}

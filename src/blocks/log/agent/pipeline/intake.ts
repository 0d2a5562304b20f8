/**
 * Between sources and what writes: chunks wait here until there are enough for a commit, or the first has waited long enough.
 *
 *     sources ──add──▶ waiting ──256 KiB or 256 chunks, or the linger time, or the end──▶ unit ──▶ commit
 *        └── waits while there is as much as memory may hold
 *
 * While a commit is under way all that comes becomes the next unit, up to 4 MiB: the slower the disk, the larger the units.
 */
import type { Clock } from '../../../../platform/clock.js';

export interface IntakeOptions {
  readonly clock: Clock;
  /** Milliseconds that a lone item waits for others. */
  readonly lingerMs: number;
  /** Bytes that make a unit without waiting. */
  readonly targetBytes?: number;
  /** Bytes that may wait; one item is taken in any case. */
  readonly mostBytes?: number;
}

interface Sized {
  readonly bytes: number;
}

const TARGET_BYTES = 256 * 1024;
const LARGEST_UNIT = 4 * 1024 * 1024;
const MOST_BYTES = 8 * 1024 * 1024;
/** Beside their lines; so that many empty ones are bounded, too. */
const ITEM_BYTES = 256;
/**
 * Items that make a unit whatever they hold, and that who can wait does not go beyond. A thousand small files that are found at once would
 * otherwise all be in memory before the first commit; V8 then keeps 17 MB more of young generation for good.
 */
const MOST_ITEMS = 256;

export class Intake<Item extends Sized> {
  readonly #clock: Clock;
  readonly #lingerMs: number;
  readonly #targetBytes: number;
  readonly #mostBytes: number;
  #items: Item[] = [];
  #bytes = 0;
  /** On the monotonic clock: when the oldest item came. */
  #since = 0;
  #ended = false;
  /** The consumer, where it waits: told of the first item, of enough of them, and of the end. */
  #wake: (() => void) | undefined;
  #roomWaiters: (() => void)[] = [];

  constructor({ clock, lingerMs, targetBytes = TARGET_BYTES, mostBytes = MOST_BYTES }: IntakeOptions) {
    this.#clock = clock;
    this.#lingerMs = lingerMs;
    this.#targetBytes = targetBytes;
    this.#mostBytes = mostBytes;
  }

  get hasRoom(): boolean {
    return this.#items.length === 0 || this.#bytes < this.#mostBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get length(): number {
    return this.#items.length;
  }

  /** Resolves when there is room. Rejects with the signal's reason. */
  async room(signal?: AbortSignal): Promise<void> {
    while (!this.hasRoom || this.#items.length >= MOST_ITEMS) {
      signal?.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        const onAbort = () => reject(signal?.reason);
        signal?.addEventListener('abort', onAbort, { once: true });
        this.#roomWaiters.push(() => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        });
      });
    }
  }

  add(item: Item): void {
    if (this.#items.length === 0) this.#since = this.#clock.monotonic();
    this.#items.push(item);
    this.#bytes += item.bytes + ITEM_BYTES;
    if (this.#items.length === 1 || this.#isEnough) this.#tell();
  }

  /** No more will come: what waits is a unit at once. */
  end(): void {
    this.#ended = true;
    this.#tell();
  }

  /** Items for one commit; undefined at the end. One consumer only. */
  async next(): Promise<Item[] | undefined> {
    while (!this.#ended && !this.#isEnough) {
      if (this.#items.length === 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const left = this.#lingerMs - (this.#clock.monotonic() - this.#since);
      if (left <= 0) break;
      await this.#linger(left);
    }
    return this.#items.length === 0 ? undefined : this.#take();
  }

  get #isEnough(): boolean {
    return this.#bytes >= this.#targetBytes || this.#items.length >= MOST_ITEMS;
  }

  #take(): Item[] {
    let bytes = 0;
    let count = 0;
    for (const item of this.#items) {
      if (count > 0 && bytes + item.bytes > LARGEST_UNIT) break;
      bytes += item.bytes + ITEM_BYTES;
      count++;
    }
    const unit = this.#items.slice(0, count);
    this.#items = this.#items.slice(count);
    this.#bytes -= bytes;
    for (const tell of this.#roomWaiters.splice(0)) tell();
    return unit;
  }

  async #linger(ms: number): Promise<void> {
    const enough = new AbortController();
    this.#wake = () => enough.abort();
    await this.#clock.sleep(ms, enough.signal).catch(() => {});
    this.#wake = undefined;
  }

  #tell(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

/**
 * The cache's way to its file, behind the answers:
 *
 *     saved, removed ──▶ pending ── every second, or 500 of them, or at the end ──▶ one transaction
 *
 * A crash loses what is pending, at most a second: it is a cache. Where the file is busy or full, what is pending stays so, and
 * is tried again each second; answers do not wait for it.
 */
import { type CacheEntry, type CacheStore, type EntryKey, entryKey } from '../../cache/entry.js';

/** Changes that are written at once. */
const BATCH = 500;
/** Changes that wait while the file cannot be written; beyond it the oldest are forgotten. */
const MOST_PENDING = 50_000;

type Change = { readonly saved: CacheEntry } | { readonly removed: EntryKey };

export class WriteBehind {
  readonly #store: CacheStore;
  readonly #onFailure: (error: unknown, inARow: number) => void;
  #pending = new Map<string, Change>();
  #writing: Promise<void> | undefined;
  #failures = 0;

  /** `inARow`: so many writes have failed, this one included. */
  constructor(store: CacheStore, onFailure: (error: unknown, inARow: number) => void) {
    this.#store = store;
    this.#onFailure = onFailure;
  }

  get pending(): number {
    return this.#pending.size;
  }

  saved(entry: CacheEntry): void {
    this.#note(entryKey(entry), { saved: entry });
  }

  removed(entry: EntryKey): void {
    this.#note(entryKey(entry), { removed: entry });
  }

  /** Writes what is pending; resolves when that is done or has failed. Never rejects. */
  write(): Promise<void> {
    if (this.#writing !== undefined || this.#pending.size === 0) return this.#writing ?? Promise.resolve();
    const batch = this.#pending;
    this.#pending = new Map();
    this.#writing = this.#writeBatch(batch).finally(() => {
      this.#writing = undefined;
    });
    return this.#writing;
  }

  /** At the end: everything. */
  async close(): Promise<void> {
    await this.#writing;
    await this.write();
  }

  #note(key: string, change: Change): void {
    // The newest change of a key goes to the end.
    this.#pending.delete(key);
    this.#pending.set(key, change);
    if (this.#pending.size > MOST_PENDING) {
      for (const oldest of this.#pending.keys()) {
        this.#pending.delete(oldest);
        break;
      }
    }
    // While it fails, once a second is enough.
    if (this.#pending.size >= BATCH && this.#failures === 0) void this.write();
  }

  async #writeBatch(batch: Map<string, Change>): Promise<void> {
    const saved: CacheEntry[] = [];
    const removed: EntryKey[] = [];
    for (const change of batch.values()) {
      if ('saved' in change) saved.push(change.saved);
      else removed.push(change.removed);
    }
    try {
      // Not within the turn that answers.
      await new Promise((resolve) => setImmediate(resolve));
      await this.#store.write(saved, removed);
      this.#failures = 0;
    } catch (error) {
      for (const [key, change] of this.#pending) batch.set(key, change);
      this.#pending = batch;
      this.#onFailure(error, ++this.#failures);
    }
  }
}

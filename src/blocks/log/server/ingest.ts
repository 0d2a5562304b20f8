/**
 * From decoded pushes to the store: pushes that come while others are written are written together, as one block and one transaction.
 *
 *     push ──▶ queue of its tenant ──a writer is free──▶ up to 1 MiB ──▶ append ──flushed──▶ all of its pushes resolve
 *                │ more than the bound of all queues
 *                └──▶ log.overloaded (429): nothing of it is kept
 */
import { type EntryBatch, lineBytesTotal, metadataTotal } from '../entry-batch.js';
import { concatenate } from '../entry-batches.js';
import { logErrors } from '../errors.js';
import type { Tenant } from '../log-store.js';

/** Of lines and metadata that are not on disk yet, with what their columns take. */
const MOST_PENDING = 64 * 1024 * 1024;
/** Of one append, bytes: some blocks. */
const GROUP = 1024 * 1024;
/** A push with more is not worth the copy: it is a block by itself, and its transaction is shared all the same. */
const LARGE = 128 * 1024;
/** Appends of a tenant under way: the blocks of one are compressed while those of another are flushed. */
const MOST_WRITERS = 4;
/** An entry takes so much beside its line. */
const ENTRY_BYTES = 64;

export type Append = (tenant: Tenant, batch: EntryBatch) => Promise<void>;

interface Push {
  readonly batch: EntryBatch;
  readonly bytes: number;
  resolve(): void;
  reject(error: unknown): void;
}

interface Queue {
  readonly pushes: Push[];
  writers: number;
}

export class Ingest {
  readonly #append: Append;
  readonly #mostPending: number;
  readonly #queues = new Map<Tenant, Queue>();
  #pendingBytes = 0;
  #pendingPushes = 0;
  #idle: (() => void)[] = [];

  constructor(append: Append, mostPending = MOST_PENDING) {
    this.#append = append;
    this.#mostPending = mostPending;
  }

  /** Pushes that are not acknowledged yet. */
  get pending(): number {
    return this.#pendingPushes;
  }

  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** Resolves when all of it is on disk. Errors: `log.overloaded`, those of the store. */
  push(tenant: Tenant, batch: EntryBatch): Promise<void> {
    if (batch.count === 0) return Promise.resolve();
    const bytes = lineBytesTotal(batch) + metadataTotal(batch) + batch.count * ENTRY_BYTES;
    if (this.#pendingBytes > 0 && this.#pendingBytes + bytes > this.#mostPending) {
      const waiting = `${this.#pendingBytes} bytes wait for the disk`;
      return Promise.reject(logErrors.error('log.overloaded', waiting, { details: { retry_after_ms: 1000 } }));
    }
    return new Promise((resolve, reject) => {
      this.#pendingBytes += bytes;
      this.#pendingPushes++;
      const queue = this.#queueOf(tenant);
      queue.pushes.push({ batch, bytes, resolve, reject });
      if (queue.writers < MOST_WRITERS) void this.#write(tenant, queue);
    });
  }

  /** Resolves when nothing is pending. */
  idle(): Promise<void> {
    return this.#pendingPushes === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #queueOf(tenant: Tenant): Queue {
    let queue = this.#queues.get(tenant);
    if (queue === undefined) {
      queue = { pushes: [], writers: 0 };
      this.#queues.set(tenant, queue);
    }
    return queue;
  }

  async #write(tenant: Tenant, queue: Queue): Promise<void> {
    queue.writers++;
    // What arrives in this turn of the event loop goes along.
    await new Promise((resolve) => setImmediate(resolve));
    while (queue.pushes.length > 0) await this.#writeGroup(tenant, takeGroup(queue.pushes));
    queue.writers--;
    if (queue.writers === 0) this.#queues.delete(tenant);
    if (this.#pendingPushes === 0) for (const tell of this.#idle.splice(0)) tell();
  }

  async #writeGroup(tenant: Tenant, group: readonly Push[]): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    try {
      await this.#append(tenant, concatenate(group.map(({ batch }) => batch)));
    } catch (error) {
      failure = { error };
    }
    for (const push of group) {
      this.#pendingBytes -= push.bytes;
      this.#pendingPushes--;
      if (failure === undefined) push.resolve();
      else push.reject(failure.error);
    }
  }
}

function takeGroup(pushes: Push[]): readonly Push[] {
  let bytes = 0;
  let count = 0;
  for (const push of pushes) {
    if (count > 0 && (push.bytes > LARGE || bytes + push.bytes > GROUP)) break;
    bytes += push.bytes;
    count++;
    if (push.bytes > LARGE) break;
  }
  return pushes.splice(0, count);
}

/**
 * Entries in a SQLite file, of all tenants: stored, and read as a source of the query engine.
 *
 *     prepare   cut into blocks, encode, filter, compress (in the pool); writes nothing
 *     commit    a transaction, shared with what others commit at that moment; its flush goes on beside the event loop
 *     insert    the rows of what was prepared, within a transaction: so the agent stores entries and its checkpoint as one
 *     append    all three
 */
import type { Clock } from '../../../platform/clock.js';
import { PipelinedCommit } from '../../../platform/store/pipelined-commit.js';
import type { Store } from '../../../platform/store/store.js';
import type { EntryBatch } from '../entry-batch.js';
import type { EntrySource } from '../entry-source.js';
import type { Tenant } from '../log-store.js';
import { insertBlock, latestBlock, type Merged } from './block-rows.js';
import { Damage } from './damage.js';
import { type PreparedBatch, prepareBatch } from './prepare.js';
import { StoreSource } from './scan.js';
import { type RemovedRange, removedRanges, type StoredOrigins, storedOrigins } from './stored-origins.js';
import { StreamLabels } from './stream-labels.js';
import { type FreshStreams, StreamRows } from './stream-rows.js';

/** What a transaction under way has done that others are told of after the commit. */
interface Step {
  readonly streams: FreshStreams;
  readonly tenants: Set<Tenant>;
}

export class EntryStore {
  /** For who has tables of his own in the file. His writes go through {@link commit}. */
  readonly sql: Store;
  readonly labels: StreamLabels;
  readonly clock: Clock;
  readonly damage = new Damage();
  readonly #commits: PipelinedCommit;
  readonly #streams: StreamRows;
  readonly #listeners = new Set<(tenant: Tenant) => void>();
  #step: Step | undefined;

  constructor(sql: Store, clock: Clock) {
    this.sql = sql;
    this.clock = clock;
    this.labels = new StreamLabels(sql);
    this.#commits = new PipelinedCommit(sql);
    this.#streams = new StreamRows(sql);
  }

  /** Commits that are not on disk yet. */
  get pending(): number {
    return this.#commits.pending;
  }

  /** The batch may not change until the promise resolves. */
  prepare(tenant: Tenant, batch: EntryBatch): Promise<PreparedBatch> {
    return prepareBatch(tenant, batch);
  }

  /** Within {@link commit}. */
  insert(prepared: PreparedBatch): void {
    this.#insert(prepared, undefined);
    if (prepared.blocks.length > 0) this.#step?.tenants.add(prepared.tenant);
  }

  /** For the compactor: entries that were stored before, in other blocks. Returns the ids of the new ones. Within {@link commit}. */
  insertMerged(prepared: PreparedBatch, merged: Merged): number[] {
    return this.#insert(prepared, merged);
  }

  /**
   * Runs `work`, which is synchronous, in a transaction that others may share; what it throws undoes what it wrote. Resolves when that is on
   * disk. Errors: those of the storage catalogue.
   */
  async commit<T>(work: () => T): Promise<T> {
    const step: Step = { streams: new Map(), tenants: new Set() };
    const result = await this.#commits.run(() => {
      this.#streams.begin();
      this.#step = step;
      try {
        return work();
      } finally {
        this.#step = undefined;
      }
    });
    this.#streams.confirm(step.streams);
    for (const tenant of step.tenants) for (const listener of this.#listeners) listener(tenant);
    return result;
  }

  /** Resolves when the entries are on disk. */
  async append(tenant: Tenant, batch: EntryBatch): Promise<void> {
    const prepared = await this.prepare(tenant, batch);
    await this.commit(() => this.insert(prepared));
  }

  /** `state`: an older one, see schema.ts; default: the present one, whenever a scan begins. */
  source(tenant: Tenant, state?: number): EntrySource {
    const { sql: store, labels, clock, damage } = this;
    return new StoreSource({ store, labels, damage, clock, tenant, ...(state !== undefined && { state }) });
  }

  /** The present state of the file: {@link source} reads what was stored up to it, arrivals come after it. */
  state(): number {
    return this.sql.read(() => latestBlock(this.sql));
  }

  /** Calls `listener` after each commit of this process that has stored entries. Returns what ends it. */
  onArrival(listener: (tenant: Tenant) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is stored of a file of the ledger; see stored-origins.ts. */
  origins(file: number): AsyncIterable<StoredOrigins> {
    return storedOrigins(this, file);
  }

  /** What retention has removed of a file of the ledger. */
  removed(file: number): readonly RemovedRange[] {
    return removedRanges(this.sql, file);
  }

  #insert({ tenant, blocks }: PreparedBatch, merged: Merged | undefined): number[] {
    const step = this.#step;
    if (step === undefined) throw new Error('entries are inserted within commit()');
    const arrivedAt = this.clock.now();
    return blocks.map((block) => {
      const streams = block.streams.map((stream) => this.#streams.touch(tenant, stream, step.streams));
      return insertBlock(this.sql, { tenant, block, streams, arrivedAt, ...(merged !== undefined && { merged }) });
    });
  }

  /** After all commits under way. */
  async close(): Promise<void> {
    await this.#commits.close();
    this.sql.close();
  }
}

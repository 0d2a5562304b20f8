/**
 * The pipeline of the local store. Entries, checkpoints and the ledger's rows are one transaction, so each line is stored exactly once,
 * whenever the process is killed.
 */
import type { Clock } from '../../../../platform/clock.js';
import type { Store } from '../../../../platform/store/store.js';
import type { EntryBatch } from '../../entry-batch.js';
import type { Tenant } from '../../log-store.js';
import { Ledger } from '../../store/agent/ledger.js';
import { type ClaimedPipeline, PipelineRow } from '../../store/agent/pipelines.js';
import { joinSmall } from '../batch/combine.js';
import type { TellEvent } from '../events.js';
import type { SourceChunk } from '../source.js';
import { Inflow, type InflowOptions } from './inflow.js';
import type { CheckpointKeeper, Pipeline } from './pipeline.js';
import { RateMeter } from './rate.js';
import { type Group, progressOf, recordRead } from './unit.js';
import { UnitWriter } from './unit-writer.js';

/** The store, as the agent uses it (store/). */
export interface AgentStore<Prepared> {
  readonly sql: Store;
  /** Encodes and compresses; writes nothing. */
  prepare(tenant: Tenant, batch: EntryBatch): Promise<Prepared>;
  /** Within a transaction. */
  insert(prepared: Prepared): void;
  /** Runs `work` in a transaction; resolves when it is on disk. */
  commit<T>(work: () => T): Promise<T>;
}

export interface StorePipelineOptions<Prepared> extends InflowOptions {
  readonly name: string;
  readonly claim: ClaimedPipeline;
  readonly store: AgentStore<Prepared>;
  readonly tenant: Tenant;
  readonly keeper: CheckpointKeeper;
  readonly clock: Clock;
  readonly tell: TellEvent;
}

export class StorePipeline<Prepared> implements Pipeline {
  readonly name: string;
  readonly id: number;
  readonly #options: StorePipelineOptions<Prepared>;
  readonly #inflow: Inflow;
  readonly #row: PipelineRow;
  readonly #ledger: Ledger;
  readonly #writer: UnitWriter<readonly Prepared[]>;
  readonly #entryRate: RateMeter;
  readonly #byteRate: RateMeter;

  constructor(options: StorePipelineOptions<Prepared>) {
    const { name, claim, clock, store } = options;
    this.name = name;
    this.id = claim.id;
    this.#options = options;
    this.#inflow = new Inflow(options);
    this.#writer = new UnitWriter(this.#inflow, options, {
      prepare: (groups) => this.#prepare(groups),
      save: (groups, prepared) => this.#save(groups, prepared),
    });
    this.#row = new PipelineRow(store.sql, claim);
    this.#ledger = new Ledger(store.sql, claim.id);
    this.#entryRate = new RateMeter(clock);
    this.#byteRate = new RateMeter(clock);
  }

  get waiting(): number {
    return this.#inflow.waiting;
  }

  get unsaved(): number {
    return this.#inflow.unsaved;
  }

  take(chunk: SourceChunk, signal?: AbortSignal): Promise<void> {
    return this.#inflow.take(chunk, signal);
  }

  end(): void {
    this.#inflow.end();
  }

  hurry(): void {
    this.#writer.hurry();
  }

  stop(): void {
    this.end();
    this.hurry();
  }

  run(): Promise<void> {
    return this.#writer.run();
  }

  async close(): Promise<void> {
    this.#row.release(this.#options.clock.now());
  }

  #prepare(groups: readonly Group[]): Promise<Prepared[]> {
    const { store, tenant } = this.#options;
    const batches = groups.flatMap(({ items }) => joinSmall(items.map(({ batch }) => batch)));
    return Promise.all(batches.filter(({ count }) => count > 0).map((batch) => store.prepare(tenant, batch)));
  }

  async #save(groups: readonly Group[], prepared: readonly Prepared[]): Promise<void> {
    const { store, keeper, clock } = this.#options;
    const progress = progressOf(groups);
    const stored = groups.reduce((sum, { items }) => items.reduce((own, { batch }) => own + batch.count, sum), 0);
    this.#entryRate.add(stored);
    this.#byteRate.add(progress.bytes);
    await this.#writer.commit(() => {
      const now = clock.now();
      for (const one of prepared) store.insert(one);
      recordRead({ groups, batch: this.#row.nextBatch(), acknowledgedAt: now }, this.#ledger, keeper);
      this.#row.addProgress(
        {
          ...progress,
          deliveredEntries: stored,
          deliveredBytes: progress.bytes,
          entriesPerSecond: this.#entryRate.perSecond,
          bytesPerSecond: this.#byteRate.perSecond,
        },
        now,
      );
      this.#row.delivered(now);
    });
  }
}

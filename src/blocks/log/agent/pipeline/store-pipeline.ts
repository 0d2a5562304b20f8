/**
 * The pipeline of the local store. Entries, checkpoints and the ledger's rows are one transaction, so each line is stored exactly once,
 * whenever the process is killed.
 *
 *     unit k     prepare (compressed in the pool) ──▶ commit
 *     unit k+1               prepare ──────────────────────▶ commit
 */
import type { Clock } from '../../../../platform/clock.js';
import { messageOf } from '../../../../platform/errors.js';
import type { Store } from '../../../../platform/store/store.js';
import type { EntryBatch } from '../../entry-batch.js';
import type { Tenant } from '../../log-store.js';
import { Ledger } from '../../store/agent/ledger.js';
import { type ClaimedPipeline, PipelineRow } from '../../store/agent/pipelines.js';
import { joinSmall } from '../batch/combine.js';
import type { TellEvent } from '../events.js';
import type { SourceChunk } from '../source.js';
import { Ending } from './ending.js';
import { Inflow, type InflowOptions } from './inflow.js';
import { commitPatiently } from './patience.js';
import type { CheckpointKeeper, Pipeline } from './pipeline.js';
import { RateMeter } from './rate.js';
import { type Group, groupByFile, progressOf, recordRead } from './unit.js';

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
  readonly #ending: Ending;
  readonly #entryRate: RateMeter;
  readonly #byteRate: RateMeter;
  /** The commit under way. */
  #pending = Promise.resolve();

  constructor(options: StorePipelineOptions<Prepared>) {
    const { name, claim, clock, store } = options;
    this.name = name;
    this.id = claim.id;
    this.#options = options;
    this.#inflow = new Inflow(options);
    this.#ending = new Ending(clock);
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
    this.#ending.hurry();
  }

  stop(): void {
    this.end();
    this.hurry();
  }

  async run(): Promise<void> {
    await this.#write().finally(() => this.#ending.done());
  }

  async close(): Promise<void> {
    this.#row.release(this.#options.clock.now());
  }

  async #write(): Promise<void> {
    while (await this.#writeNext());
    await this.#pending;
  }

  /** Of the loop itself the variables would hold the last unit for as long as nothing comes. */
  async #writeNext(): Promise<boolean> {
    const unit = await this.#inflow.next();
    if (unit === undefined) return false;
    const groups = groupByFile(unit);
    const prepared = this.#prepare(groups);
    // Its failure is met where it is awaited, in the commit.
    prepared.catch(() => {});
    await this.#pending;
    this.#pending = this.#commit(groups, prepared).then(() => this.#inflow.saved(unit));
    // What has failed is met at once, not when something more comes.
    this.#pending.catch(() => this.#inflow.end());
    return true;
  }

  #prepare(groups: readonly Group[]): Promise<Prepared[]> {
    const { store, tenant } = this.#options;
    const batches = groups.flatMap(({ items }) => joinSmall(items.map(({ batch }) => batch)));
    return Promise.all(batches.filter(({ count }) => count > 0).map((batch) => store.prepare(tenant, batch)));
  }

  async #commit(groups: readonly Group[], preparing: Promise<readonly Prepared[]>): Promise<void> {
    const { store, keeper, clock, tell, name } = this.#options;
    const progress = progressOf(groups);
    const stored = groups.reduce((sum, { items }) => items.reduce((own, { batch }) => own + batch.count, sum), 0);
    const prepared = await preparing;
    this.#entryRate.add(stored);
    this.#byteRate.add(progress.bytes);
    const work = () => {
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
    };
    await commitPatiently(() => store.commit(work), {
      clock,
      signal: this.#ending.givenUp,
      onTrouble: (error) => tell({ kind: 'trouble', of: name, message: messageOf(error) }),
      onRecovered: () => tell({ kind: 'recovered', of: name }),
    });
  }
}

/**
 * The pipeline of a sink that is not this file. What is read goes into the buffer on disk together with its checkpoint; a sender takes it
 * from there, in order, as often as it takes. At least once: what was sent and not acknowledged when the process died is sent again.
 *
 *     read ──encode──▶ commit: buffer, checkpoint, ledger (waiting) ──▶ sender ──acknowledged──▶ commit: gone, ledger (acknowledged)
 *                        │ full                                                 └─refused──▶ commit: dead letter
 *                        ├─ block        waits, and with it the sources
 *                        ├─ drop-oldest  what has waited longest goes
 *                        └─ drop-newest  what was just read goes
 */
import type { Clock, Random } from '../../../../platform/clock.js';
import { lineBytesTotal } from '../../entry-batch.js';
import { concatenate } from '../../entry-batches.js';
import { Buffers } from '../../store/agent/buffers.js';
import { mergeCounts } from '../../store/agent/counts.js';
import { Ledger } from '../../store/agent/ledger.js';
import { type ClaimedPipeline, PipelineRow } from '../../store/agent/pipelines.js';
import { encodeBatch } from '../batch/codec.js';
import type { TellEvent } from '../events.js';
import type { Sink } from '../sink.js';
import type { SourceChunk } from '../source.js';
import { Inflow, type InflowOptions } from './inflow.js';
import type { CheckpointKeeper, Pipeline } from './pipeline.js';
import { Sender } from './sender.js';
import type { AgentStore } from './store-pipeline.js';
import { type Group, progressOf, recordRead } from './unit.js';
import { UnitWriter } from './unit-writer.js';

export const WHEN_FULL = ['block', 'drop-oldest', 'drop-newest'] as const;
export type WhenFull = (typeof WHEN_FULL)[number];

export interface BufferedPipelineOptions extends InflowOptions {
  readonly name: string;
  readonly claim: ClaimedPipeline;
  readonly store: Pick<AgentStore<never>, 'sql' | 'commit'>;
  readonly keeper: CheckpointKeeper;
  readonly sink: Sink;
  /** Of the buffer, as it is on disk. */
  readonly capacityBytes: number;
  readonly whenFull: WhenFull;
  /** What is left in the buffer is thrown away at the end, and what a killed process left at the start. */
  readonly forgets?: boolean;
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds that one attempt to send may take. */
  readonly timeoutMs: number;
  readonly tell: TellEvent;
}

const FULL = 'the buffer was full';
const NOT_TAKEN = 'the run ended before they were taken';

/** What a commit did to the buffer; `lost`: entries that will not arrive. */
interface BufferChange {
  readonly batches: number;
  readonly entries: number;
  readonly bytes: number;
  readonly lost: number;
}

const NO_CHANGE: BufferChange = { batches: 0, entries: 0, bytes: 0, lost: 0 };

interface Encoded {
  readonly entries: number;
  readonly lineBytes: number;
  /** Undefined where nothing was left by transforms. */
  readonly data: Buffer | undefined;
}

export class BufferedPipeline implements Pipeline {
  readonly name: string;
  readonly id: number;
  readonly #options: BufferedPipelineOptions;
  readonly #inflow: Inflow;
  readonly #row: PipelineRow;
  readonly #ledger: Ledger;
  readonly #buffers: Buffers;
  readonly #sender: Sender;
  readonly #writer: UnitWriter<Encoded>;

  constructor(options: BufferedPipelineOptions) {
    const { name, claim, store } = options;
    this.name = name;
    this.id = claim.id;
    this.#options = options;
    this.#inflow = new Inflow(options);
    this.#writer = new UnitWriter(this.#inflow, options, {
      prepare: encode,
      save: (groups, encoded) => this.#keep(groups, encoded),
    });
    this.#row = new PipelineRow(store.sql, claim);
    this.#ledger = new Ledger(store.sql, claim.id);
    this.#buffers = new Buffers(store.sql, claim.id);
    this.#sender = new Sender({ ...options, row: this.#row, ledger: this.#ledger, buffers: this.#buffers });
    this.#forget();
  }

  /** In memory and in the buffer. */
  get waiting(): number {
    return this.#inflow.waiting + this.#buffers.entries;
  }

  get unsaved(): number {
    return this.#inflow.unsaved;
  }

  async take(chunk: SourceChunk, signal?: AbortSignal): Promise<void> {
    const canWait = chunk.checkpoint !== undefined || this.#options.whenFull === 'block';
    if (canWait || this.#inflow.hasRoom) await this.#inflow.take(chunk, signal);
    else this.#inflow.lose(chunk, FULL);
  }

  end(): void {
    this.#inflow.end();
  }

  hurry(): void {
    this.#writer.hurry();
    this.#sender.stop();
  }

  stop(): void {
    this.end();
    this.hurry();
  }

  async run(): Promise<void> {
    const written = this.#writer.run().finally(() => this.#sender.noMore());
    // One of them alone is of no use; what has come is written down all the same.
    const both = [written, this.#sender.run()].map((one) =>
      one.catch((error: unknown) => {
        this.stop();
        throw error;
      }),
    );
    await Promise.allSettled(both);
    const forgotten = this.#forget();
    await Promise.all(both);
    if (forgotten > 0) this.#options.tell({ kind: 'lost', of: this.name, entries: forgotten, reason: NOT_TAKEN });
  }

  async close(): Promise<void> {
    await this.#options.sink.close();
    this.#row.release(this.#options.clock.now());
  }

  /** How many entries. */
  #forget(): number {
    const { forgets, store, clock } = this.#options;
    const entries = forgets === true ? this.#buffers.entries : 0;
    if (entries === 0) return 0;
    const now = clock.now();
    const change = store.sql.write(
      () => {
        this.#row.mustHold();
        this.#row.addProgress({ dropped: { [NOT_TAKEN]: entries } }, now);
        return this.#dropOldest(Infinity, now, NOT_TAKEN);
      },
      { sync: 'normal' },
    );
    this.#buffers.counted(change);
    return entries;
  }

  async #keep(groups: readonly Group[], encoded: Encoded): Promise<void> {
    const { tell, whenFull } = this.#options;
    if (whenFull === 'block') await this.#roomOnDisk(encoded);
    const { batch, change } = await this.#writer.commit(() => {
      const next = this.#row.nextBatch();
      return { batch: next, change: this.#writeUnit(next, groups, encoded) };
    });
    this.#buffers.counted(change);
    if (change.lost > 0) tell({ kind: 'lost', of: this.name, entries: change.lost, reason: FULL });
    this.#sender.flushed(batch);
  }

  /** Within a transaction: what changes in the buffer. */
  #writeUnit(batch: number, groups: readonly Group[], { data, entries, lineBytes }: Encoded): BufferChange {
    const { clock, keeper, capacityBytes, whenFull } = this.#options;
    const now = clock.now();
    const missing = data === undefined ? 0 : this.#buffers.bytes + data.length - capacityBytes;
    const isFull = missing > 0 && this.#buffers.count > 0;
    const lost = isFull && whenFull === 'drop-newest' ? FULL : undefined;
    const gone = isFull && whenFull === 'drop-oldest' ? this.#dropOldest(missing, now, FULL) : NO_CHANGE;
    const isKept = data !== undefined && lost === undefined;
    if (isKept) this.#buffers.put({ batch, bufferedAt: now, entries, lineBytes, data });
    recordRead({ groups, batch, acknowledgedAt: isKept ? undefined : now, lost }, this.#ledger, keeper);
    const progress = progressOf(groups, lost);
    const dropped = gone.entries === 0 ? progress.dropped : mergeCounts(progress.dropped, { [FULL]: -gone.entries });
    this.#row.addProgress({ ...progress, dropped }, now);
    if (!isKept) return { batches: 0, entries: 0, bytes: 0, lost: dropped[FULL] ?? 0 };
    return {
      batches: 1 + gone.batches,
      entries: entries + gone.entries,
      bytes: data.length + gone.bytes,
      lost: dropped[FULL] ?? 0,
    };
  }

  #dropOldest(bytes: number, now: number, reason: string): BufferChange {
    let change = NO_CHANGE;
    for (const old of this.#buffers.toDrop(bytes, this.#sender.sending)) {
      this.#buffers.remove(old.batch);
      this.#ledger.drop(old.batch, reason, now);
      const { batches, entries } = change;
      change = { batches: batches - 1, entries: entries - old.entries, bytes: change.bytes - old.bytes, lost: 0 };
    }
    return change;
  }

  /** Waits for the sender. Where the agent is to stop it does not: what cannot be read again is to be kept, and memory bounds how much. */
  async #roomOnDisk({ data }: Encoded): Promise<void> {
    const { capacityBytes } = this.#options;
    const isFull = () => this.#buffers.count > 0 && this.#buffers.bytes + (data?.length ?? 0) > capacityBytes;
    const { hurried } = this.#writer;
    while (data !== undefined && isFull() && !hurried.aborted) await this.#sender.removal(hurried);
  }
}

async function encode(groups: readonly Group[]): Promise<Encoded> {
  const batch = concatenate(groups.flatMap(({ items }) => items.map((item) => item.batch)));
  if (batch.count === 0) return { entries: 0, lineBytes: 0, data: undefined };
  return { entries: batch.count, lineBytes: lineBytesTotal(batch), data: await encodeBatch(batch) };
}

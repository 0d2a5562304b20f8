/**
 * Takes batches from the buffer, oldest first, and sends one at a time, so that a sink gets entries in the order in which they were read.
 *
 *     idle ──wake──▶ sending ──settled──▶ commit: buffer, ledger, dead letters ──▶ sending the next ──▶ … ──▶ idle
 *                       └─stop()──▶ the attempt under way has some seconds more; what is not acknowledged stays in the buffer
 */
import type { Clock, Random } from '../../../../platform/clock.js';
import { messageOf } from '../../../../platform/errors.js';
import type { EntryBatch } from '../../entry-batch.js';
import { pick } from '../../entry-batches.js';
import type { BufferedBatch, Buffers } from '../../store/agent/buffers.js';
import { REFUSED } from '../../store/agent/counts.js';
import { addDeadLetter } from '../../store/agent/dead-letters.js';
import type { Ledger } from '../../store/agent/ledger.js';
import type { PipelineRow } from '../../store/agent/pipelines.js';
import { decodeBatch, encodeBatch } from '../batch/codec.js';
import type { TellEvent } from '../events.js';
import type { Sink } from '../sink.js';
import { type Refused, sendUntilSettled } from './attempts.js';
import { commitPatiently } from './patience.js';
import { RateMeter } from './rate.js';
import type { AgentStore } from './store-pipeline.js';

export interface SenderOptions {
  readonly name: string;
  readonly sink: Sink;
  readonly store: Pick<AgentStore<never>, 'sql' | 'commit'>;
  readonly row: PipelineRow;
  readonly ledger: Ledger;
  readonly buffers: Buffers;
  readonly clock: Clock;
  readonly random: Random;
  readonly timeoutMs: number;
  readonly tell: TellEvent;
}

/** For the attempt under way when the agent is to stop, milliseconds. */
const GRACE_MS = 3_000;

interface Letter {
  readonly reason: string;
  readonly entries: number;
  /** Undefined where nobody knows which entries they are. */
  readonly data: Buffer | undefined;
}

export class Sender {
  readonly #options: SenderOptions;
  readonly #stopping = new AbortController();
  readonly #broken = new AbortController();
  readonly #entryRate: RateMeter;
  readonly #byteRate: RateMeter;
  #sending: number | undefined;
  /**
   * The newest batch that is on disk, not only committed: a power loss would take that back, and other entries would get its id, which a
   * receiver that tells repeats apart takes for sent.
   */
  #safe: number;
  #noMore = false;
  #wake: (() => void) | undefined;
  #onRemoval: (() => void)[] = [];
  #failing = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    // Taking the pipeline over was flushed, and with it all that was committed before.
    this.#safe = options.buffers.newestAtStart;
    this.#entryRate = new RateMeter(options.clock);
    this.#byteRate = new RateMeter(options.clock);
  }

  /** The batch that is being sent; it must stay in the buffer. */
  get sending(): number | undefined {
    return this.#sending;
  }

  /** The buffer is on disk up to this batch. */
  flushed(batch: number): void {
    this.#safe = batch;
    this.#wakeUp();
  }

  /** run() resolves when the buffer is empty. */
  noMore(): void {
    this.#noMore = true;
    this.#wakeUp();
  }

  /** run() resolves soon. */
  stop(): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort(new Error('stopped'));
    this.#wakeUp();
    void this.#options.clock.sleep(GRACE_MS, this.#broken.signal).then(
      () => this.#broken.abort(new Error('stopped')),
      () => {},
    );
  }

  /** Resolves when something has left the buffer, or at the signal. */
  removal(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const done = () => {
        signal.removeEventListener('abort', done);
        resolve();
      };
      signal.addEventListener('abort', done, { once: true });
      this.#onRemoval.push(done);
    });
  }

  async run(): Promise<void> {
    try {
      while (!this.#stopping.signal.aborted) {
        const row = this.#options.buffers.oldest(this.#safe);
        if (row !== undefined) await this.#send(row);
        else if (this.#noMore) break;
        else await this.#sleep();
      }
    } finally {
      // Ends the timer of a stop.
      this.#broken.abort(new Error('stopped'));
    }
  }

  async #send(row: BufferedBatch): Promise<void> {
    this.#sending = row.batch;
    try {
      const batch = await decodeBatch(row.data);
      const refused = await this.#attempts(batch, row);
      await this.#settle(row, refused, await letters(batch, refused));
    } catch (error) {
      if (!this.#stopping.signal.aborted) throw error;
    } finally {
      this.#sending = undefined;
    }
  }

  #attempts(batch: EntryBatch, row: BufferedBatch): Promise<Refused[]> {
    const { sink, clock, random, timeoutMs, row: pipeline } = this.#options;
    return sendUntilSettled(batch, pipeline.batchId(row.batch), {
      sink,
      clock,
      random,
      timeoutMs,
      stopping: this.#stopping.signal,
      broken: this.#broken.signal,
      onFailure: (reason) => this.#failed(reason),
    });
  }

  #failed(reason: string): void {
    const { name, row, store, clock, tell } = this.#options;
    if (!this.#failing) tell({ kind: 'trouble', of: name, message: reason });
    this.#failing = true;
    try {
      store.sql.write(() => row.failed(reason, clock.now()), { sync: 'normal' });
    } catch {
      // A full or locked disk: that an attempt failed is of no use to wait for.
    }
  }

  async #settle(row: BufferedBatch, refused: readonly Refused[], dead: readonly Letter[]): Promise<void> {
    const { clock, tell, name, store } = this.#options;
    const entries = refused.flatMap((one) => one.entries).sort((one, other) => one - other);
    this.#entryRate.add(row.entries - entries.length);
    this.#byteRate.add(row.lineBytes);
    let thrownOut = 0;
    await commitPatiently(
      async () => {
        thrownOut = store.sql.write(() => this.#record(row, entries, dead), { sync: 'normal' });
      },
      {
        clock,
        signal: this.#broken.signal,
        onTrouble: (error) => tell({ kind: 'trouble', of: name, message: messageOf(error) }),
        onRecovered: () => tell({ kind: 'recovered', of: name }),
      },
    );
    this.#options.buffers.counted({ batches: -1, entries: -row.entries, bytes: -row.data.length });
    for (const tellRemoval of this.#onRemoval.splice(0)) tellRemoval();
    if (this.#failing) tell({ kind: 'recovered', of: name });
    this.#failing = false;
    if (thrownOut > 0) {
      tell({ kind: 'note', of: name, message: `${thrownOut} older entries were thrown out of the dead letters` });
    }
    for (const { reason, entries: lost, data } of dead) {
      tell({ kind: 'refused', of: name, entries: lost, reason, kept: data !== undefined });
    }
  }

  /** Within a transaction; how many entries of older dead letters had to go. Without a flush of its own: what a power failure takes back is sent once more. */
  #record(batch: BufferedBatch, refused: readonly number[], dead: readonly Letter[]): number {
    const { buffers, ledger, row, clock, store } = this.#options;
    const now = clock.now();
    row.mustHold();
    buffers.remove(batch.batch);
    ledger.acknowledge(batch.batch, now, refused);
    let thrownOut = 0;
    for (const { data, ...letter } of dead) {
      if (data === undefined) continue;
      thrownOut += addDeadLetter(store.sql, row.id, { ...letter, data, batch: batch.batch, refusedAt: now });
    }
    row.addProgress(
      {
        deliveredEntries: batch.entries - refused.length,
        deliveredBytes: batch.lineBytes,
        ...(refused.length > 0 && { dropped: { [REFUSED]: refused.length } }),
        entriesPerSecond: this.#entryRate.perSecond,
        bytesPerSecond: this.#byteRate.perSecond,
      },
      now,
    );
    row.delivered(now);
    return thrownOut;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  #sleep(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}

/** One for each reason. */
async function letters(batch: EntryBatch, refused: readonly Refused[]): Promise<Letter[]> {
  const counted = refused.filter(({ isCountOnly }) => isCountOnly === true);
  const byReason = new Map<string, number[]>();
  for (const { reason, entries, isCountOnly } of refused) {
    if (isCountOnly !== true) byReason.set(reason, [...(byReason.get(reason) ?? []), ...entries]);
  }
  const known = [...byReason].map(async ([reason, entries]): Promise<Letter> => {
    const dead = pick(
      batch,
      entries.sort((one, other) => one - other),
    );
    return { reason: reason.slice(0, LONGEST_REASON), entries: entries.length, data: await encodeBatch(dead) };
  });
  return [
    ...(await Promise.all(known)),
    ...counted.map(({ reason, entries }) => ({ reason, entries: entries.length, data: undefined })),
  ];
}

/** A server's words, kept with the letter. */
const LONGEST_REASON = 2_000;

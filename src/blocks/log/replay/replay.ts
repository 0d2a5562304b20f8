/**
 * Entries that are stored, sent once more: to another sink, through other transforms, at the speed at which they came or another one.
 *
 *     entries ──▶ batches ──wait for their time──▶ transforms ──▶ sink ──retry: again──▶
 *                                                                    └─ rejected: the bad entries are sought as the agent seeks them
 *                                                                       (agent/pipeline/attempts.ts) and counted, the first reason is told
 */
import type { Clock, Random } from '../../../platform/clock.js';
import { sendUntilSettled } from '../agent/pipeline/attempts.js';
import type { Sink } from '../agent/sink.js';
import { type EntryBatch, EntryBatchBuilder } from '../entry-batch.js';
import { logErrors } from '../errors.js';
import { emptyLabels, type Labels, labelsKey } from '../labels.js';
import type { Entry } from '../log-store.js';
import { NANOS_PER_MS, nanosOf } from '../nanos.js';
import type { Transform } from '../transform/transform.js';

export interface ReplayOptions {
  readonly sink: Sink;
  readonly transforms: readonly Transform[];
  /** 1: as the entries came; 10: ten times as fast; Infinity: as fast as the sink takes them. */
  readonly speed: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Of one attempt to send, milliseconds. */
  readonly timeoutMs: number;
  /** How long a sink that fails is tried, milliseconds. */
  readonly drainMs: number;
  /** The first failure of a batch, which is tried again. */
  readonly onTrouble: (message: string) => void;
  /** Breaks it off: what is due later, or not acknowledged, is not sent. */
  readonly signal: AbortSignal;
}

export interface Replayed {
  /** Entries that were read, and those of them that the sink has acknowledged, or refused for good. */
  readonly read: number;
  readonly delivered: number;
  readonly rejected: number;
  /** By transforms. */
  readonly dropped: number;
  /** Why the first one was refused. */
  readonly reason?: string;
}

const MOST_ENTRIES = 1_000;
const MOST_BYTES = 256 * 1024;
/** What is due within so many milliseconds goes together. */
const TOGETHER_MS = 20;

/** Error: `log.not_taken` when the sink does not take a batch for too long. */
export async function replay(entries: AsyncIterable<Entry>, options: ReplayOptions): Promise<Replayed> {
  const run = new Replay(options);
  const { signal } = options;
  try {
    for await (const entry of entries) {
      await run.waitFor(entry.timestamp);
      if (signal.aborted) break;
      await run.add(entry);
    }
    if (!signal.aborted) await run.end();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return run.done;
}

class Replay {
  readonly #options: ReplayOptions;
  readonly #id: string;
  readonly #startedAt: number;
  #first: bigint | undefined;
  #batch = new EntryBatchBuilder();
  readonly #streams = new Map<string, Labels>();
  #batches = 0;
  readonly #counts = { read: 0, delivered: 0, rejected: 0, dropped: 0 };
  #reason: string | undefined;

  constructor(options: ReplayOptions) {
    this.#options = options;
    this.#id = `replay-${Buffer.from(options.random.bytes(8)).toString('hex')}`;
    this.#startedAt = options.clock.monotonic();
  }

  /** Until an entry of this time is due; what is held goes before that. */
  async waitFor(timestamp: bigint): Promise<void> {
    const { speed, clock, signal } = this.#options;
    if (speed === Infinity) return;
    this.#first ??= timestamp;
    const due = Number(timestamp - this.#first) / Number(NANOS_PER_MS) / speed;
    const left = due - (clock.monotonic() - this.#startedAt);
    if (left <= TOGETHER_MS) return;
    await this.#flush();
    const stillLeft = due - (clock.monotonic() - this.#startedAt);
    // The signal ends the wait, and then the replay.
    if (stillLeft > 0) await clock.sleep(stillLeft, signal).catch(() => undefined);
  }

  async add({ timestamp, line, stream, labels }: Entry): Promise<void> {
    this.#counts.read++;
    const metadata = metadataOf(labels, stream);
    this.#batch.add({ timestamp, line, stream: this.#same(stream), ...(metadata !== undefined && { metadata }) });
    if (this.#batch.count >= MOST_ENTRIES || this.#batch.size >= MOST_BYTES) await this.#flush();
  }

  async end(): Promise<void> {
    await this.#flush();
    const { clock, transforms } = this.#options;
    for (const [i, transform] of transforms.entries()) {
      const held = transform.flush?.(nanosOf(clock.now()));
      if (held !== undefined) await this.#send(this.#transformed(held, i + 1));
    }
  }

  get done(): Replayed {
    return { ...this.#counts, ...(this.#reason !== undefined && { reason: this.#reason }) };
  }

  /** One object for the same labels: a batch tells streams apart by identity. */
  #same(stream: Labels): Labels {
    const key = labelsKey(stream);
    const known = this.#streams.get(key);
    if (known !== undefined) return known;
    this.#streams.set(key, stream);
    return stream;
  }

  async #flush(): Promise<void> {
    if (this.#batch.count === 0) return;
    const batch = this.#batch.build();
    this.#batch = new EntryBatchBuilder();
    this.#streams.clear();
    await this.#send(this.#transformed(batch, 0));
  }

  #transformed(batch: EntryBatch, from: number): EntryBatch {
    const now = nanosOf(this.#options.clock.now());
    let current = batch;
    for (const transform of this.#options.transforms.slice(from)) {
      const output = transform.apply(current, now);
      for (const count of output.dropped?.values() ?? []) this.#counts.dropped += count;
      current = output.batch;
    }
    return current;
  }

  async #send(batch: EntryBatch): Promise<void> {
    if (batch.count === 0) return;
    const { sink, clock, random, signal, timeoutMs, drainMs, onTrouble } = this.#options;
    let failingSince: number | undefined;
    const refused = await sendUntilSettled(batch, `${this.#id}-${this.#batches++}`, {
      sink,
      clock,
      random,
      stopping: signal,
      broken: signal,
      timeoutMs,
      onFailure(reason, waitMs) {
        const now = clock.monotonic();
        if (failingSince === undefined) onTrouble(reason);
        failingSince ??= now;
        if (now + waitMs - failingSince > drainMs) throw notTaken(sink, reason);
      },
    });
    const rejected = refused.reduce((sum, { entries }) => sum + entries.length, 0);
    this.#counts.rejected += rejected;
    this.#counts.delivered += batch.count - rejected;
    this.#reason ??= refused[0]?.reason;
  }
}

function metadataOf(labels: Labels, stream: Labels): Labels | undefined {
  let metadata: Record<string, string> | undefined;
  for (const name in labels) {
    if (stream[name] !== undefined) continue;
    metadata ??= emptyLabels();
    metadata[name] = labels[name] ?? '';
  }
  return metadata;
}

function notTaken({ name }: Sink, reason: string) {
  return logErrors.error('log.not_taken', `${name} does not take the entries: ${reason}`, {
    hint: 'when it does, replay the rest: --since TIME',
  });
}

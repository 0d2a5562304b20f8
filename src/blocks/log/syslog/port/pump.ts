/**
 * What stands between the listeners of syslog and whoever takes their entries: one batch is on its way, and what comes meanwhile is the next
 * one. So a single message goes on at once, and under load batches grow by themselves.
 *
 *     listeners ──▶ intake (the next batch) ──▶ take() of the batch that is on its way
 *                     │ more than `most` bytes wait
 *                     ▼
 *               TCP and TLS stand still, so that senders wait; UDP drops, and counts it
 */
import { type EntryBatch, lineBytesTotal } from '../../entry-batch.js';
import type { SyslogIntake } from '../intake.js';

/** Resolves when the batch is safe; a rejection ends the listeners. */
export type TakeEntries = (batch: EntryBatch) => Promise<void>;

/** Bytes of lines that may wait. */
const MOST_WAITING = 4 * 1024 * 1024;
/** What an entry takes beside its line: columns, metadata. */
const ENTRY_OVERHEAD = 256;

export class SyslogPump {
  /** Resolves never; rejects with what `take` was rejected with. */
  readonly failed: Promise<never>;

  readonly #intake: SyslogIntake;
  readonly #take: TakeEntries;
  readonly #waiters: (() => void)[] = [];
  #fail: (reason: unknown) => void = () => {};
  #onItsWay = 0;
  #running = false;
  #broken = false;

  constructor(intake: SyslogIntake, take: TakeEntries) {
    this.#intake = intake;
    this.#take = take;
    this.failed = new Promise<never>((_, reject) => {
      this.#fail = reject;
    });
    // Whoever waits for it hears of it; that nobody does is no reason to end the process.
    this.failed.catch(() => {});
  }

  /** Whether there is no room for more messages. */
  get full(): boolean {
    return this.#broken || this.#intake.size + this.#intake.count * ENTRY_OVERHEAD + this.#onItsWay >= MOST_WAITING;
  }

  add(bytes: Buffer, start: number, end: number, peer: string): void {
    this.#intake.add(bytes, start, end, peer);
    if (this.#running || this.#broken || this.#intake.count === 0) return;
    this.#running = true;
    // What comes in the same turn goes with it.
    setImmediate(() => void this.#run());
  }

  /** Resolves when there is room again, or none will ever be. */
  async room(): Promise<void> {
    while (this.full && !this.#broken) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Resolves when all that was added is safe. Rejects where it cannot be. */
  async drain(): Promise<void> {
    while (this.#running && !this.#broken) await new Promise<void>((resolve) => this.#waiters.push(resolve));
    if (this.#broken) await this.failed;
  }

  async #run(): Promise<void> {
    try {
      for (let batch = this.#intake.take(); batch !== undefined; batch = this.#intake.take()) {
        this.#onItsWay = lineBytesTotal(batch) + batch.count * ENTRY_OVERHEAD;
        await this.#take(batch);
        this.#onItsWay = 0;
        this.#wake();
      }
    } catch (error) {
      this.#broken = true;
      this.#fail(error);
    }
    this.#running = false;
    this.#wake();
  }

  #wake(): void {
    for (const resume of this.#waiters.splice(0)) resume();
  }
}

/** The way from sources to commits: labels and transforms (inlet.ts), then units (intake.ts). */
import type { SourceChunk } from '../source.js';
import { Inlet, type InletOptions, type Item } from './inlet.js';
import { Intake } from './intake.js';

/** Between two looks for what transforms have held back long enough, milliseconds. */
const FLUSH_MS = 1_000;

export interface InflowOptions extends InletOptions {
  readonly lingerMs: number;
}

export class Inflow {
  readonly #options: InflowOptions;
  readonly #inlet: Inlet;
  readonly #intake: Intake<Item>;
  readonly #ended = new AbortController();
  #waiting = 0;
  #unsaved = 0;

  constructor(options: InflowOptions) {
    this.#options = options;
    this.#inlet = new Inlet(options);
    this.#intake = new Intake(options);
    if (this.#inlet.holdsBack) void this.#flushNowAndThen();
  }

  /** Entries that came and are not on disk yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Of these, those that no source reads again. */
  get unsaved(): number {
    return this.#unsaved;
  }

  get hasRoom(): boolean {
    return this.#intake.hasRoom;
  }

  /** Resolves when the chunk is in memory and the next one may come. Rejects with the signal's reason. */
  async take(chunk: SourceChunk, signal: AbortSignal | undefined): Promise<void> {
    await this.#intake.room(signal);
    this.#add(this.#inlet.item(chunk));
  }

  /** There was no room, and it cannot wait: entries that will not arrive. */
  lose(chunk: SourceChunk, reason: string): void {
    this.#inlet.lose(chunk.entries.count, reason);
  }

  end(): void {
    if (this.#ended.signal.aborted) return;
    this.#ended.abort();
    for (const item of this.#inlet.finish()) this.#add(item);
    this.#intake.end();
  }

  /** Undefined at the end. */
  next(): Promise<Item[] | undefined> {
    return this.#intake.next();
  }

  /** After the commit of a unit. */
  saved(unit: readonly Item[]): void {
    for (const item of unit) {
      this.#count(item, -1);
      item.onSafe?.();
    }
  }

  #add(item: Item): void {
    this.#count(item, 1);
    this.#intake.add(item);
  }

  #count({ batch, checkpoint }: Item, sign: 1 | -1): void {
    this.#waiting += sign * batch.count;
    if (checkpoint === undefined) this.#unsaved += sign * batch.count;
  }

  async #flushNowAndThen(): Promise<void> {
    const { clock } = this.#options;
    while (!this.#ended.signal.aborted) {
      await clock.sleep(FLUSH_MS, this.#ended.signal).catch(() => {});
      if (!this.#ended.signal.aborted) for (const item of this.#inlet.flush()) this.#add(item);
    }
  }
}

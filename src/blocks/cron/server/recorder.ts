/**
 * What runs write and how they end, of one turn of the event loop in one transaction each: many runs, one flush. What a run wrote last
 * is stored with its end:
 *
 *     append ──▶ waits for its turn ──┬─▶ appended, with what others wrote
 *                                     └─ the run ends meanwhile ──▶ taken back, goes along with finish
 *
 * A store that fails is given time, as long as a server takes that is started anew: a run whose end is not recorded would be fenced
 * although it went well.
 */
import type { Logger } from 'pino';
import type { Clock } from '../../../platform/clock.js';
import { messageOf } from '../../../platform/errors.js';
import type { Finished, Ledger, OutputPart } from '../ledger.js';

/** Between two tries, milliseconds. */
const RETRY_MS = 1_000;
const MOST_TRIES = 60;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects what comes until `carryOut` is free, and gives it all at once. */
class Batch<Item, Result> {
  readonly #carryOut: (items: readonly Item[]) => Promise<readonly Result[]>;
  #waiting: Waiting<Item, Result>[] = [];
  #isBusy = false;

  constructor(carryOut: (items: readonly Item[]) => Promise<readonly Result[]>) {
    this.#carryOut = carryOut;
  }

  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      if (!this.#isBusy) setImmediate(() => void this.#flush());
      this.#isBusy = true;
    });
  }

  /** False: it is being carried out, or was. */
  takeBack(item: Item): boolean {
    const index = this.#waiting.findIndex((waiting) => waiting.item === item);
    if (index >= 0) this.#waiting.splice(index, 1);
    return index >= 0;
  }

  async #flush(): Promise<void> {
    while (this.#waiting.length > 0) {
      const group = this.#waiting;
      this.#waiting = [];
      try {
        const results = await this.#carryOut(group.map(({ item }) => item));
        group.forEach(({ resolve, reject }, index) => {
          const result = results[index];
          if (result === undefined) reject(new Error('no result'));
          else resolve(result);
        });
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#isBusy = false;
  }
}

export interface RecorderOptions {
  readonly ledger: Pick<Ledger, 'appendOutput' | 'finish'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Recorder {
  readonly #options: RecorderOptions;
  readonly #output: Batch<OutputPart, true>;
  readonly #finish: Batch<Finished, boolean>;
  /** What each run wrote last, until it is stored. */
  readonly #last = new Map<number, { readonly part: OutputPart; readonly stored: Promise<void> }>();
  readonly #hurry = new AbortController();

  constructor(options: RecorderOptions) {
    const { ledger } = options;
    this.#options = options;
    this.#output = new Batch(async (parts) => {
      await ledger.appendOutput(parts);
      return parts.map((): true => true);
    });
    this.#finish = new Batch((finished) => ledger.finish(finished));
  }

  /** From now on what fails is tried once more, at once. */
  hurry(): void {
    this.#hurry.abort();
  }

  /** Resolves when the part before is stored: one of each run is kept in memory. */
  async append(part: OutputPart): Promise<void> {
    await this.#last.get(part.run)?.stored;
    const last = { part, stored: this.#store(part) };
    this.#last.set(part.run, last);
    void last.stored.then(() => {
      if (this.#last.get(part.run) === last) this.#last.delete(part.run);
    });
  }

  /** False: the run was no longer this worker's. */
  async finish(finished: Finished): Promise<boolean> {
    const { ledger } = this.#options;
    const { id } = finished.claim.run;
    const last = this.#last.get(id);
    const isBack = last !== undefined && this.#output.takeBack(last.part);
    if (isBack) this.#last.delete(id);
    else await last?.stored;
    const whole = isBack ? { ...finished, output: last.part } : finished;
    const alone = async () => (await ledger.finish([whole]))[0] === true;
    return this.#patiently(id, this.#finish.add(whole), alone);
  }

  async #store(part: OutputPart): Promise<void> {
    const { ledger, logger } = this.#options;
    try {
      await this.#patiently<unknown>(part.run, this.#output.add(part), () => ledger.appendOutput([part]));
    } catch (error) {
      logger.error({ err: error, run: part.run }, `some of its output was not kept: ${messageOf(error)}`);
    }
  }

  /** What failed with others is tried again by itself: one of them may have been the reason. */
  async #patiently<Result>(run: number, first: Promise<Result>, again: () => Promise<Result>): Promise<Result> {
    const { clock, logger } = this.#options;
    const { signal } = this.#hurry;
    let result = first;
    for (let tries = 1; ; tries++) {
      try {
        return await result;
      } catch (error) {
        if (tries === MOST_TRIES || (tries > 1 && signal.aborted)) throw error;
        logger.warn({ err: error, run, tries }, `not recorded yet: ${messageOf(error)}`);
      }
      await clock.sleep(RETRY_MS, signal).catch(() => {});
      result = again();
    }
  }
}

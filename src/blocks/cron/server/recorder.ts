/**
 * What runs write and how they end, of one turn of the event loop in one transaction each: many runs, one flush.
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

  async append(part: OutputPart): Promise<void> {
    const { ledger } = this.#options;
    await this.#patiently<unknown>(part.run, this.#output.add(part), () => ledger.appendOutput([part]));
  }

  /** False: the run was no longer this worker's. */
  finish(finished: Finished): Promise<boolean> {
    const { ledger } = this.#options;
    const alone = async () => (await ledger.finish([finished]))[0] === true;
    return this.#patiently(finished.claim.run.id, this.#finish.add(finished), alone);
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

/** What runs write and how they end, of one turn of the event loop in one transaction each: many runs, one flush. */
import type { Finished, Ledger, OutputPart } from '../ledger.js';

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

export class Recorder {
  readonly #output: Batch<OutputPart, true>;
  readonly #finish: Batch<Finished, boolean>;

  constructor(ledger: Pick<Ledger, 'appendOutput' | 'finish'>) {
    this.#output = new Batch(async (parts) => {
      await ledger.appendOutput(parts);
      return parts.map((): true => true);
    });
    this.#finish = new Batch((finished) => ledger.finish(finished));
  }

  async append(part: OutputPart): Promise<void> {
    await this.#output.add(part);
  }

  /** False: the run was no longer this worker's. */
  finish(finished: Finished): Promise<boolean> {
    return this.#finish.add(finished);
  }
}

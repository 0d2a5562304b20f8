/**
 * Takes units as they come and has them committed, one after the other; the next one is made ready (encoded, compressed in the pool) meanwhile.
 *
 *     unit k     prepare ──▶ commit
 *     unit k+1       prepare ──────▶ commit
 */
import type { Clock } from '../../../../platform/clock.js';
import { messageOf } from '../../../../platform/errors.js';
import type { TellEvent } from '../events.js';
import { Ending } from './ending.js';
import type { Inflow } from './inflow.js';
import { commitPatiently } from './patience.js';
import { type Group, groupByFile } from './unit.js';

export interface UnitWriterOptions {
  /** Of the pipeline. */
  readonly name: string;
  readonly store: { commit<T>(work: () => T): Promise<T> };
  readonly clock: Clock;
  readonly tell: TellEvent;
}

/** What a pipeline does with a unit. */
export interface UnitWork<Prepared> {
  prepare(groups: readonly Group[]): Promise<Prepared>;
  /** Resolves when it is on disk. */
  save(groups: readonly Group[], prepared: Prepared): Promise<void>;
}

export class UnitWriter<Prepared> {
  readonly #inflow: Inflow;
  readonly #options: UnitWriterOptions;
  readonly #work: UnitWork<Prepared>;
  readonly #ending: Ending;
  /** The unit that is being saved. */
  #saving = Promise.resolve();

  constructor(inflow: Inflow, options: UnitWriterOptions, work: UnitWork<Prepared>) {
    this.#inflow = inflow;
    this.#options = options;
    this.#work = work;
    this.#ending = new Ending(options.clock);
  }

  /** Nothing but the disk is to be waited for any more. */
  get hurried(): AbortSignal {
    return this.#ending.hurried;
  }

  hurry(): void {
    this.#ending.hurry();
  }

  /** Until the inflow has ended and all of it is on disk. */
  async run(): Promise<void> {
    try {
      while (await this.#writeNext());
      await this.#saving;
    } finally {
      this.#ending.done();
    }
  }

  /** `work` in a transaction, tried again while the disk is full or locked. */
  commit<T>(work: () => T): Promise<T> {
    const { name, store, clock, tell } = this.#options;
    return commitPatiently(() => store.commit(work), {
      clock,
      signal: this.#ending.givenUp,
      onTrouble: (error) => tell({ kind: 'trouble', of: name, message: messageOf(error) }),
      onRecovered: () => tell({ kind: 'recovered', of: name }),
    });
  }

  /** A function of its own: the variables of a loop would keep a unit in memory until the next one comes, which may take hours. */
  async #writeNext(): Promise<boolean> {
    const unit = await this.#inflow.next();
    if (unit === undefined) return false;
    const groups = groupByFile(unit);
    const preparing = this.#work.prepare(groups);
    // It is awaited later, and may have failed by then.
    preparing.catch(() => {});
    await this.#saving;
    this.#saving = preparing.then((prepared) => this.#work.save(groups, prepared)).then(() => this.#inflow.saved(unit));
    // So that run() meets the failure at once, not when something more comes.
    this.#saving.catch(() => this.#inflow.end());
    return true;
  }
}

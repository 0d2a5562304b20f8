/**
 * What a reading that takes long tells the compactor, which may be in another process: that retired blocks stay which it may still want.
 * Most readings are over before the first word of it.
 */
import type { Clock } from '../../../platform/clock.js';
import type { Store } from '../../../platform/store/store.js';

/** Milliseconds that retired blocks stay in any case. Longer than two rounds of a lease. */
export const RETIRED_STAY_MS = 120_000;
const ROUND_MS = 40_000;

export class ScanLease {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #since: number;
  readonly #over = new AbortController();
  #id: number | undefined;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    this.#since = clock.now();
    void this.#renew();
  }

  /** The reading is over. */
  end(): void {
    this.#over.abort();
    if (this.#id === undefined) return;
    const id = this.#id;
    this.#attempt(() => this.#store.statement<[number]>('DELETE FROM scans WHERE id = ?').run(id));
  }

  async #renew(): Promise<void> {
    const { signal } = this.#over;
    for (;;) {
      await this.#clock.sleep(ROUND_MS, signal).catch(() => {});
      if (signal.aborted) return;
      this.#attempt(() => this.#say(this.#clock.now() + RETIRED_STAY_MS));
    }
  }

  #say(until: number): void {
    if (this.#id === undefined)
      this.#id = Number(
        this.#store
          .statement<[number, number]>('INSERT INTO scans (since, until) VALUES (?, ?)')
          .run(this.#since, until).lastInsertRowid,
      );
    else this.#store.statement<[number, number]>('UPDATE scans SET until = ? WHERE id = ?').run(until, this.#id);
  }

  /** A file that is locked just now is asked again in the next round; a row that stays runs out. */
  #attempt(work: () => void): void {
    try {
      if (!this.#store.inTransaction) this.#store.write(work, { sync: 'normal' });
    } catch {
      // The reading itself tells when a block has gone.
    }
  }
}

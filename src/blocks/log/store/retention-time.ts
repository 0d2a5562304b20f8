/**
 * The time that `--keep` counts from. By a clock that has leapt ahead (a wrong year, a dead battery) every entry would be too old at once,
 * and what is removed does not come back. So a leap is believed only when it has lasted:
 *
 *     following ──the clock is more than a day ahead──▶ held: time is carried on from before the leap
 *         ▲                                               │ the clock comes back
 *         └───────────────────────────────────────────────┴ or has stayed ahead for a day of running
 *
 * It is kept in the file, so that a start after the leap knows of it; where nothing is kept yet, the newest arrival stands for it. After a machine has been off for longer than a day, entries stay a day
 * longer than they had to.
 */
import type { Store } from '../../../platform/store/store.js';
import type { EntryStore } from './entry-store.js';

const DAY_MS = 86_400_000;
/** What is in the file may be older by so much, milliseconds: it is not written at every look. */
const WRITTEN_EVERY_MS = 600_000;

interface Known {
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  /** Milliseconds of running since the clock leapt; 0: it has not. */
  readonly aheadMs: number;
}

export class RetentionTime {
  readonly #store: EntryStore;
  #known: Known | undefined;
  #written: Known | undefined;
  #lookedAt: number;

  constructor(store: EntryStore) {
    this.#store = store;
    this.#lookedAt = store.clock.monotonic();
  }

  /** Whether the clock has leapt, and is not believed. */
  get isHeld(): boolean {
    return this.#known !== undefined && this.#known.aheadMs > 0;
  }

  /** Milliseconds since the Unix epoch. Errors: those of the storage catalogue. */
  async look(): Promise<number> {
    const { clock } = this.#store;
    const elapsed = clock.monotonic() - this.#lookedAt;
    this.#lookedAt += elapsed;
    this.#known ??= this.#written = this.#read();
    this.#known = follow(this.#known, clock.now(), elapsed);
    if (isFar(this.#known, this.#written)) await this.#write(this.#known);
    return this.#known.time;
  }

  #read(): Known | undefined {
    const { sql } = this.#store;
    const value = (name: string) =>
      sql.read(() => sql.statement<[string], { value: number }>('SELECT value FROM setting WHERE name = ?').get(name))
        ?.value;
    const time = value('retention_time') ?? newestArrival(sql);
    return time === undefined ? undefined : { time, aheadMs: value('retention_ahead') ?? 0 };
  }

  async #write(known: Known): Promise<void> {
    const { sql } = this.#store;
    const upsert = sql.statement<[string, number]>(
      'INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
    );
    await this.#store.commit(() => {
      upsert.run('retention_time', Math.floor(known.time));
      upsert.run('retention_ahead', Math.ceil(known.aheadMs));
    });
    this.#written = known;
  }
}

/** Milliseconds: by the clock of who wrote the block that came last, most often an agent. */
function newestArrival(store: Store): number | undefined {
  return store.read(() =>
    store.statement<[], { at: number }>('SELECT arrived_at AS at FROM blocks ORDER BY id DESC LIMIT 1').get(),
  )?.at;
}

function follow(known: Known | undefined, now: number, elapsed: number): Known {
  if (known === undefined || now <= known.time + elapsed + DAY_MS) return { time: now, aheadMs: 0 };
  // At least 1: that it has leapt is told by it.
  const aheadMs = known.aheadMs + Math.max(elapsed, 1);
  return aheadMs > DAY_MS ? { time: now, aheadMs: 0 } : { time: known.time + elapsed, aheadMs };
}

function isFar(known: Known, written: Known | undefined): boolean {
  if (written === undefined || known.aheadMs > 0 !== written.aheadMs > 0) return true;
  return Math.abs(known.time - written.time) >= WRITTEN_EVERY_MS;
}

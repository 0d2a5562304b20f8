/**
 * Entries as they arrive, for who follows them: whoever has stored them, this process or another.
 *
 *     commit of this process ──┐
 *     a commit of another one, ├──▶ blocks of level 0 after the last one, in order of id ──▶ decoded, handed out
 *     looked for now and then ─┘
 *
 * Ids rise in order of commits, and blocks stay readable for minutes after they were merged, so each entry is met once, in order of arrival.
 * Who is slower than that is told that there was more.
 */
import type { Clock } from '../../../platform/clock.js';
import type { EntryBatch } from '../entry-batch.js';
import type { Tenant } from '../log-store.js';
import { latestBlock } from './block-rows.js';
import type { EntryStore } from './entry-store.js';
import { readSoundBlock } from './read-block.js';

/** How soon the commit of another process is noticed, milliseconds. A look costs some 10 µs. */
const LOOK_EVERY_MS = 200;
const PAGE = 64;

export type Arrival =
  | { readonly kind: 'entries'; readonly batch: EntryBatch }
  /** Entries have arrived and gone again before they were asked for. */
  | { readonly kind: 'lost' };

export interface Following {
  readonly tenant: Tenant;
  /** The state after which entries are new: {@link EntryStore.state}. */
  readonly after: number;
  readonly signal: AbortSignal;
}

/** Until the signal; without what is in damaged blocks. Errors: those of the storage catalogue. */
export async function* arrivals(store: EntryStore, { tenant, after, signal }: Following): AsyncGenerator<Arrival> {
  const news = new News(store, tenant);
  try {
    let position = after;
    while (!signal.aborted) {
      const page = readPage(store, tenant, position);
      if (page.isLost) yield { kind: 'lost' };
      for (const id of page.ids) {
        if (signal.aborted) return;
        const batch = await readSoundBlock(store, id);
        if (batch === 'gone') yield { kind: 'lost' };
        else if (batch !== 'damaged') yield { kind: 'entries', batch };
      }
      position = page.upTo;
      if (page.ids.length < PAGE) await news.wait(signal);
    }
  } finally {
    news.end();
  }
}

interface Page {
  readonly ids: readonly number[];
  /** The state up to which they are all. */
  readonly upTo: number;
  readonly isLost: boolean;
}

function readPage({ sql }: EntryStore, tenant: Tenant, after: number): Page {
  return sql.view(() => {
    const latest = latestBlock(sql);
    if (latest <= after) return { ids: [], upTo: after, isLost: false };
    const ids = sql
      .statement<[number, string, number], { id: number }>(
        // By id: an index of the tenant's blocks would be gone through from end to end.
        'SELECT id FROM blocks NOT INDEXED WHERE id > ? AND tenant = ? AND level = 0 ORDER BY id LIMIT ?',
      )
      .all(after, tenant, PAGE)
      .map(({ id }) => id);
    const lost = sql
      .statement<[], { value: number }>("SELECT value FROM setting WHERE name = 'lost_arrival'")
      .get()?.value;
    return { ids, upTo: ids.length < PAGE ? latest : (ids.at(-1) ?? latest), isLost: (lost ?? 0) > after };
  });
}

/** Tells that something may have arrived. */
class News {
  readonly #store: EntryStore;
  readonly #clock: Clock;
  readonly #unsubscribe: () => void;
  #version: number;
  #hasArrived = false;
  #wake: (() => void) | undefined;

  constructor(store: EntryStore, tenant: Tenant) {
    this.#store = store;
    this.#clock = store.clock;
    this.#version = store.sql.dataVersion();
    this.#unsubscribe = store.onArrival((other) => {
      if (other !== tenant) return;
      this.#hasArrived = true;
      this.#wake?.();
    });
  }

  /** Also returns at the signal. */
  async wait(signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.#hasArrived) {
      const version = this.#store.sql.dataVersion();
      if (version !== this.#version) {
        this.#version = version;
        break;
      }
      await this.#pause(signal);
    }
    this.#hasArrived = false;
  }

  end(): void {
    this.#unsubscribe();
  }

  async #pause(signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    const stop = () => woken.abort();
    signal.addEventListener('abort', stop, { once: true });
    await this.#clock.sleep(LOOK_EVERY_MS, woken.signal).catch(() => {});
    signal.removeEventListener('abort', stop);
    this.#wake = undefined;
  }
}

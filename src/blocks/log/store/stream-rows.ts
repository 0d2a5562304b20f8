/**
 * Numbers of streams, for who writes. What is known of them is kept in memory:
 *
 *     transaction: looked up, or inserted ──▶ fresh ──committed──▶ known ──streams were removed (by any process)──▶ forgotten
 *
 * Only after the commit, because a transaction may be undone; and only as long as nobody removed streams, which the setting
 * `stream_removals` tells. Numbers are never given twice.
 */
import type { Store } from '../../../platform/store/store.js';
import type { Tenant } from '../log-store.js';
import type { PreparedStream } from './prepare.js';

/** Streams kept in memory, of all tenants, and characters of their labels. */
const MOST_KNOWN = 50_000;
const MOST_KNOWN_TEXT = 32 * 1024 * 1024;

interface KnownStream {
  readonly id: number;
  readonly first: bigint;
  readonly last: bigint;
}

export type FreshStreams = Map<string, KnownStream>;

export class StreamRows {
  readonly #store: Store;
  #known = new Map<string, KnownStream>();
  #knownText = 0;
  #removals = -1;

  constructor(store: Store) {
    this.#store = store;
  }

  /** At the beginning of a transaction: forgets what another process may have removed. */
  begin(): void {
    const removals = this.#store
      .statement<[], { value: number }>("SELECT value FROM setting WHERE name = 'stream_removals'")
      .get()?.value;
    if (removals === this.#removals) return;
    this.#forget();
    this.#removals = removals ?? 0;
  }

  /** Within a transaction. Makes the row where there is none, and sees to it that its times take in the given ones. */
  touch(tenant: Tenant, { key, first, last }: PreparedStream, fresh: FreshStreams): number {
    const name = `${tenant}\0${key}`;
    // Fresh first: what this transaction has widened is wider there.
    const known = fresh.get(name) ?? this.#known.get(name) ?? this.#look(tenant, key);
    if (known !== undefined && known.first <= first && known.last >= last) return known.id;
    const stream = known === undefined ? this.#insert(tenant, key, first, last) : this.#widen(known, first, last);
    fresh.set(name, stream);
    return stream.id;
  }

  /** After the commit. */
  confirm(fresh: FreshStreams): void {
    if (this.#known.size + fresh.size > MOST_KNOWN) this.#forget();
    for (const [name, stream] of fresh) {
      if (!this.#known.has(name)) this.#knownText += name.length;
      this.#known.set(name, stream);
    }
    if (this.#knownText > MOST_KNOWN_TEXT) this.#forget();
  }

  #forget(): void {
    this.#known = new Map();
    this.#knownText = 0;
  }

  #look(tenant: Tenant, key: string): KnownStream | undefined {
    const row = this.#store
      .bigStatement<[string, string], { id: bigint; first: bigint; last: bigint }>(
        'SELECT id, first, last FROM streams WHERE tenant = ? AND labels = ?',
      )
      .get(tenant, key);
    return row && { id: Number(row.id), first: row.first, last: row.last };
  }

  #insert(tenant: Tenant, key: string, first: bigint, last: bigint): KnownStream {
    const { lastInsertRowid } = this.#store
      .statement<[string, string, bigint, bigint]>(
        'INSERT INTO streams (tenant, labels, first, last) VALUES (?, ?, ?, ?)',
      )
      .run(tenant, key, first, last);
    return { id: Number(lastInsertRowid), first, last };
  }

  /** Another process may have widened it further. */
  #widen({ id, ...known }: KnownStream, first: bigint, last: bigint): KnownStream {
    this.#store
      .statement<[bigint, bigint, number]>('UPDATE streams SET first = min(first, ?), last = max(last, ?) WHERE id = ?')
      .run(first, last, id);
    return { id, first: first < known.first ? first : known.first, last: last > known.last ? last : known.last };
  }
}

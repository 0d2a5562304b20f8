/**
 * The forwarder's cache on disk: what it needs of it (../cache/entry.ts), and what commands do with it. Commits are not
 * flushed by themselves: `kill -9` loses nothing, a power loss the last seconds, and then they are asked for again.
 *
 *     ds dns cache flush ──▶ DELETE, and a row in flush ──▶ daemon sees another data version ──▶ flushesSince(its last)
 *                                     │                                                            └▶ forgets them, too
 *                                     └──▶ what a daemon stored before the flush and writes after it is left out
 */
import type { Clock } from '../../../platform/clock.js';
import type { Store } from '../../../platform/store/store.js';
import {
  type CacheEntry,
  type CacheFilter,
  type CacheFlush,
  type CacheStore,
  type EntryKey,
  type EntryKind,
  entryKinds,
  fits,
} from '../cache/entry.js';
import { Name } from '../name.js';

/** What the file keeps of the cache; entries whose time ends first go first. */
export interface CacheLimits {
  /** Default 200,000: with 300 octets each, some 80 MB with their indexes. */
  readonly mostEntries: number;
  /** Octets of responses. Default 128 MiB. */
  readonly mostBytes: number;
}

export const CACHE_LIMITS: CacheLimits = { mostEntries: 200_000, mostBytes: 128 * 1024 * 1024 };

/** When one of them is exceeded, so many entries go at once at least, so that the next writes need not look: 1/200. */
const PRUNED_SHARE = 200;

/** Flushes that are remembered; a daemon that has missed more forgets everything. */
const FLUSHES_KEPT = 1000;

/**
 * How long the daemon's writes wait for another process, milliseconds: meanwhile nobody is answered, and what was to be
 * written can be written later. (An import of a million records takes seconds to commit.)
 */
const WRITE_WAIT_MS = 20;

/** Rows that are read at a time. */
const ROWS_AT_A_TIME = 1000;

export interface CacheListOptions {
  /** Entries at most, the newest; default all. */
  readonly limit?: number;
}

export interface FlushReport {
  readonly flush: CacheFlush;
  /** Entries that were deleted from the file. */
  readonly deleted: number;
}

export interface CacheShelf extends CacheStore {
  /** As of CacheStore, written when it returns. Error: `storage.locked` at once when another process is writing. */
  write(saved: readonly CacheEntry[], removed: readonly EntryKey[]): void;
  /** Those that fit the filter, newest first, also the expired ones that are still there. */
  list(filter: CacheFilter, options?: CacheListOptions): CacheEntry[];
  /** Entries in the file. */
  count(): number;
  /** Deletes what fits the filter and notes it, so that running daemons forget it, too. */
  flush(filter: CacheFilter): FlushReport;
}

/** Name, type, class, variant. */
type KeyParameters = [Uint8Array, number, number, number];

interface CacheRow {
  readonly name: Buffer;
  readonly type: number;
  readonly class: number;
  readonly variant: number;
  readonly kind: string;
  readonly upstream: string;
  readonly response: Buffer;
  readonly stored_at: number;
  readonly expires_at: number;
  readonly stale_until: number;
}

interface FlushRow {
  readonly id: number;
  readonly at: number;
  readonly name: Buffer | null;
  readonly type: number | null;
  readonly upstream: string | null;
}

const KEY = 'name, type, class, variant';
const COLUMNS = `${KEY}, kind, upstream, response, stored_at, expires_at, stale_until`;
const SAVE = `INSERT INTO cache (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET kind = excluded.kind, upstream = excluded.upstream, response = excluded.response,
    stored_at = excluded.stored_at, expires_at = excluded.expires_at, stale_until = excluded.stale_until`;
const REMOVE = 'DELETE FROM cache WHERE name = ? AND type = ? AND class = ? AND variant = ?';
const PRUNE = `DELETE FROM cache WHERE (${KEY}) IN (SELECT ${KEY} FROM cache ORDER BY stale_until LIMIT ?)`;
/** The columns of an index come with those of the key, so that the next page begins where the last one ended. */
const PAGE = `SELECT ${COLUMNS} FROM cache WHERE (stored_at, ${KEY}) > (?, ?, ?, ?, ?) ORDER BY stored_at, ${KEY} LIMIT ?`;
/** Name and what is below it lie together; type and upstream are looked at in passing. */
const FITS = `(@from IS NULL OR (name >= @from AND name < @to)) AND (@type IS NULL OR type = @type)
  AND (@upstream IS NULL OR upstream = @upstream)`;

export class StoredCache implements CacheShelf {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #limits: CacheLimits;

  constructor(store: Store, clock: Clock, limits: CacheLimits = CACHE_LIMITS) {
    this.#store = store;
    this.#clock = clock;
    this.#limits = limits;
  }

  *load(now: number): Generator<CacheEntry> {
    const page = (after: [number, ...KeyParameters]) =>
      this.#store.read(() =>
        this.#store.statement<[number, ...KeyParameters, number], CacheRow>(PAGE).all(...after, ROWS_AT_A_TIME),
      );
    for (let rows = page([-1, new Uint8Array(), 0, 0, 0]); ; ) {
      for (const row of rows) {
        const entry = row.stale_until < now ? undefined : toEntry(row);
        if (entry !== undefined) yield entry;
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < ROWS_AT_A_TIME) return;
      rows = page([last.stored_at, last.name, last.type, last.class, last.variant]);
    }
  }

  write(saved: readonly CacheEntry[], removed: readonly EntryKey[]): void {
    if (saved.length + removed.length === 0) return;
    this.#store.write(
      () => {
        const remove = this.#store.statement<KeyParameters>(REMOVE);
        for (const key of removed) remove.run(...keyParameters(key));
        const oldest = saved.reduce((least, { storedAt }) => Math.min(least, storedAt), Number.POSITIVE_INFINITY);
        const flushes = this.#flushesFrom(oldest);
        const isFlushed = (entry: CacheEntry) =>
          flushes.some(({ at, filter }) => entry.storedAt <= at && fits(entry, filter));
        for (const entry of saved) if (!isFlushed(entry)) this.#save(entry);
        this.#prune();
      },
      { sync: 'normal', busyTimeoutMs: WRITE_WAIT_MS },
    );
  }

  list(filter: CacheFilter, options: CacheListOptions = {}): CacheEntry[] {
    const rows = this.#store.read(() =>
      this.#store
        .statement<[object], CacheRow>(
          `SELECT ${COLUMNS} FROM cache WHERE ${FITS} ORDER BY stored_at DESC LIMIT @limit`,
        )
        .all({ ...filterParameters(filter), limit: options.limit ?? -1 }),
    );
    return rows.flatMap((row) => toEntry(row) ?? []);
  }

  count(): number {
    return this.#standing().cache_rows;
  }

  flush(filter: CacheFilter): FlushReport {
    return this.#store.write(() => {
      const { changes } = this.#store
        .statement<[object]>(`DELETE FROM cache WHERE ${FITS}`)
        .run(filterParameters(filter));
      const { lastInsertRowid } = this.#store
        .statement<[number, Uint8Array | null, number | null, string | null]>(
          'INSERT INTO flush (at, name, type, upstream) VALUES (?, ?, ?, ?)',
        )
        .run(this.#clock.now(), filter.name?.sortKey() ?? null, filter.type ?? null, filter.upstream ?? null);
      const id = Number(lastInsertRowid);
      this.#store.statement<[number]>('DELETE FROM flush WHERE id <= ?').run(id - FLUSHES_KEPT);
      return { flush: { id, filter }, deleted: changes };
    });
  }

  dataVersion(): number {
    return this.#store.dataVersion();
  }

  lastFlush(): number {
    const row = this.#store.read(() =>
      this.#store.statement<[], { id: number | null }>('SELECT max(id) AS id FROM flush').get(),
    );
    return row?.id ?? 0;
  }

  flushesSince(id: number): CacheFlush[] {
    const rows = this.#flushRows('id > ?', id);
    const [first] = rows;
    const last = rows.at(-1);
    if (first === undefined || last === undefined) return [];
    // Some in between are not remembered any more.
    if (first.id > id + 1 && rows.length >= FLUSHES_KEPT) return [{ id: last.id, filter: {} }];
    return rows.map(toFlush);
  }

  #flushesFrom(at: number): { readonly at: number; readonly filter: CacheFilter }[] {
    return this.#flushRows('at >= ?', at).map((row) => ({ at: row.at, filter: toFlush(row).filter }));
  }

  #flushRows(where: string, parameter: number): FlushRow[] {
    const sql = `SELECT id, at, name, type, upstream FROM flush WHERE ${where} ORDER BY id`;
    // Infinity: nothing is to be saved.
    const bound = Math.min(parameter, Number.MAX_SAFE_INTEGER);
    return this.#store.read(() => this.#store.statement<[number], FlushRow>(sql).all(bound));
  }

  #save(entry: CacheEntry): void {
    const { kind, upstream, response, storedAt, expiresAt, staleUntil } = entry;
    this.#store
      .statement<[...KeyParameters, string, string, Uint8Array, number, number, number]>(SAVE)
      .run(...keyParameters(entry), kind, upstream, response, ...times(storedAt, expiresAt, staleUntil));
  }

  #prune(): void {
    const { mostEntries, mostBytes } = this.#limits;
    for (;;) {
      const { cache_rows: rows, cache_bytes: bytes } = this.#standing();
      if (rows <= mostEntries && bytes <= mostBytes) return;
      this.#store.statement<[number]>(PRUNE).run(Math.max(1, Math.ceil(rows / PRUNED_SHARE), rows - mostEntries));
    }
  }

  #standing(): { readonly cache_rows: number; readonly cache_bytes: number } {
    const row = this.#store.read(() =>
      this.#store
        .statement<[], { cache_rows: number; cache_bytes: number }>('SELECT cache_rows, cache_bytes FROM standing')
        .get(),
    );
    return row ?? { cache_rows: 0, cache_bytes: 0 };
  }
}

function keyParameters({ question, dnssecOk, checkingDisabled }: EntryKey): KeyParameters {
  const variant = (dnssecOk ? 1 : 0) | (checkingDisabled ? 2 : 0);
  return [question.name.sortKey(), question.type, question.class, variant];
}

/** SQLite has integers; a clock may have fractions. */
function times(...instants: [number, number, number]): [number, number, number] {
  const [storedAt, expiresAt, staleUntil] = instants;
  return [Math.floor(storedAt), Math.floor(expiresAt), Math.floor(staleUntil)];
}

/** Undefined for a row that a newer version has written. */
function toEntry(row: CacheRow): CacheEntry | undefined {
  if (!isKind(row.kind)) return undefined;
  return {
    question: { name: Name.fromSortKey(row.name), type: row.type, class: row.class },
    dnssecOk: (row.variant & 1) !== 0,
    checkingDisabled: (row.variant & 2) !== 0,
    kind: row.kind,
    response: row.response,
    upstream: row.upstream,
    storedAt: row.stored_at,
    expiresAt: row.expires_at,
    staleUntil: row.stale_until,
  };
}

const kinds: ReadonlySet<string> = new Set(entryKinds);
const isKind = (text: string): text is EntryKind => kinds.has(text);

function filterParameters({ name, type, upstream }: CacheFilter) {
  const from = name === undefined || name.isRoot ? null : name.sortKey();
  return { from, to: from && endOfSubtree(from), type: type ?? null, upstream: upstream ?? null };
}

/** What is below a name begins with its key, whose last octet is 00. */
function endOfSubtree(key: Uint8Array): Uint8Array {
  const end = Uint8Array.from(key);
  end[end.length - 1] = 1;
  return end;
}

function toFlush({ id, name, type, upstream }: FlushRow): CacheFlush {
  const filter = {
    ...(name === null ? {} : { name: Name.fromSortKey(name) }),
    ...(type === null ? {} : { type }),
    ...(upstream === null ? {} : { upstream }),
  };
  return { id, filter };
}

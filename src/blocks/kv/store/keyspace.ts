/**
 * All databases of a file, in turns. A turn is what arrives together: its changes are one row of the journal and one commit.
 *
 *     idle ──enter──▶ reading ──enter('write')──▶ writing ──endTurn: journal, COMMIT──▶ idle
 *                        │                          │
 *                        └──────endTurn──▶ idle     └──abandonTurn: ROLLBACK, memory as before──▶ idle
 *
 * Each turn sees one state of the file. When it begins, what other processes have committed since is read out of the journal, so that
 * what memory holds is always right. A writing turn holds the file's lock.
 */
import type { Clock } from '../../../platform/clock.js';
import type { DsError } from '../../../platform/errors.js';
import { storageErrors, translateStorageError } from '../../../platform/store/errors.js';
import type { Sync } from '../../../platform/store/pragmas.js';
import { openStore, type Store } from '../../../platform/store/store.js';
import type { ByteString } from '../bytes.js';
import { CollectionEntry, type CollectionType, type Entry } from '../entry.js';
import { Database } from './database.js';
import { Journal } from './journal.js';
import { Memory } from './memory.js';
import type { JournalRecord } from './records.js';
import { kvSchema } from './schema.js';
import { Standing } from './standing.js';
import { Tables } from './tables.js';
import { Undo } from './undo.js';

export const DATABASES = 16;
/** Of a turn's records, beyond which they are committed before the next command; answers wait for the end of the turn all the same. */
const MOST_TURN_BYTES = 4 * 1024 * 1024;

/**
 * Milliseconds from one look whether the file is still at its path to the next. Whoever removes a file takes with it what was acknowledged
 * before; with this, also what is acknowledged in the next moment. To look in each turn took a fifth of a turn with ten clients.
 */
const PLACE_GOOD_MS = 10;

/** No version that SQLite gives. */
const UNKNOWN_VERSION = -1;

export interface KeyspaceOptions {
  readonly path: string;
  readonly clock: Clock;
  /** As {@link Store}; a daemon that flushes by itself says `normal`. Default `full`. */
  readonly sync?: Sync;
  /** Bytes of memory for keys and values; what is not folded yet is held beyond it. Default 64 MiB. */
  readonly cacheBytes?: number;
  readonly mustExist?: boolean;
  readonly busyTimeoutMs?: number;
  readonly maxPages?: number;
  /** As {@link Store}'s. */
  readonly checkpointPages?: number;
}

const DEFAULT_CACHE_BYTES = 64 * 1024 * 1024;

export class Keyspace {
  readonly store: Store;
  readonly tables: Tables;
  readonly memory: Memory;
  readonly databases: readonly Database[];
  readonly standing: Standing;
  readonly journal: Journal;
  /** Milliseconds since the epoch, the same throughout a command. */
  now = 0;
  /** Of the last change, of whoever made it. */
  revision = 0;
  /** Rows that became unreachable here and are not swept yet, roughly. */
  unreachableRows = 0;
  /** Called with each list or sorted set that was written: somebody may be waiting for it. */
  onCollection: ((database: number, key: ByteString) => void) | undefined;
  /** Called when a database was emptied or took another's place, a turn was undone, or what others wrote is not known one by one. */
  onFlush: (() => void) | undefined;

  readonly #clock: Clock;
  readonly #undo = new Undo();
  #state: 'idle' | 'reading' | 'writing' = 'idle';
  #dataVersion = UNKNOWN_VERSION;
  /** On the monotonic clock. */
  #placeLookedAt = Number.NEGATIVE_INFINITY;

  constructor(options: KeyspaceOptions) {
    const { path, clock, cacheBytes = DEFAULT_CACHE_BYTES } = options;
    this.store = openStore(kvSchema, {
      path,
      ...(options.sync !== undefined && { sync: options.sync }),
      ...(options.mustExist !== undefined && { mustExist: options.mustExist }),
      ...(options.busyTimeoutMs !== undefined && { busyTimeoutMs: options.busyTimeoutMs }),
      ...(options.checkpointPages !== undefined && { checkpointPages: options.checkpointPages }),
      ...(options.maxPages !== undefined && { maxPages: options.maxPages }),
    });
    this.#clock = clock;
    this.now = clock.now();
    this.standing = new Standing(this.store);
    this.tables = new Tables(this.store);
    this.memory = new Memory(DATABASES, cacheBytes);
    this.journal = new Journal(this.store);
    this.databases = Array.from({ length: DATABASES }, (_, number) => new Database(this, number));
    try {
      this.#view(() => this.#loadAll());
    } catch (error) {
      this.store.close();
      throw this.explained(error);
    }
  }

  get inTurn(): boolean {
    return this.#state !== 'idle';
  }

  get writing(): boolean {
    return this.#state === 'writing';
  }

  database(number: number): Database {
    const database = this.databases[number];
    if (database === undefined) throw new TypeError(`there is no database ${number}`);
    return database;
  }

  /** To be called before each command: brings the turn as far as the command needs it, and stops the clock. Errors: `storage.*`. */
  enter(mode: 'read' | 'write'): void {
    this.now = this.#clock.now();
    if (this.#state === 'writing' || (this.#state === 'reading' && mode === 'read')) return;
    if (this.#state === 'reading') this.store.commit();
    this.#state = 'idle';
    this.#begin(mode);
    try {
      this.#refresh();
    } catch (error) {
      // What was read so far is right; the rest is asked for the next time.
      this.#dataVersion = UNKNOWN_VERSION;
      this.store.rollback();
      throw this.explained(error);
    }
    this.#state = mode === 'write' ? 'writing' : 'reading';
    if (mode === 'write') this.#undo.begin(this);
  }

  #begin(mode: 'read' | 'write'): void {
    const now = this.#clock.monotonic();
    const checkPlace = mode === 'write' && now - this.#placeLookedAt >= PLACE_GOOD_MS;
    this.store.begin(mode, { checkPlace });
    if (checkPlace) this.#placeLookedAt = now;
  }

  /** Records enough for a commit of their own; not to be called within a transaction of the user's. */
  get turnIsLarge(): boolean {
    return this.journal.pendingBytes > MOST_TURN_BYTES;
  }

  /** Commits. Returns whether anything was written, so that somebody must flush it. When it throws the turn is undone. */
  endTurn(): boolean {
    if (this.#state === 'idle') return false;
    try {
      const wrote = this.journal.append(this.revision, this.#clock.now(), this.sizes());
      this.store.commit();
      this.#state = 'idle';
      this.#undo.forget();
      this.memory.forgetSome();
      return wrote;
    } catch (error) {
      this.abandonTurn();
      throw this.explained(error);
    }
  }

  /** Undoes everything since the turn began. */
  abandonTurn(): void {
    if (this.#state === 'idle') return;
    const wrote = this.#state === 'writing';
    this.#state = 'idle';
    this.journal.drop();
    if (wrote) {
      this.#undo.restore(this);
      this.onFlush?.();
    }
    // Numbers of the store that were set in the turn are read again, too.
    this.#dataVersion = UNKNOWN_VERSION;
    this.store.rollback();
  }

  /** What SQLite threw at a statement, as an error of the storage catalogue; others as they are. */
  explained(error: unknown): unknown {
    return translateStorageError(error, this.store.path);
  }

  /** Runs `work` as a turn of its own, unless there is one. */
  turn<T>(mode: 'read' | 'write', work: () => T): T {
    if (this.inTurn) {
      this.enter(mode);
      return work();
    }
    this.enter(mode);
    try {
      const result = work();
      this.endTurn();
      return result;
    } catch (error) {
      this.abandonTurn();
      throw this.explained(error);
    }
  }

  /** A number for the rows of a new collection. */
  newOwner(): number {
    return this.standing.next('owner');
  }

  /** The entry of a new collection, not put anywhere yet. */
  newCollection(type: CollectionType): CollectionEntry {
    return new CollectionEntry(type, this.newOwner(), 0, false, 0, undefined, 0);
  }

  /** Rows of this owner cannot be reached any more. */
  discard(entry: Entry | undefined): void {
    if (entry === undefined || entry.type === 'string') return;
    this.tables.addGarbage('owner', entry.owner);
    // A member of a sorted set has a row by its name and one by its score.
    this.unreachableRows += entry.type === 'zset' ? 2 * entry.count : entry.count;
  }

  /** For Database alone: a change, whose record goes into the turn's row. */
  changed(record: string): void {
    this.journal.add(record);
  }

  nextRevision(): number {
    return ++this.revision;
  }

  get undo(): Undo {
    return this.#undo;
  }

  /** The number of the database that has this space, if any. */
  databaseOfSpace(space: number): Database | undefined {
    return this.databases.find((database) => database.space === space);
  }

  close(): void {
    if (this.inTurn) this.abandonTurn();
    this.store.close();
  }

  /** Keys of each database, then those that have a time. */
  sizes(): number[] {
    return [...this.databases.map(({ size }) => size), ...this.databases.map(({ volatile }) => volatile)];
  }

  #view<T>(work: () => T): T {
    this.store.begin('read');
    try {
      return work();
    } finally {
      this.store.rollback();
    }
  }

  /** What others have committed since the last look. */
  #refresh(): void {
    const version = this.store.dataVersion();
    if (version === this.#dataVersion) return;
    const missed = this.journal.since(this.revision);
    if (missed === undefined) {
      this.#loadAll();
      this.onFlush?.();
      return;
    }
    this.standing.reload();
    this.memory.folded(this.standing.folded);
    for (const row of missed) this.#apply(row);
    this.#dataVersion = version;
  }

  #loadAll(): void {
    const version = this.store.dataVersion();
    this.standing.reload();
    this.memory.clear();
    this.#loadSpaces();
    this.revision = this.standing.folded;
    this.setSizes(this.tables.sizes());
    for (const { number, space } of this.databases) if (!this.tables.hasAny(space)) this.memory.setComplete(number);
    const rows = this.journal.since(this.revision);
    if (rows === undefined) throw damagedJournal(this.store.path);
    for (const row of rows) this.#apply(row);
    this.#dataVersion = version;
  }

  #apply(row: { readonly sizes: readonly number[]; readonly records: readonly JournalRecord[] }): void {
    for (const { kind, database, key, entry, revision } of row.records) {
      this.revision = revision;
      if (kind === 'flush') {
        for (const one of this.databases)
          if (database === undefined || one.number === database) this.memory.clear(one.number);
        this.#loadSpaces();
        this.onFlush?.();
      } else if (database !== undefined) {
        this.memory.learn(database, key, entry);
        if (entry?.type === 'list' || entry?.type === 'zset') this.onCollection?.(database, key);
      }
    }
    this.setSizes(row.sizes);
  }

  #loadSpaces(): void {
    for (const { number, space } of this.tables.spaces()) this.database(number).space = space;
  }

  setSizes(sizes: readonly number[]): void {
    for (const database of this.databases) {
      database.size = sizes[database.number] ?? 0;
      database.volatile = sizes[DATABASES + database.number] ?? 0;
    }
  }
}

/** The journal has lost rows that are not folded: nothing that ds does. */
function damagedJournal(path: string): DsError {
  return storageErrors.error('storage.corrupt', `${path} is damaged: its journal has lost what is not in its table`, {
    hint: 'go back to a backup, as ds kv backup makes them',
    details: { path },
  });
}
